#include "runtime/node/status_pages.hpp"

#include "runtime/node/status_json.hpp"

#include <boost/json.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/importer/process.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

namespace mp {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

// Longer than the monitor gives the dispatcher, shorter than the timeout of the usual probe.
constexpr auto answer_timeout = 2500ms;

template <class Answer, class Question>
std::optional<Answer> ask(caf::actor_system& system, const actor_directory& directory, Question question) {
  auto monitor = directory.monitor();
  if (!monitor)
    return std::nullopt;
  std::optional<Answer> said;
  caf::scoped_actor self{system};
  self->request(monitor, answer_timeout, question)
    .receive([&](const Answer& answer) { said = answer; }, [](const caf::error&) {});
  return said;
}

std::optional<nodes_response> ask_nodes(caf::actor_system& system, const actor_directory& directory) {
  std::optional<nodes_response> said;
  caf::scoped_actor self{system};
  auto take = [&](const nodes_response& answer) { said = answer; };
  if (auto nodes = directory.worker_nodes())
    self->request(nodes, answer_timeout, nodes_request{}).receive(take, [](const caf::error&) {});
  else if (auto link = directory.node_link())
    self->request(link, answer_timeout, nodes_request{}).receive(take, [](const caf::error&) {});
  return said;
}

/// One line of JSON.
std::string line(const json::object& members) { return json::serialize(members) + "\n"; }

} // namespace

status::status_answer health_page(caf::actor_system& system, const actor_directory& directory,
                                  const std::string& model) {
  auto said = ask<health_response>(system, directory, health_request{});
  if (!said)
    return {503, line({{"status", "error"}, {"model", model}, {"detail", actors_silent}})};
  if (!said->healthy)
    return {200, line({{"status", "degraded"}, {"model", model}, {"detail", said->detail}})};
  return {200, line({{"status", "ok"}, {"model", model}})};
}

status::status_answer ready_page(caf::actor_system& system, const actor_directory& directory,
                                 const std::string& topic) {
  auto said = ask<health_response>(system, directory, health_request{});
  if (!said)
    return {503, line({{"status", "not ready"}, {"topic", topic}, {"reason", actors_silent}})};
  if (!said->ready)
    return {503, line({{"status", "not ready"}, {"topic", topic}, {"reason", said->not_ready_reason}})};
  return {200, line({{"status", "ready"}, {"topic", topic}})};
}

status::status_answer status_page(caf::actor_system& system, const actor_directory& directory, node_facts facts) {
  facts.said = ask<status_response>(system, directory, status_request{});
  facts.nodes = ask_nodes(system, directory);
  return {200, status_json(facts)};
}

status::status_answer crash_page(const supervisor_actor& root, const std::vector<std::string>& names,
                                 std::string_view actor) {
  if (std::find(names.begin(), names.end(), actor) == names.end())
    return {404, line({{"error", "no such actor"}, {"actors", json::array(names.begin(), names.end())}})};
  if (!root)
    return {503, line({{"error", actors_silent}})};
  caf::anon_send(root, crash_order{std::string{actor}});
  return {202, line({{"crashing", actor}})};
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
