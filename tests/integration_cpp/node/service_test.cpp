#define CAF_SUITE service
#include "tests/support/test.hpp"

#include "runtime/config/load.hpp"
#include "runtime/demo/embedded_broker.hpp"
#include "runtime/node/service.hpp"
#include "tests/support/log_lines.hpp"

#include <boost/json.hpp>
#include <httplib.h>

#include <thread>

using namespace mp;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

/// A service with a broker and without a model host, and what it logs.
struct service_world {
  embedded_broker broker{{{"eater-send-photo", 2}}};
  log_lines logged;
  std::unique_ptr<service> running;

  explicit service_world(bool chaos, service_extras extras = {}) {
    auto chosen = config::default_settings();
    chosen.bootstrap_server = broker.bootstrap();
    chosen.ollama_hosts = {*config::parse_host_address("http://127.0.0.1:9")};
    chosen.listen_address = "127.0.0.1";
    chosen.port = 0;
    chosen.chaos = chaos;
    chosen.api_token = "token";
    extras.consumer_properties = embedded_broker::consumer_properties();
    running = std::make_unique<service>(chosen, extras);
  }
  ~service_world() {
    if (running) {
      running->stop();
      running->stop(); // no request is under way
      end();
    }
  }
  service_world(const service_world&) = delete;

  /// Waits for the end; the exit code.
  int end() {
    auto code = running->wait();
    running.reset();
    return code;
  }

  httplib::Result get(const std::string& path) const { return client().Get(path); }
  httplib::Result post(const std::string& path) const { return client().Post(path); }
  httplib::Client client() const {
    httplib::Client made{"127.0.0.1", running->port()};
    made.set_read_timeout(10s);
    made.set_bearer_token_auth("token");
    return made;
  }

  json::value status() const { return json::parse(get("/api/status")->body); }

  std::string state_of(std::string_view actor) const {
    auto said = status();
    for (const auto& each : said.at("actors").as_array())
      if (each.at("name").as_string() == actor)
        return json::value_to<std::string>(each.at("state"));
    return "unknown";
  }

  bool comes_to_be(const std::function<bool()>& what) const {
    for (int i = 0; i < 500; ++i) {
      if (what())
        return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
};

} // namespace

TEST_CASE("a crash over HTTP is an event in the log, in the metrics and in the status, and heals") {
  service_world world{true};
  REQUIRE(world.comes_to_be([&] { return world.state_of("sanitizer") == "running"; }));
  auto ordered = world.post("/debug/crash/sanitizer");
  REQUIRE(ordered);
  CHECK_EQ(ordered->status, 202);
  CHECK_EQ(ordered->body, "{\"crashing\":\"sanitizer\"}\n");
  REQUIRE(world.comes_to_be([&] { return world.status().at("crashes").as_array().size() == 1; }));
  REQUIRE(world.comes_to_be([&] { return world.state_of("sanitizer") == "running"; }));
  auto crash = world.status().at("crashes").at(0);
  CHECK_EQ(crash.at("actor").as_string(), "sanitizer");
  CHECK_EQ(crash.at("reason").as_string(), "crash on demand");
  CHECK_EQ(crash.at("attempt").as_int64(), 1);
  CHECK_GT(crash.at("restart_in_ms").as_int64(), 50);
  CHECK_EQ(world.logged.with("event=actor_crashed actor=sanitizer reason=\"crash on demand\"").size(), 1u);
  auto metrics = world.get("/metrics")->body;
  CHECK_NE(metrics.find("\nmodels_processor_actor_crashes_total{actor=\"sanitizer\"} 1\n"), std::string::npos);
  CHECK_NE(metrics.find("\nmodels_processor_actor_restarts_total{actor=\"sanitizer\"} 1\n"), std::string::npos);
}

TEST_CASE("the status says what is there and what is missing") {
  service_world world{false};
  REQUIRE(world.comes_to_be([&] { return world.status().at("intake").at("partitions").as_int64() == 2; }));
  REQUIRE(world.comes_to_be([&] { return world.status().at("hosts").at(0).at("condition") == "unreachable"; }));
  auto said = world.status();
  CHECK_EQ(said.at("version").as_string(), MP_VERSION);
  CHECK_GE(said.at("uptime_ms").as_int64(), 0);
  CHECK_EQ(said.at("health").at("status").as_string(), "degraded");
  CHECK(!said.at("ready").at("ready").as_bool());
  CHECK_EQ(said.at("intake").at("held_bytes").as_int64(), 0);
  CHECK_EQ(said.at("actors").as_array().size(), 4u + 6u + 5u); // branches, single actors (sanitizers: two), workers
  CHECK(said.at("crashes").as_array().empty());
}

TEST_CASE("the metrics have the mailbox of each kind of actor, empty when nothing is to be done, also after crashes") {
  service_world world{true};
  REQUIRE(world.comes_to_be([&] { return world.state_of("sanitizer") == "running"; }));
  for (const auto* each : {"sanitizer", "ollama_worker/1", "dispatcher", "health_monitor"})
    REQUIRE(world.post("/debug/crash/" + std::string{each}));
  REQUIRE(world.comes_to_be([&] { return world.status().at("crashes").as_array().size() == 4; }));
  for (const auto* each : {"health_monitor", "producer", "sanitizer", "sanitizer/long", "dispatcher", "kafka_reader",
                           "ollama_worker", "supervisor"})
    CHECK(world.comes_to_be([&] {
      return world.get("/metrics")->body.find("\ncaf_actor_mailbox_size{name=\"" + std::string{each} + "\"} 0\n")
             != std::string::npos;
    }));
}

TEST_CASE("an actor that nobody knows is not found, and the names of all others are told") {
  service_world world{true};
  auto answer = world.post("/debug/crash/nobody");
  REQUIRE(answer);
  CHECK_EQ(answer->status, 404);
  auto names = json::parse(answer->body).at("actors").as_array();
  for (const auto* each : {"root", "intake", "dispatcher", "kafka_reader", "ollama_worker", "ollama_worker/4"})
    CHECK(std::find(names.begin(), names.end(), each) != names.end());
}

TEST_CASE("without CHAOS there is no path for crashes") {
  service_world world{false};
  auto answer = world.post("/debug/crash/sanitizer");
  REQUIRE(answer);
  CHECK_EQ(answer->status, 404);
  CHECK_EQ(answer->body, R"({"error":"not found"})");
}

TEST_CASE("the root giving up ends the service with exit code 70 and one line: which child, how often, why") {
  service_world world{true, {node_role::reader, {}, restart_intensity{0, 60s}}};
  REQUIRE(world.comes_to_be([&] { return world.state_of("sanitizer") == "running"; }));
  REQUIRE(world.post("/debug/crash/sanitizer"));
  CHECK_EQ(world.end(), 70);
  auto lines = world.logged.with("event=service_gave_up");
  REQUIRE_EQ(lines.size(), 1u);
  CHECK_NE(lines[0].find("reason=\"root gives up: 1 crash within 60 s, the last one of outbound: "
                         "outbound gives up: 1 crash within 60 s, the last one of sanitizer: crash on demand\""),
           std::string::npos);
}
