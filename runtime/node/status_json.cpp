#include "runtime/node/status_json.hpp"

#include "actors/telemetry/log_line.hpp"
#include "messages/iso_8601.hpp"
#include "messages/json/utf8.hpp"

#include <boost/json.hpp>

namespace mp {
namespace {

namespace json = boost::json;

// As in a log line: the reason of a crash is the text of an exception, which may be of any length.
constexpr std::size_t reason_bytes_max = log::value_bytes_max;

std::string_view name_of(child_phase phase) {
  switch (phase) {
    case child_phase::waiting: return "waiting";
    case child_phase::running: return "running";
    case child_phase::stopping: return "stopping";
    case child_phase::ended: return "ended";
    case child_phase::abandoned: return "abandoned";
  }
  return "waiting";
}

std::string_view name_of(host_condition condition) {
  switch (condition) {
    case host_condition::usable: return "usable";
    case host_condition::unreachable: return "unreachable";
    case host_condition::not_ollama: return "not_ollama";
    case host_condition::model_missing: return "model_missing";
    case host_condition::busy: return "busy";
    case host_condition::model_failed: return "model_failed";
    case host_condition::model_differs: return "model_differs";
    case host_condition::not_trusted: return "not_trusted";
  }
  return "unreachable";
}

json::object health_of(const std::optional<status_response>& said) {
  if (!said || !said->dispatcher_answers)
    return {{"status", "error"}, {"detail", actors_silent}};
  return {{"status", said->health.healthy ? "ok" : "degraded"}, {"detail", said->health.detail}};
}

json::object readiness_of(const std::optional<status_response>& said) {
  if (!said || !said->dispatcher_answers)
    return {{"ready", false}, {"reason", actors_silent}};
  return {{"ready", said->health.ready}, {"reason", said->health.not_ready_reason}};
}

json::array hosts_of(const std::optional<status_response>& said) {
  json::array hosts;
  if (said)
    for (const auto& each : said->hosts)
      hosts.push_back({{"name", each.name},
                       {"condition", each.probed ? name_of(each.condition) : "not_probed"},
                       {"usable", each.probed && each.condition == host_condition::usable}});
  return hosts;
}

json::object intake_of(const node_facts& facts) {
  auto intake = facts.said ? facts.said->intake : intake_state{};
  return {{"topic", facts.topic},
          {"partitions", intake.partitions},
          {"draining", intake.draining},
          {"paused", intake.intake_paused},
          {"waiting", facts.table.waiting},
          {"in_flight", facts.table.in_flight},
          {"publishing", facts.table.publishing},
          {"held_bytes", facts.table.bytes}};
}

json::object nodes_of(const nodes_response& said) {
  json::array nodes;
  for (const auto& each : said.nodes)
    nodes.push_back({{"name", mend_utf8(each.name)},
                     {"version", mend_utf8(each.version)},
                     {"slots", each.slots},
                     {"offered", each.offered},
                     {"in_flight", each.in_flight},
                     {"heartbeat_age_ms", each.heartbeat_age.count()},
                     {"window_bytes", each.window_bytes}});
  return {{"nodes", nodes},
          {"lost", said.lost},
          {"held_calls_offered", said.offered},
          {"held_calls_adopted", said.adopted},
          {"late_answers", said.late},
          {"held", said.held},
          {"held_bytes", said.held_bytes}};
}

json::array actors_of(const actor_report& report) {
  json::array actors;
  for (const auto& each : report.actors)
    actors.push_back({{"name", each.address}, {"state", name_of(each.phase)}, {"restarts", each.restarts}});
  return actors;
}

json::array crashes_of(const actor_report& report) {
  json::array crashes;
  for (const auto& each : report.crashes) {
    json::value restart_in;
    if (each.restart_in)
      restart_in = std::chrono::round<std::chrono::milliseconds>(*each.restart_in).count();
    crashes.push_back({{"time", iso_8601(each.time)},
                       {"actor", each.address},
                       {"reason", mend_utf8(std::string_view{each.reason}.substr(0, reason_bytes_max))},
                       {"attempt", each.restarts},
                       {"restart_in_ms", restart_in}});
  }
  return crashes;
}

} // namespace

std::string status_json(const node_facts& facts) {
  json::object all{
    {"version", facts.version},        {"uptime_ms", facts.uptime.count()}, {"model", facts.model},
    {"health", health_of(facts.said)}, {"ready", readiness_of(facts.said)}, {"hosts", hosts_of(facts.said)},
    {"intake", intake_of(facts)},      {"actors", actors_of(facts.actors)}, {"crashes", crashes_of(facts.actors)}};
  if (facts.nodes)
    all["worker_nodes"] = nodes_of(*facts.nodes);
  return json::serialize(all) + "\n";
}

} // namespace mp
