#include "runtime/node/status_pages.hpp"

#include "messages/json/json_text.hpp"
#include "runtime/node/status_json.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/importer/process.hpp>

#include <algorithm>
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

template <class Answer, class Question>
std::optional<Answer> ask(caf::actor_system& system, const introductions& directory, Question question) {
  auto monitor = directory.monitor();
  if (!monitor)
    return std::nullopt;
  std::optional<Answer> said;
  caf::scoped_actor self{system};
  self->request(monitor, answer_patience, question)
    .receive([&](const Answer& answer) { said = answer; }, [](const caf::error&) {});
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

} // namespace

status_answer health_page(caf::actor_system& system, const introductions& directory, const std::string& model) {
  auto said = ask<health_answer>(system, directory, health_question{});
  if (!said)
    return {503, object({{"status", "error"}, {"model", model}, {"detail", actors_silent}})};
  if (!said->healthy)
    return {200, object({{"status", "degraded"}, {"model", model}, {"detail", said->detail}})};
  return {200, object({{"status", "ok"}, {"model", model}})};
}

status_answer ready_page(caf::actor_system& system, const introductions& directory, const std::string& topic) {
  auto said = ask<health_answer>(system, directory, health_question{});
  if (!said)
    return {503, object({{"status", "not ready"}, {"topic", topic}, {"reason", actors_silent}})};
  if (!said->ready)
    return {503, object({{"status", "not ready"}, {"topic", topic}, {"reason", said->not_ready_reason}})};
  return {200, object({{"status", "ready"}, {"topic", topic}})};
}

status_answer status_page(caf::actor_system& system, const introductions& directory, node_facts facts) {
  facts.said = ask<node_report>(system, directory, status_question{});
  return {200, status_json(facts)};
}

status_answer crash_page(const supervisor_actor& root, const std::vector<std::string>& names, std::string_view actor) {
  if (std::find(names.begin(), names.end(), actor) == names.end()) {
    std::string json = R"({"error":"no such actor","actors":[)";
    for (const auto& each : names) {
      if (&each != &names.front())
        json += ',';
      append_string_literal(json, each);
    }
    return {404, json += "]}\n"};
  }
  if (!root)
    return {503, object({{"error", actors_silent}})};
  caf::anon_send(root, crash_order{std::string{actor}});
  return {202, object({{"crashing", actor}})};
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
