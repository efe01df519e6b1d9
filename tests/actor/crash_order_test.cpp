#define CAF_SUITE crash_order
#include "tests/support/test.hpp"

#include "actors/crash.hpp"
#include "actors/telemetry/log.hpp"
#include "runtime/node/status_json.hpp"
#include "tests/support/service_world.hpp"

using namespace mp;
using namespace mp::test;

namespace {

/// A tree at work, and what is logged of it.
struct working_world : service_world {
  std::vector<std::string> lines;

  working_world() : service_world(2) {
    start();
    ask(8);
    CAF_REQUIRE(run_until([&] { return all_done(); }));
    log::configure(log::level::warning, log::line_format::logfmt,
                   [this](std::string_view line) { lines.emplace_back(line); });
  }
  ~working_world() {
    log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
  }

  void order(const std::string& actor) {
    caf::anon_send(root, crash_order{actor});
    run();
  }

  /// Names of those of `before` that do not live any more.
  std::vector<std::string> missing(const std::map<caf::actor_id, std::string>& before) {
    auto after = population();
    std::vector<std::string> names;
    for (const auto& [id, name] : before)
      if (!after.contains(id))
        names.push_back(name);
    return names;
  }

  std::string status() {
    node_facts facts;
    facts.actors = config.journal->report();
    return status_json(facts);
  }
};

const std::vector<std::string> one_actor_each = {
  "health_monitor", "producer",        "sanitizer",       "sanitizer/long",  "dispatcher",
  "kafka_reader",   "ollama_worker/0", "ollama_worker/1", "ollama_worker/2", "ollama_worker/3"};

/// Without the number that tells those of one name apart.
std::string name_in(const std::string& address) {
  const auto last = address.find_last_not_of("0123456789");
  return last + 1 < address.size() && address[last] == '/' ? address.substr(0, last) : address;
}

} // namespace

TEST_CASE("each actor of the tree crashes on demand, is there again, and nobody else has noticed") {
  for (const auto& address : one_actor_each) {
    working_world world;
    auto before = world.population();
    world.order(address);
    CHECK(world.missing(before) == std::vector<std::string>{name_in(address)});
    world.live(1s);
    CHECK_EQ(world.population().size(), before.size());
    CHECK(world.missing(before) == std::vector<std::string>{name_in(address)});
    world.ask(8);
    CHECK(world.run_until([&] { return world.all_done(); }));
    CHECK_EQ(world.complaint(), "");
  }
}

TEST_CASE("each crash is an event in the log, in the metrics and in the status") {
  auto all = one_actor_each;
  all.insert(all.end(), {"health", "outbound", "intake", "workers"});
  for (const auto& address : all) {
    working_world world;
    world.order(address);
    auto crashes = std::count_if(world.lines.begin(), world.lines.end(), [](const std::string& line) {
      return line.find("actor_crashed") != std::string::npos;
    });
    CHECK_EQ(crashes, 1);
    REQUIRE(!world.lines.empty());
    for (const auto& part : {"event=actor_crashed actor=" + address + " ", std::string{"reason=\"crash on demand\""},
                             std::string{"attempt=1 restart_in_ms=100"}})
      CHECK_NE(world.lines[0].find(part), std::string::npos);
    auto labels = "{actor=\"" + name_in(address) + "\"}";
    CHECK_EQ(world.sample("models_processor_actor_crashes_total" + labels), 1);
    CHECK_EQ(world.sample("models_processor_actor_restarts_total" + labels), 1);
    CHECK_NE(world.status().find(R"("crashes":[{"time":"2024-11-23T10:07:00.000Z","actor":")" + address
                                 + R"(","reason":"crash on demand","attempt":1,"restart_in_ms":100}])"),
             std::string::npos);
    CHECK_NE(world.status().find("{\"name\":\"" + address + R"(","state":"waiting","restarts":1})"), std::string::npos);
    world.live(1s);
    CHECK_NE(world.status().find("{\"name\":\"" + address + R"(","state":"running","restarts":1})"), std::string::npos);
  }
}

TEST_CASE("a number picks one of the workers, the bare name the first that runs") {
  working_world world;
  std::vector<caf::actor_id> ids;
  for (const auto& each : world.actors["ollama_worker"])
    ids.push_back(each.lock()->id());
  REQUIRE_EQ(ids.size(), 4u);
  world.order("ollama_worker/2");
  CHECK(!world.population().contains(ids[2]));
  world.order("ollama_worker");
  CHECK(!world.population().contains(ids[0]));
  world.order("ollama_worker"); // the first one waits for its restart
  CHECK(!world.population().contains(ids[1]));
  CHECK(world.population().contains(ids[3]));
}

TEST_CASE("the children of a supervisor that has crashed are not said to run while they do not") {
  working_world world;
  world.order("intake");
  CHECK_EQ(world.status().find(R"({"name":"dispatcher","state":"running")"), std::string::npos);
  world.live(1s);
  CHECK_NE(world.status().find(R"({"name":"dispatcher","state":"running")"), std::string::npos);
}

TEST_CASE("the root crashes on demand, with a reason that says so") {
  working_world world;
  world.self->monitor(world.root);
  world.order("root");
  caf::error why;
  world.self->receive([&](caf::down_msg& down) { why = down.reason; }, caf::after(0s) >> [] {});
  CHECK_EQ(reason_of(why), "crash on demand");
}

TEST_CASE("an order for an actor that nobody knows changes nothing") {
  working_world world;
  auto before = world.population();
  for (const auto* name : {"", "nobody", "ollama_worker/4", "producer/0", "Producer"})
    world.order(name);
  world.live(1s);
  CHECK(world.missing(before).empty());
  CHECK(world.lines.empty());
}

TEST_CASE("the names of the service's tree are all that can be ordered to crash") {
  service_world world{2};
  auto names = names_in(service_tree(world.config));
  CHECK(
    names
    == (std::vector<std::string>{"root", "health", "health_monitor", "outbound", "producer", "sanitizer",
                                 "sanitizer/long", "intake", "dispatcher", "kafka_reader", "workers", "ollama_worker",
                                 "ollama_worker/0", "ollama_worker/1", "ollama_worker/2", "ollama_worker/3"}));
}
