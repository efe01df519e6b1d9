#define CAF_SUITE supervisor
#include "tests/support/test.hpp"

#include "tests/support/supervisor_fixture.hpp"

#include <random>

using namespace mp;
using namespace mp::test;

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
  CHECK_EQ(reports[0].restarts, 2u);
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
  CHECK_EQ(reason_of(why), "top gives up: 4 crashes within 5 s, the last one of a: boom");
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

TEST_CASE("a stable time resets the backoff") {
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

TEST_CASE("in random storms of crashes no child is ever lost and none is left behind") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random{seed};
    present.clear();
    auto unstable = spec;
    unstable.strategy = static_cast<restart_strategy>(seed % 3);
    unstable.intensity = {100'000, 1s};
    unstable.backoff.jitter = 0.2;
    unstable.random = [&random] { return std::uniform_real_distribution<>{0, 1}(random); };
    unstable.children = {child("a", seed % 2 == 1), child("b"), child("c"), child("d")};
    auto top = spawn_supervisor(sys, unstable);
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
          caf::anon_send(i->second, boom_order);
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
