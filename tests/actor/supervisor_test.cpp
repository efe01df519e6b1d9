#define CAF_SUITE supervisor
#include "tests/support/test.hpp"

#include "actors/supervisor/supervisor.hpp"
#include "tests/support/actor_fixture.hpp"

#include <caf/all.hpp>

#include <map>
#include <random>

using namespace mp;
using namespace mp::test;

namespace {

constexpr auto crash_order = caf::put_atom_v;
constexpr auto quit_order = caf::ok_atom_v;

/// What a child does is decided by what it is sent. A stubborn one ignores exit messages.
struct child_state {
  static inline const char* name = "child";
  caf::event_based_actor* self;
  bool stubborn;

  child_state(caf::event_based_actor* ptr, bool ignores_exit) : self(ptr), stubborn(ignores_exit) {}

  caf::behavior make_behavior() {
    self->set_exception_handler([](std::exception_ptr&) { return caf::make_error(caf::sec::runtime_error, "boom"); });
    if (stubborn)
      self->set_exit_handler([](caf::exit_msg&) {});
    return {[](caf::put_atom) { throw std::runtime_error("boom"); }, [this](caf::ok_atom) { self->quit(); }};
  }
};

struct supervisor_fixture : actor_fixture {
  std::vector<std::string> events;
  std::vector<child_event> reports;
  std::map<std::string, caf::actor> present; ///< the latest start of each child
  supervisor_spec spec;
  supervisor_actor supervisor;

  supervisor_fixture() {
    spec.name = "top";
    spec.backoff = {100ms, 1s, 2.0, 0.0, 10s};
    spec.intensity = {3, 5s};
    spec.random = [] { return 0.5; };
    spec.report = [this](const child_event& event) {
      constexpr const char* phases[] = {"waiting", "running", "stopping", "ended", "abandoned"};
      events.push_back(event.child + " " + phases[static_cast<std::size_t>(event.phase)]);
      reports.push_back(event);
    };
  }

  ~supervisor_fixture() {
    if (supervisor)
      order_exit(caf::actor_cast<caf::strong_actor_ptr>(supervisor), caf::exit_reason::kill);
    settle();
    for (auto& [name, child] : present)
      kill(child);
    settle();
    supervisor = nullptr;
  }

  child_spec child(std::string name, bool stubborn = false, restart_rule rule = restart_rule::always) {
    return {name, [this, name, stubborn](caf::local_actor* parent) {
      auto handle = parent->spawn<caf::stateful_actor<child_state>>(stubborn);
      present[name] = handle;
      return caf::actor_cast<caf::strong_actor_ptr>(handle);
    }, rule, 2s, {}};
  }

  void begin() {
    supervisor = spawn_supervisor(sys, spec);
    settle();
    events.clear();
  }
  void crash(const std::string& child) {
    caf::anon_send(present.at(child), crash_order);
    settle();
  }
  void quit(const std::string& child) {
    caf::anon_send(present.at(child), quit_order);
    settle();
  }
  static void kill(const caf::actor& child) { order_exit(caf::actor_cast<caf::strong_actor_ptr>(child), caf::exit_reason::kill); }
  void stop(caf::exit_reason why = caf::exit_reason::user_shutdown) {
    order_exit(caf::actor_cast<caf::strong_actor_ptr>(supervisor), why);
    settle();
  }
  bool up(const std::string& child) { return alive(caf::actor_cast<caf::strong_actor_ptr>(present.at(child))); }
  bool supervisor_up() { return alive(caf::actor_cast<caf::strong_actor_ptr>(supervisor)); }

  /// What happened since the last question.
  std::string happened() {
    std::string text;
    for (const auto& each : events)
      text += (text.empty() ? "" : ", ") + each;
    events.clear();
    return text;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(supervisor_fixture)

TEST_CASE("children are started in order") {
  spec.children = {child("a"), child("b"), child("c")};
  supervisor = spawn_supervisor(sys, spec);
  settle();
  CHECK_EQ(happened(), "a running, b running, c running");
}

TEST_CASE("one for one restarts only the crashed child, after growing delays") {
  spec.children = {child("a"), child("b")};
  begin();
  auto a = present["a"];
  crash("b");
  CHECK_EQ(happened(), "b waiting");
  pass(99ms);
  CHECK_EQ(happened(), "");
  pass(1ms);
  CHECK_EQ(happened(), "b running");
  crash("b");
  CHECK_EQ(happened(), "b waiting");
  pass(199ms);
  CHECK_EQ(happened(), "");
  pass(1ms);
  CHECK_EQ(happened(), "b running");
  CHECK_EQ(present["a"], a);
  CHECK(up("a"));
}

TEST_CASE("rest for one stops the later siblings in reverse order and starts them in order") {
  spec.strategy = restart_strategy::rest_for_one;
  spec.children = {child("a"), child("b"), child("c"), child("d")};
  begin();
  crash("b");
  CHECK_EQ(happened(), "b waiting, d stopping, d waiting, c stopping, c waiting");
  CHECK(up("a"));
  CHECK(!up("c"));
  pass(100ms);
  CHECK_EQ(happened(), "b running, c running, d running");
}

TEST_CASE("one for all waits for a stubborn sibling and kills it after its grace") {
  spec.strategy = restart_strategy::one_for_all;
  spec.children = {child("a", true), child("b")};
  begin();
  auto first = present["a"];
  crash("b");
  CHECK_EQ(happened(), "b waiting, a stopping");
  pass(1999ms);
  CHECK_EQ(happened(), "");
  pass(1ms);
  CHECK_EQ(happened(), "a waiting, a running, b running");
  CHECK(!alive(caf::actor_cast<caf::strong_actor_ptr>(first)));
}

TEST_CASE("a crash report names the child, the reason, the attempt and the delay") {
  spec.children = {child("a")};
  begin();
  crash("a");
  pass(100ms);
  reports.clear();
  crash("a");
  REQUIRE_EQ(reports.size(), 1u);
  CHECK_EQ(reports[0].child, "a");
  CHECK(reports[0].phase == child_phase::waiting);
  CHECK_EQ(reports[0].attempt, 2u);
  CHECK_EQ(reports[0].delay, 200ms);
  CHECK_NE(reports[0].reason.find("boom"), std::string::npos);
}

TEST_CASE("a child that ended well is reported without a reason") {
  spec.children = {child("a")};
  begin();
  reports.clear();
  quit("a");
  REQUIRE_EQ(reports.size(), 1u);
  CHECK_EQ(reports[0].reason, "");
  CHECK(reports[0].phase == child_phase::waiting); // its rule is always
}

TEST_CASE("too many restarts end the supervisor after its children, with a reason that names the child") {
  spec.children = {child("a"), child("b")};
  begin();
  self->monitor(supervisor);
  for (int i = 0; i < 3; ++i) {
    crash("a");
    pass(1s);
  }
  happened();
  crash("a");
  CHECK_EQ(happened(), "a ended, b stopping, b ended");
  caf::error why;
  self->receive([&](caf::down_msg& down) { why = down.reason; }, caf::after(0s) >> [] {});
  CHECK_EQ(why, caf::sec::runtime_error);
  CHECK_NE(to_string(why).find("top gives up: too many restarts of a"), std::string::npos);
  CHECK(!up("b"));
  pass(60s);
  CHECK_EQ(happened(), "");
}

TEST_CASE("restarts spread over a longer time than the period go on for ever") {
  spec.children = {child("a")};
  begin();
  for (int i = 0; i < 30; ++i) {
    crash("a");
    pass(1700ms);
    CHECK(up("a"));
  }
}

TEST_CASE("a calm time resets the backoff") {
  spec.children = {child("a")};
  begin();
  for (int i = 0; i < 10; ++i) {
    crash("a");
    pass(100ms);
    CHECK_EQ(happened(), "a waiting, a running");
    pass(11s);
  }
}

TEST_CASE("a child that ends well stays ended when only failures restart it") {
  spec.children = {child("a", false, restart_rule::on_failure)};
  begin();
  quit("a");
  pass(10s);
  CHECK_EQ(happened(), "a ended");
}

TEST_CASE("a child that fails is restarted when only failures restart it") {
  spec.children = {child("a", false, restart_rule::on_failure)};
  begin();
  crash("a");
  pass(100ms);
  CHECK_EQ(happened(), "a waiting, a running");
}

TEST_CASE("a child that is never restarted stays ended even after a crash, and its siblings go on") {
  spec.children = {child("a", false, restart_rule::never), child("b")};
  begin();
  crash("a");
  pass(10s);
  CHECK_EQ(happened(), "a ended");
  CHECK(up("b"));
}

TEST_CASE("siblings that have ended for good are not brought back by a neighbour's crash") {
  spec.strategy = restart_strategy::one_for_all;
  spec.children = {child("a", false, restart_rule::on_failure), child("b")};
  begin();
  quit("a");
  crash("b");
  pass(10s);
  CHECK_EQ(happened(), "a ended, b waiting, b running");
}

TEST_CASE("a start function that throws counts as a crash") {
  int failures = 2;
  auto b = child("b");
  b.start = [&failures, start = b.start](caf::local_actor* parent) {
    if (failures-- > 0)
      throw std::runtime_error("no such file");
    return start(parent);
  };
  spec.children = {child("a"), b};
  supervisor = spawn_supervisor(sys, spec);
  settle();
  CHECK_EQ(happened(), "a running, b waiting");
  CHECK_NE(reports.back().reason.find("no such file"), std::string::npos);
  pass(100ms);
  CHECK_EQ(happened(), "b waiting");
  pass(199ms);
  CHECK_EQ(happened(), "");
  pass(1ms);
  CHECK_EQ(happened(), "b running");
}

TEST_CASE("a start function that always throws ends the supervisor") {
  auto b = child("b");
  b.start = [](caf::local_actor*) -> caf::strong_actor_ptr { throw std::runtime_error("no such file"); };
  spec.children = {child("a"), b};
  begin();
  pass(5s);
  CHECK_EQ(happened(), "b waiting, b waiting, b ended, a stopping, a ended");
  CHECK(!supervisor_up());
}

TEST_CASE("when a child cannot be restarted its started siblings are stopped at once under one for all") {
  spec.strategy = restart_strategy::one_for_all;
  int failures = 0;
  auto b = child("b");
  b.start = [&failures, start = b.start](caf::local_actor* parent) {
    if (failures-- > 0)
      throw std::runtime_error("no such file");
    return start(parent);
  };
  spec.children = {child("a"), b, child("c")};
  begin();
  failures = 1;
  crash("b");
  CHECK_EQ(happened(), "b waiting, c stopping, c waiting, a stopping, a waiting");
  pass(100ms);
  CHECK_EQ(happened(), "a running, b waiting, a stopping, a waiting");
  pass(200ms);
  CHECK_EQ(happened(), "a running, b running, c running");
}

TEST_CASE("a child that dies while it starts counts as a crash") {
  int failures = 1;
  auto a = child("a");
  a.start = [&failures, start = a.start](caf::local_actor* parent) {
    auto started = start(parent);
    if (failures-- > 0)
      order_exit(started, caf::exit_reason::kill);
    return started;
  };
  spec.children = {a};
  supervisor = spawn_supervisor(sys, spec);
  settle();
  CHECK_EQ(happened(), "a running, a waiting");
  pass(100ms);
  CHECK_EQ(happened(), "a running");
}

TEST_CASE("an exit message stops the children in reverse order and ends the supervisor with the same reason") {
  spec.children = {child("a"), child("b"), child("c")};
  begin();
  self->monitor(supervisor);
  stop();
  CHECK_EQ(happened(), "c stopping, c ended, b stopping, b ended, a stopping, a ended");
  caf::error why;
  self->receive([&](caf::down_msg& down) { why = down.reason; }, caf::after(0s) >> [] {});
  CHECK_EQ(why, caf::exit_reason::user_shutdown);
}

TEST_CASE("a supervisor that stops while a child waits for its restart does not start it any more") {
  spec.children = {child("a"), child("b")};
  begin();
  crash("a");
  happened();
  stop();
  CHECK_EQ(happened(), "b stopping, b ended");
  pass(10s);
  CHECK_EQ(happened(), "");
  CHECK(!supervisor_up());
}

TEST_CASE("a child that crashes while its siblings are being stopped is not restarted") {
  spec.children = {child("a"), child("b", true)};
  begin();
  stop();
  CHECK_EQ(happened(), "b stopping");
  crash("a");
  CHECK_EQ(happened(), "a ended");
  pass(2s);
  CHECK_EQ(happened(), "b ended");
  CHECK(!supervisor_up());
}

TEST_CASE("a stubborn child is waited for, killed, and its elder siblings are stopped only then") {
  spec.children = {child("a"), child("b", true)};
  begin();
  stop();
  pass(1990ms);
  CHECK_EQ(happened(), "b stopping");
  CHECK(up("b"));
  pass(10ms);
  CHECK_EQ(happened(), "b ended, a stopping, a ended");
  CHECK(!up("b"));
}

TEST_CASE("the cancel hook of a child is called before its exit message") {
  bool was_up = false;
  int cancels = 0;
  auto a = child("a");
  a.cancel = [&] {
    ++cancels;
    was_up = up("a");
  };
  spec.children = {a};
  begin();
  stop();
  CHECK_EQ(cancels, 1);
  CHECK(was_up);
}

TEST_CASE("a child that survives even the kill is reported as abandoned, and the stop goes on") {
  spec.children = {child("a"), child("b", true)};
  begin();
  stop();
  // A handler that never returns cannot be had in one thread; an actor that is never scheduled is as deaf.
  auto* deaf = dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(present["b"]));
  auto pass_without_it = [&](std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 10ms) {
      advance_time(10ms);
      sched.run_jobs_filtered([deaf](caf::resumable* each) { return each != deaf; });
    }
  };
  pass_without_it(2490ms);
  CHECK_EQ(happened(), "b stopping");
  pass_without_it(10ms);
  CHECK_EQ(happened(), "b abandoned, a stopping, a ended");
  CHECK(!supervisor_up());
}

TEST_CASE("a killed supervisor takes its children along") {
  spec.children = {child("a"), child("b")};
  begin();
  stop(caf::exit_reason::kill);
  CHECK(!up("a"));
  CHECK(!up("b"));
  pass(10s);
  CHECK_EQ(happened(), "");
}

TEST_CASE("a supervisor gives way when one that it supervises gives up, and starts it anew") {
  supervisor_spec inner = spec;
  inner.name = "inner";
  inner.intensity = {1, 5s};
  inner.children = {child("x"), child("y")};
  child_spec branch{"inner", [inner](caf::local_actor* parent) {
    return caf::actor_cast<caf::strong_actor_ptr>(spawn_supervisor(parent, inner));
  }, restart_rule::always, 5s, {}};
  spec.children = {child("a"), branch};
  begin();
  crash("x");
  pass(100ms);
  CHECK_EQ(happened(), "x waiting, x running");
  crash("x");
  CHECK_EQ(happened(), "x ended, y stopping, y ended, inner waiting");
  CHECK_NE(reports.back().reason.find("inner gives up: too many restarts of x"), std::string::npos);
  pass(100ms);
  CHECK_EQ(happened(), "inner running, x running, y running");
  CHECK(up("a"));
}

TEST_CASE("a nested supervisor is stopped with all its children before its elder siblings") {
  supervisor_spec inner = spec;
  inner.name = "inner";
  inner.children = {child("x"), child("y")};
  child_spec branch{"inner", [inner](caf::local_actor* parent) {
    return caf::actor_cast<caf::strong_actor_ptr>(spawn_supervisor(parent, inner));
  }, restart_rule::always, 5s, {}};
  spec.children = {child("a"), branch};
  begin();
  stop();
  CHECK_EQ(happened(), "inner stopping, y stopping, y ended, x stopping, x ended, inner ended, a stopping, a ended");
}

TEST_CASE("a supervisor says that it is alive, also while it stops a stubborn child") {
  spec.children = {child("a", true)};
  begin();
  auto answers = [&] {
    auto answer = self->request(supervisor, caf::infinite, ping{});
    settle();
    bool got = false;
    answer.receive([&](const pong&) { got = true; }, [](caf::error&) {});
    return got;
  };
  CHECK(answers());
  stop();
  CHECK(answers());
}

TEST_CASE("orders to exit overtake whatever waits in a mailbox") {
  int handled = 0;
  auto busy = sys.spawn([&handled]() -> caf::behavior { return {[&handled](int) { ++handled; }}; });
  settle();
  for (int i = 0; i < 100; ++i)
    caf::anon_send(busy, i);
  order_exit(caf::actor_cast<caf::strong_actor_ptr>(busy), caf::exit_reason::kill);
  settle();
  CHECK_EQ(handled, 0);
}

TEST_CASE("in random storms of crashes no child is ever lost and none is left behind") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random{seed};
    present.clear();
    auto stormy = spec;
    stormy.strategy = static_cast<restart_strategy>(seed % 3);
    stormy.intensity = {100'000, 1s};
    stormy.backoff.jitter = 0.2;
    stormy.random = [&random] { return std::uniform_real_distribution<>{0, 1}(random); };
    stormy.children = {child("a", seed % 2 == 1), child("b"), child("c"), child("d")};
    auto top = spawn_supervisor(sys, stormy);
    settle();
    std::vector<caf::actor> ever;
    for (int step = 0; step < 200; ++step) {
      if (random() % 2 == 0) {
        auto i = present.begin();
        std::advance(i, random() % present.size());
        ever.push_back(i->second);
        if (random() % 4 == 0)
          kill(i->second);
        else
          caf::anon_send(i->second, crash_order);
      }
      std::shuffle(sched.jobs.begin(), sched.jobs.end(), random);
      if (random() % 3 == 0)
        sched.run(random() % 5);
      else
        settle();
      advance_time(std::chrono::milliseconds{random() % 300});
    }
    for (int i = 0; i < 50; ++i) {
      settle();
      advance_time(1s);
    }
    settle();
    std::size_t living = 0;
    for (auto& [name, child] : present)
      living += alive(caf::actor_cast<caf::strong_actor_ptr>(child));
    CHECK_EQ(living, 4u);
    order_exit(caf::actor_cast<caf::strong_actor_ptr>(top), caf::exit_reason::user_shutdown);
    for (int i = 0; i < 20; ++i) {
      settle();
      advance_time(1s);
    }
    living = 0;
    for (auto& [name, child] : present)
      ever.push_back(child);
    for (auto& child : ever)
      living += alive(caf::actor_cast<caf::strong_actor_ptr>(child));
    CHECK_EQ(living, 0u);
    CHECK(!alive(caf::actor_cast<caf::strong_actor_ptr>(top)));
    events.clear();
    reports.clear();
  }
}

END_FIXTURE_SCOPE()
