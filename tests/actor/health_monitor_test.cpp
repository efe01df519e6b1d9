#define CAF_SUITE health_monitor
#include "tests/support/test.hpp"

#include "actors/health_monitor/health_monitor.hpp"
#include "actors/telemetry/log.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/neighbour_fixture.hpp"

using namespace mp;
using namespace mp::test;

namespace {

struct monitor_fixture : neighbour_fixture<monitor_actor> {
  monitor_actor& monitor = subject;
  std::shared_ptr<fake_host> alpha = std::make_shared<fake_host>();
  std::shared_ptr<fake_host> beta = std::make_shared<fake_host>();

  ~monitor_fixture() {
    log::configure(log::level::warning, log::line_format::logfmt, [](std::string_view) {});
  }

  void new_monitor() {
    monitor_config config;
    config.models = {"llava:latest"};
    config.metrics = metrics;
    config.hosts = {{"alpha", [host = alpha] { return std::make_unique<fake_host_port>(host); }},
                    {"beta", [host = beta] { return std::make_unique<fake_host_port>(host); }}};
    config.probe_interval = 10s;
    config.unusable_interval = 1s;
    config.dispatcher_timeout = 2s;
    config.directory = directory;
    put_under_test(caf::actor_cast<caf::strong_actor_ptr>(spawn_health_monitor(parent(), std::move(config))));
  }

  void start() {
    new_dispatcher();
    new_monitor();
  }

  void end_probe(fake_host& host, host_condition found) {
    host.end(found);
    settle();
  }

  /// The answer to a health question, or nothing when it was answered with an error.
  std::optional<health_response> request_health(std::chrono::milliseconds timeout = 0ms) {
    auto question = self->request(monitor, caf::infinite, health_request{});
    settle();
    if (timeout > 0ms)
      pass(timeout);
    std::optional<health_response> said;
    question.receive([&](const health_response& answer) { said = answer; }, [](caf::error&) {});
    return said;
  }

  std::optional<status_response> request_status(std::chrono::milliseconds timeout = 0ms) {
    auto question = self->request(monitor, caf::infinite, status_request{});
    settle();
    if (timeout > 0ms)
      pass(timeout);
    std::optional<status_response> said;
    question.receive([&](const status_response& report) { said = report; }, [](caf::error&) {});
    return said;
  }

  /// "alpha usable, beta not"
  std::string told() {
    std::string text;
    for (const auto& each : heard->hosts)
      text += (text.empty() ? "" : ", ") + each.host + (each.usable ? " usable" : " not");
    heard->hosts.clear();
    return text;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(monitor_fixture)

TEST_CASE("every host is probed at the start") {
  start();
  CHECK(alpha->probing());
  CHECK(beta->probing());
}

TEST_CASE("the dispatcher is told what each probe has found") {
  start();
  CHECK_EQ(told(), "");
  end_probe(*alpha, host_condition::usable);
  CHECK_EQ(told(), "alpha usable");
  end_probe(*beta, host_condition::unreachable);
  CHECK_EQ(told(), "beta not");
}

TEST_CASE("a usable host is probed again after the long interval, another one after the short one") {
  start();
  end_probe(*alpha, host_condition::usable);
  end_probe(*beta, host_condition::model_missing);
  pass(990ms);
  CHECK_EQ(beta->probes, 1);
  pass(10ms);
  CHECK_EQ(beta->probes, 2);
  pass(8990ms);
  CHECK_EQ(alpha->probes, 1);
  pass(10ms);
  CHECK_EQ(alpha->probes, 2);
  end_probe(*beta, host_condition::usable);
  pass(9s);
  CHECK_EQ(beta->probes, 2);
}

TEST_CASE("a host is not probed while a probe of it is under way, however long that takes") {
  start();
  pass(5min);
  CHECK_EQ(alpha->probes, 1);
}

TEST_CASE("trouble at a host has it probed at once") {
  start();
  end_probe(*alpha, host_condition::usable);
  pass(1s);
  tell(host_trouble{"alpha"});
  CHECK_EQ(alpha->probes, 2);
  end_probe(*alpha, host_condition::unreachable);
  CHECK_EQ(told(), "alpha usable, alpha not");
  pass(1s);
  CHECK_EQ(alpha->probes, 3);
  pass(20s); // the timer of the first interval was put away
  CHECK_EQ(alpha->probes, 3);
}

TEST_CASE("trouble during a probe leads to another one before the dispatcher is told") {
  start();
  tell(host_trouble{"alpha"});
  tell(host_trouble{"alpha"});
  CHECK_EQ(alpha->probes, 1);
  end_probe(*alpha, host_condition::usable); // may have been found before the trouble
  CHECK_EQ(told(), "");
  CHECK_EQ(alpha->probes, 2);
  end_probe(*alpha, host_condition::unreachable);
  CHECK_EQ(told(), "alpha not");
  CHECK_EQ(alpha->probes, 2);
}

TEST_CASE("trouble at a host that nobody knows is ignored") {
  start();
  tell(host_trouble{"gamma"});
  tell(probe_ended{"gamma", {}});
  CHECK_EQ(told(), "");
  CHECK(subject_alive());
}

TEST_CASE("a new dispatcher is told the state of every host") {
  start();
  end_probe(*alpha, host_condition::usable);
  end_probe(*beta, host_condition::not_ollama);
  new_dispatcher();
  REQUIRE_EQ(heard->monitors.size(), 1u);
  CHECK_EQ(heard->monitors[0].monitor, monitor);
  CHECK_EQ(told(), "alpha usable, beta not");
}

TEST_CASE("a new monitor says nothing of a host before it has probed it, so that work goes on") {
  start();
  end_probe(*alpha, host_condition::usable);
  kill_subject();
  told();
  new_monitor();
  CHECK_EQ(heard->monitors.size(), 2u);
  CHECK_EQ(told(), "");
  end_probe(*alpha, host_condition::unreachable);
  CHECK_EQ(told(), "alpha not");
}

TEST_CASE("a monitor that starts before the dispatcher tells it later what it has found") {
  new_monitor();
  end_probe(*alpha, host_condition::usable);
  new_dispatcher();
  CHECK_EQ(told(), "alpha usable");
}

TEST_CASE("a node with a usable host and partitions is healthy and ready") {
  start();
  end_probe(*alpha, host_condition::usable);
  tell(intake_state{2, false});
  auto said = request_health();
  REQUIRE(said.has_value());
  CHECK(said->healthy);
  CHECK(said->ready);
  tell(intake_state{2, true});
  said = request_health();
  REQUIRE(said.has_value());
  CHECK(said->healthy);
  CHECK(!said->ready);
}

TEST_CASE("a node without a usable host answers, and says why") {
  start();
  end_probe(*alpha, host_condition::model_missing);
  end_probe(*beta, host_condition::unreachable);
  auto said = request_health();
  REQUIRE(said.has_value());
  CHECK(!said->healthy);
  CHECK_NE(said->detail.find("ollama pull llava:latest"), std::string::npos);
}

TEST_CASE("without a dispatcher there is no answer but an error") {
  new_monitor();
  CHECK(!request_health().has_value());
}

TEST_CASE("with a dispatcher that is dead there is no answer but an error") {
  start();
  kill_dispatcher();
  CHECK(!request_health().has_value());
}

TEST_CASE("with a dispatcher that does not answer there is an error when its time is over") {
  new_monitor();
  new_dispatcher(no_pong());
  end_probe(*alpha, host_condition::usable);
  CHECK(!request_health(2s).has_value());
}

TEST_CASE("the status names hosts as they were found, the intake, and what /health and /ready say") {
  start();
  tell(intake_state{3, false});
  end_probe(*alpha, host_condition::usable);
  auto said = request_status();
  REQUIRE(said.has_value());
  CHECK(said->dispatcher_answers);
  CHECK(said->health.healthy);
  CHECK(said->health.ready);
  CHECK_EQ(said->intake.partitions, 3u);
  REQUIRE_EQ(said->hosts.size(), 2u);
  CHECK_EQ(said->hosts[0].name, "alpha");
  CHECK(said->hosts[0].probed);
  CHECK(said->hosts[0].condition == host_condition::usable);
  CHECK(!said->hosts[1].probed);
}

TEST_CASE("the status is told also without a dispatcher, and with one that does not answer") {
  new_monitor();
  end_probe(*alpha, host_condition::usable);
  auto alone = request_status();
  REQUIRE(alone.has_value());
  CHECK(!alone->dispatcher_answers);
  CHECK_EQ(alone->hosts.size(), 2u);
  new_dispatcher(no_pong());
  auto unanswered = request_status(2s);
  REQUIRE(unanswered.has_value());
  CHECK(!unanswered->dispatcher_answers);
}

TEST_CASE("a host that stops being usable is a warning, once") {
  std::vector<std::string> lines;
  start();
  end_probe(*alpha, host_condition::usable);
  log::configure(log::level::warning, log::line_format::logfmt,
                 [&](std::string_view line) { lines.emplace_back(line); });
  tell(host_trouble{"alpha"});
  end_probe(*alpha, host_condition::unreachable);
  pass(1s);
  end_probe(*alpha, host_condition::unreachable);
  REQUIRE_EQ(lines.size(), 1u);
  CHECK_NE(lines[0].find("event=host_not_usable"), std::string::npos);
  CHECK_NE(lines[0].find("host=alpha"), std::string::npos);
}

TEST_CASE("a port that cannot probe is a crash") {
  alpha->fail_probe = true;
  start();
  CHECK(!subject_alive());
}

TEST_CASE("the dispatcher is told how much of the models is in the GPU's memory, and it is a warning once per change") {
  std::vector<std::string> lines;
  start();
  log::configure(log::level::warning, log::line_format::logfmt,
                 [&](std::string_view line) { lines.emplace_back(line); });
  host_report report;
  report.condition = host_condition::usable;
  report.models = {{"llava:latest", true, true, 0.5}};
  for (int i = 0; i < 2; ++i) {
    alpha->end(report);
    settle();
    CHECK_EQ(heard->hosts.back().gpu_share, 0.5);
    pass(10s);
  }
  REQUIRE_EQ(lines.size(), 1u);
  CHECK_NE(lines[0].find("event=model_partly_on_cpu"), std::string::npos);
  CHECK_NE(lines[0].find("gpu_percent=50"), std::string::npos);
  new_dispatcher();
  REQUIRE(!heard->hosts.empty());
  CHECK_EQ(heard->hosts.back().gpu_share, 0.5);
}

TEST_CASE("a model of which nothing is in a GPU's memory, as where there is no GPU, is no warning") {
  std::vector<std::string> lines;
  start();
  log::configure(log::level::info, log::line_format::logfmt, [&](std::string_view line) { lines.emplace_back(line); });
  host_report report;
  report.condition = host_condition::usable;
  report.models = {{"llava:latest", true, true, 0.0}};
  for (int i = 0; i < 2; ++i) {
    alpha->end(report);
    settle();
    pass(10s);
  }
  std::size_t told = 0;
  for (const auto& line : lines) {
    CHECK_EQ(line.find("level=WARN"), std::string::npos);
    told += line.find("event=model_on_cpu") != std::string::npos ? 1 : 0;
  }
  CHECK_EQ(told, 1u);
}

TEST_CASE("a model to be loaded anew is unloaded by the next probe, once") {
  start();
  end_probe(*alpha, host_condition::usable);
  tell(host_trouble{"alpha", 1, "llava:latest"});
  REQUIRE(alpha->probing());
  CHECK(alpha->how == host_port::depth::one_token);
  CHECK_EQ(alpha->reload, std::vector<std::string>{"llava:latest"});
  end_probe(*alpha, host_condition::usable);
  pass(10s);
  REQUIRE(alpha->probing());
  CHECK(alpha->reload.empty());
}

TEST_CASE("a model to be loaded anew while a probe runs is unloaded by the one after it") {
  start();
  tell(host_trouble{"alpha", 1, "llava:latest"});
  CHECK(alpha->reload.empty());
  end_probe(*alpha, host_condition::usable);
  REQUIRE(alpha->probing());
  CHECK_EQ(alpha->reload, std::vector<std::string>{"llava:latest"});
}

TEST_CASE(
  "a model that is not the pinned one is an error in the log, and models that do not fit are a warning, each once") {
  std::vector<std::string> lines;
  start();
  log::configure(log::level::warning, log::line_format::logfmt,
                 [&](std::string_view line) { lines.emplace_back(line); });
  host_report other;
  other.condition = host_condition::model_differs;
  other.model = "llava:latest";
  host_report tight;
  tight.condition = host_condition::usable;
  tight.holds_all = false;
  for (const auto& report : {other, other, tight, tight}) {
    alpha->end(report);
    settle();
    pass(10s);
  }
  REQUIRE_EQ(lines.size(), 2u);
  CHECK_NE(lines[0].find("event=model_differs"), std::string::npos);
  CHECK_NE(lines[0].find("level=ERROR"), std::string::npos);
  CHECK_NE(lines[1].find("event=models_do_not_fit"), std::string::npos);
}

TEST_CASE("the dispatcher hears which models a host has loaded, and whether there is room for more") {
  start();
  host_report found;
  found.condition = host_condition::usable;
  found.loaded = {{"llava:latest", "8dd30f6b"}};
  found.holds_all = false;
  alpha->end(found);
  settle();
  const auto& said = heard->hosts.back();
  REQUIRE_EQ(said.loaded.size(), 1u);
  CHECK_EQ(said.loaded[0].digest, "8dd30f6b");
  CHECK(!said.has_room);
}

END_FIXTURE_SCOPE()
