#define CAF_SUITE supervisor_stopping
#include "tests/support/test.hpp"

#include "tests/support/supervisor_fixture.hpp"

using namespace mp;
using namespace mp::test;

BEGIN_FIXTURE_SCOPE(supervisor_fixture)

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
  CHECK_EQ(happened(), "b stopping, a stopping");
}

TEST_CASE("a supervisor gives way when one that it supervises gives up, and starts it anew") {
  supervisor_spec inner = spec;
  inner.name = "inner";
  inner.intensity = {1, 5s};
  inner.children = {child("x"), child("y")};
  child_spec branch{"inner",
                    [inner](caf::local_actor* parent) {
                      return caf::actor_cast<caf::strong_actor_ptr>(spawn_supervisor(parent, inner));
                    },
                    restart_rule::always, 5s};
  spec.children = {child("a"), branch};
  begin();
  crash("x");
  pass(100ms);
  CHECK_EQ(happened(), "x waiting, x running");
  crash("x");
  CHECK_EQ(happened(), "x ended, y stopping, y ended, inner waiting");
  CHECK_EQ(reports.back().reason, "inner gives up: 2 crashes within 5 s, the last one of x: boom");
  pass(100ms);
  CHECK_EQ(happened(), "inner running, x running, y running");
  CHECK(up("a"));
}

TEST_CASE("a nested supervisor is stopped with all its children before its elder siblings") {
  supervisor_spec inner = spec;
  inner.name = "inner";
  inner.children = {child("x"), child("y")};
  child_spec branch{"inner",
                    [inner](caf::local_actor* parent) {
                      return caf::actor_cast<caf::strong_actor_ptr>(spawn_supervisor(parent, inner));
                    },
                    restart_rule::always, 5s};
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

END_FIXTURE_SCOPE()
