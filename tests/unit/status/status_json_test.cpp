#define CAF_SUITE status_json
#include "tests/support/test.hpp"

#include "runtime/node/status_json.hpp"

#include <boost/json.hpp>

using namespace mp;
using namespace std::chrono_literals;

namespace {

node_facts usual_facts() {
  node_facts facts;
  facts.version = "0.1.0";
  facts.model = "llava:latest";
  facts.topic = "eater-send-photo";
  facts.uptime = 61'250ms;
  facts.said =
    status_response{true, {true, "", true, ""}, {{"http://a:11434", true, host_condition::usable}}, {4, false}};
  facts.table = {2, 3, 1, 4096};
  facts.actors.actors = {{"producer", child_phase::running, 1}, {"ollama_worker/1", child_phase::waiting, 0}};
  facts.actors.crashes = {{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 10h + 123ms, "producer",
                           "Kafka producer: _FATAL", 1, 103'400us}};
  return facts;
}

boost::json::value parsed(const node_facts& facts) { return boost::json::parse(status_json(facts)); }

std::string text(const boost::json::value& value) { return boost::json::serialize(value); }

} // namespace

TEST_CASE("the status says version, health, hosts, intake, actors and crashes, byte for byte") {
  CHECK_EQ(status_json(usual_facts()),
           R"({"version":"0.1.0","uptime_ms":61250,"model":"llava:latest",)"
           R"("health":{"status":"ok","detail":""},"ready":{"ready":true,"reason":""},)"
           R"("hosts":[{"name":"http://a:11434","condition":"usable","usable":true}],)"
           R"("intake":{"topic":"eater-send-photo","partitions":4,"draining":false,"paused":false,)"
           R"("waiting":2,"in_flight":3,"publishing":1,"held_bytes":4096},)"
           R"("actors":[{"name":"producer","state":"running","restarts":1},)"
           R"({"name":"ollama_worker/1","state":"waiting","restarts":0}],)"
           R"("crashes":[{"time":"2026-11-23T10:00:00.123Z","actor":"producer","reason":"Kafka producer: _FATAL",)"
           R"("attempt":1,"restart_in_ms":103}]})"
           "\n");
}

TEST_CASE("health and readiness come with their reasons") {
  auto facts = usual_facts();
  facts.said->health = {false, "a: not reachable", false, "no usable model host: a: not reachable"};
  facts.said->intake = {0, true};
  auto said = parsed(facts);
  CHECK_EQ(text(said.at("health")), R"({"status":"degraded","detail":"a: not reachable"})");
  CHECK_EQ(text(said.at("ready")), R"({"ready":false,"reason":"no usable model host: a: not reachable"})");
  CHECK(said.at("intake").at("draining").as_bool());
}

TEST_CASE("every condition of a host has a name, also that nobody has looked yet") {
  auto facts = usual_facts();
  facts.said->hosts = {{"a", false, host_condition::usable},       {"b", true, host_condition::unreachable},
                       {"c", true, host_condition::not_ollama},    {"d", true, host_condition::model_missing},
                       {"e", true, host_condition::model_failed},  {"f", true, host_condition::busy},
                       {"g", true, host_condition::model_differs}, {"h", true, host_condition::not_trusted}};
  auto said = parsed(facts);
  std::string conditions;
  for (const auto& each : said.at("hosts").as_array()) {
    conditions += text(each.at("condition"));
    CHECK(!each.at("usable").as_bool());
  }
  CHECK_EQ(conditions,
           R"("not_probed""unreachable""not_ollama""model_missing""model_failed""busy""model_differs""not_trusted")");
}

TEST_CASE("when the monitor or the dispatcher is silent, the rest is still there") {
  auto facts = usual_facts();
  facts.said->dispatcher_answers = false;
  CHECK_EQ(text(parsed(facts).at("health")), R"({"status":"error","detail":"the service's actors do not answer"})");
  CHECK_EQ(parsed(facts).at("hosts").as_array().size(), 1u);
  facts.said.reset();
  auto said = parsed(facts);
  CHECK_EQ(text(said.at("ready")), R"({"ready":false,"reason":"the service's actors do not answer"})");
  CHECK(said.at("hosts").as_array().empty());
  CHECK_EQ(said.at("actors").as_array().size(), 2u);
  CHECK_EQ(said.at("crashes").as_array().size(), 1u);
  CHECK_EQ(said.at("intake").at("waiting").as_int64(), 2);
}

TEST_CASE("a crash without a restart has none, and a reason of any bytes and length stays valid and short") {
  auto facts = usual_facts();
  auto& crash = facts.actors.crashes[0];
  crash.restart_in.reset();
  crash.reason = "a \"quoted\"\n\xFF" + std::string(100'000, 'x');
  auto said = parsed(facts).at("crashes").at(0);
  CHECK(said.at("restart_in_ms").is_null());
  CHECK_LT(said.at("reason").as_string().size(), 600u);
  CHECK(said.at("reason").as_string().starts_with("a \"quoted\"\n\xEF\xBF\xBD"));
}
