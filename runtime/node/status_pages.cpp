#include "runtime/node/status_pages.hpp"

#include "messages/wire/json_text.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/importer/process.hpp>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace mp {
namespace {

using namespace std::chrono_literals;

// Longer than the monitor gives the dispatcher, shorter than the patience of the usual probe.
constexpr auto answer_patience = 2500ms;

std::optional<health_answer> ask(caf::actor_system& system, const introductions& directory) {
  auto monitor = directory.monitor();
  if (!monitor)
    return std::nullopt;
  std::optional<health_answer> said;
  caf::scoped_actor self{system};
  self->request(monitor, answer_patience, health_question{})
    .receive([&](const health_answer& answer) { said = answer; }, [](const caf::error&) {});
  return said;
}

std::string object(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  std::string json{"{"};
  for (const auto& [name, value] : members) {
    if (json.size() > 1)
      json += ',';
    append_string_literal(json, name);
    json += ':';
    append_string_literal(json, value);
  }
  return json += "}\n";
}

constexpr std::string_view silent = "the service's actors do not answer";

} // namespace

status_answer health_page(caf::actor_system& system, const introductions& directory, const std::string& model) {
  auto said = ask(system, directory);
  if (!said)
    return {503, object({{"status", "error"}, {"model", model}, {"detail", silent}})};
  if (!said->healthy)
    return {200, object({{"status", "degraded"}, {"model", model}, {"detail", said->detail}})};
  return {200, object({{"status", "ok"}, {"model", model}})};
}

status_answer ready_page(caf::actor_system& system, const introductions& directory, const std::string& topic) {
  auto said = ask(system, directory);
  if (!said)
    return {503, object({{"status", "not ready"}, {"topic", topic}, {"reason", silent}})};
  if (!said->ready)
    return {503, object({{"status", "not ready"}, {"topic", topic}, {"reason", said->not_ready_reason}})};
  return {200, object({{"status", "ready"}, {"topic", topic}})};
}

std::string metrics_page(caf::actor_system& system) {
  caf::telemetry::importer::process process{system.metrics()};
  process.update();
  caf::telemetry::collector::prometheus collector;
  auto collected = collector.collect_from(system.metrics());
  std::string_view text{collected.data(), collected.size()};
  // CAF ends every sample with the time of the scrape, which Prometheus knows better.
  std::string page;
  page.reserve(text.size());
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (!line.empty() && line.front() != '#')
      line = line.substr(0, line.rfind(' '));
    page.append(line).append("\n");
  }
  return page;
}

} // namespace mp
