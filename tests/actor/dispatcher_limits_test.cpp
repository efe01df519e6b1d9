#define CAF_SUITE dispatcher_limits
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

#include <algorithm>
#include <limits>

using namespace mp;
using namespace mp::test;

namespace {

using offset_list = std::vector<std::int64_t>;

struct limits_fixture : dispatcher_fixture {
  static constexpr std::int64_t wall_ms = 1'732'356'420'123; // of the fixture's wall clock

  void ask_until(std::int64_t offset, std::chrono::milliseconds left) {
    auto asked = question(offset);
    asked.deadline_ms = wall_ms + left.count();
    ask(std::move(asked));
  }

  bool error_published(const std::string& code) const {
    return std::any_of(published->begin(), published->end(),
                       [&](const auto& each) { return each.record->body.find(code) != std::string::npos; });
  }

  /// The ends of all that is published are acknowledged.
  void deliver_all() {
    for (; delivered < published->size(); ++delivered)
      deliver(delivered);
  }
  std::size_t delivered = 0;

  /// That many requests end as dead letters, each behind a model call.
  void end_as_dead_letters(int count, std::int64_t first = 1000) {
    for (int i = 0; i < count; ++i) {
      ask(first + i);
      fail(fault::model_refused);
      deliver_all();
    }
  }

  /// That many times: one request of `answered` ends well, then two of `failing` end as dead letters, each behind a
  /// model call.
  void two_fail_for_each_answer(const std::string& failing, const std::string& answered, int times) {
    for (std::int64_t offset = 0; offset < 3 * times; ++offset) {
      bool is_answered = offset % 3 == 0;
      auto asked = question(offset);
      asked.user_email = is_answered ? answered : failing;
      ask(std::move(asked));
      if (is_answered) {
        answer();
        clean();
      } else {
        fail(fault::model_error, 0, 500);
      }
      deliver_all();
    }
  }

  bool intake_was_paused() const {
    return std::any_of(watched_by->intake.begin(), watched_by->intake.end(),
                       [](const auto& each) { return each.intake_paused; });
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(limits_fixture)

// ---- deadlines ----

TEST_CASE("a request whose deadline has passed is answered expired without a model call") {
  start();
  ask_until(1, -1ms);
  CHECK(given().empty());
  CHECK(error_published("expired"));
}

TEST_CASE("a request that waits for a worker is answered expired when its deadline comes") {
  start(0);
  ask_until(1, 3s);
  pass(2990ms);
  CHECK(published->empty());
  pass(20ms);
  CHECK(error_published("expired"));
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("a request that waits for its retry is answered expired when its deadline comes") {
  config.retry.backoff_first = 60s;
  start();
  ask_until(1, 3s);
  fail(fault::model_error);
  pass(3010ms);
  CHECK(error_published("expired"));
}

TEST_CASE("a call is given no more time than the deadline leaves") {
  start();
  ask_until(1, 3s);
  REQUIRE_EQ(assignments().size(), 1u);
  CHECK(assignments()[0].time_left == 3s);
  answer();
  clean();
  ask(2);
  REQUIRE_EQ(assignments().size(), 2u);
  CHECK(!assignments()[1].time_left);
}

TEST_CASE("a call that fails after the deadline is not repeated: the request has expired") {
  start();
  ask_until(1, 3s);
  pass(3s);
  fail(fault::call_timeout);
  CHECK(error_published("expired"));
}

TEST_CASE("an answer that comes after the deadline is published: it is paid for") {
  start();
  ask_until(1, 3s);
  pass(4s);
  answer();
  clean();
  CHECK(!error_published("expired"));
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("a deadline in the far future is none") {
  start();
  auto asked = question(1);
  asked.deadline_ms = std::numeric_limits<std::int64_t>::max();
  ask(std::move(asked));
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("when a request expires its follower without a deadline is worked on") {
  start(0);
  auto first = question(1);
  first.id = "same";
  first.deadline_ms = wall_ms + 1000;
  auto second = question(2);
  second.id = "same";
  ask(first);
  ask(second);
  pass(1010ms);
  CHECK(error_published("expired"));
  new_worker();
  CHECK_EQ(given(), (offset_list{2}));
}

TEST_CASE("ORDER=key: a follower that expires while its leader is worked on shares the leader's end") {
  config.order_by_key = true;
  start();
  auto first = question(1);
  first.id = "same";
  auto second = question(2);
  second.id = "same";
  second.deadline_ms = wall_ms + 1000;
  ask(first);
  ask(second);
  pass(2s);
  CHECK(published->empty());
  answer();
  clean();
  CHECK_EQ(published->size(), 2u);
  CHECK(!error_published("expired"));
}

TEST_CASE("ORDER=key: when a request expires its follower is next, before younger requests of the key") {
  config.order_by_key = true;
  start(0);
  auto first = question(1);
  first.id = "same";
  first.deadline_ms = wall_ms + 1000;
  auto second = question(2);
  second.id = "same";
  auto other = question(3);
  other.id = "same";
  other.user_email = "other@example.org";
  ask(first);
  ask(second);
  ask(other);
  pass(1010ms);
  REQUIRE_EQ(published->size(), 1u);
  deliver(0);
  new_worker();
  CHECK_EQ(given(), (offset_list{2}));
}

// ---- users ----

TEST_CASE("a user over the limit is told when to come again, without a model call") {
  config.rate_limit = 2;
  start(3);
  for (std::int64_t offset : {1, 2, 3})
    ask(offset);
  REQUIRE_EQ(published->size(), 1u);
  CHECK_NE(published->at(0).record->body.find("\"code\":\"rate_limited\""), std::string::npos);
  CHECK_NE(published->at(0).record->body.find("\"retry_after_ms\":30000"), std::string::npos);
  auto other = question(4);
  other.user_email = "other@example.org";
  ask(other);
  CHECK_EQ(published->size(), 1u);
}

// ---- hosts ----

TEST_CASE("a host whose calls keep failing gets no work until a probe begun after that has found it well") {
  config.breaker.failures_max = 2;
  start();
  ask(1);
  fail(fault::model_error);
  pass(1s);
  CHECK(watched_by->troubles.empty());
  fail(fault::model_error);
  REQUIRE_EQ(watched_by->troubles, (std::vector<std::string>{"alpha"}));
  tell(host_state{"alpha", true, 0}); // of a probe begun before
  pass(5s);
  CHECK_EQ(given(), (offset_list{1, 1}));
  tell(host_state{"alpha", true, 1});
  CHECK_EQ(given(), (offset_list{1, 1, 1}));
}

TEST_CASE("an answer between the failures keeps a host in work") {
  config.breaker.failures_max = 2;
  config.retry.attempts_max = 5;
  start();
  ask(1);
  fail(fault::model_error);
  pass(1s);
  answer();
  clean();
  ask(2);
  fail(fault::model_error);
  CHECK(watched_by->troubles.empty());
}

TEST_CASE("a new monitor is told of the hosts that are out of work") {
  start();
  ask(1);
  fail(fault::host_unreachable);
  new_monitor();
  CHECK_EQ(watched_by->troubles, (std::vector<std::string>{"alpha"}));
}

TEST_CASE("a host that was in trouble before the monitor was replaced can still be found well later") {
  start();
  ask(1);
  fail(fault::host_unreachable);
  tell(host_state{"alpha", true, 1});
  new_monitor();
  tell(host_state{"alpha", false, 0});
  tell(host_state{"alpha", true, 0});
  CHECK_EQ(given(), (offset_list{1})); // a probe does not cut its pause short
  pass(1s);
  answer();
  clean();
  ask(2);
  CHECK_EQ(given(), (offset_list{1, 1, 2}));
}

TEST_CASE("with all hosts out of work nothing is asked of the reader") {
  start();
  ask(1);
  auto wanted = read->records_wanted;
  fail(fault::host_unreachable);
  pass(10s);
  CHECK_EQ(read->records_wanted, wanted);
  CHECK(published->empty());
}

TEST_CASE("requests that wait for a retry have a bound of their own") {
  config.intake.parked_max = 2;
  config.breaker.failures_max = 100;
  start(3);
  for (std::int64_t offset : {1, 2, 3})
    ask(offset);
  auto fail_first = [&](std::int64_t offset) {
    auto worker = holder(offset);
    fail(fault::model_error, worker);
  };
  fail_first(1);
  auto wanted = read->records_wanted;
  fail_first(2);
  fail_first(3);
  CHECK_EQ(read->records_wanted, wanted);
}

// ---- dead letters that stop intake ----

TEST_CASE("when more than half of the last requests end as dead letters intake pauses, and the monitor knows why") {
  start();
  end_as_dead_letters(50);
  CHECK_EQ(read->stops, 0u);
  end_as_dead_letters(1, 2000);
  CHECK_EQ(read->stops, 1u);
  REQUIRE(!watched_by->intake.empty());
  CHECK(watched_by->intake.back().intake_paused);
  auto wanted = read->records_wanted;
  pass(9s);
  CHECK_EQ(read->records_wanted, wanted);
}

TEST_CASE("a paused intake tries one request every ten seconds and goes on when one succeeds") {
  start();
  end_as_dead_letters(51);
  auto wanted = read->records_wanted;
  pass(10s);
  CHECK_EQ(read->records_wanted, wanted + 1);
  end_as_dead_letters(1, 5000);
  pass(9s);
  CHECK_EQ(read->records_wanted, wanted + 1);
  pass(1s);
  CHECK_EQ(read->records_wanted, wanted + 2);
  ask(1);
  answer();
  clean();
  deliver_all();
  CHECK(!watched_by->intake.back().intake_paused);
  CHECK_GT(read->records_wanted, wanted + 2);
}

TEST_CASE("records that are no request never pause intake, and neither does what is refused without a model call") {
  config.routes.allowed = {"*"};
  start();
  std::int64_t offset = 1000;
  for (const auto& each : faults())
    if (each.retry == retry_class::dead_letter || each.retry == retry_class::tell)
      for (int i = 0; i < 60; ++i) {
        ask(bad(offset++, each.kind, each.retry == retry_class::tell ? "someone@example.org" : ""));
        deliver_all();
      }
  for (int i = 0; i < 60; ++i) {
    auto asked = question(offset++);
    asked.model = "no-such-model-" + std::to_string(i);
    ask(std::move(asked));
    fail(fault::model_not_found);
    deliver_all();
  }
  CHECK_EQ(read->stops, 0u);
}

TEST_CASE("dead letters of one user at a host that answers the others do not pause intake") {
  config.retry.attempts_max = 1;
  start();
  two_fail_for_each_answer("bad@example.org", "good@example.org", 50);
  CHECK_EQ(sample("models_processor_dead_letters_total{fault=\"model_error\"}"), 100);
  CHECK(!intake_was_paused());
}

TEST_CASE("dead letters of a user pause intake when the host answers nobody else") {
  config.retry.attempts_max = 1;
  start();
  two_fail_for_each_answer("same@example.org", "same@example.org", 50);
  CHECK(intake_was_paused());
}

TEST_CASE("a paused intake passes over what is no request, so that a good one waits for one trial's time at most") {
  start();
  end_as_dead_letters(51);
  auto wanted = read->records_wanted;
  pass(10s);
  CHECK_EQ(read->records_wanted, wanted + 1);
  // A broken record, a record of somebody else, one that has had its end before, a request that has expired.
  ask(bad(5000, fault::not_json));
  deliver_all();
  CHECK_EQ(read->records_wanted, wanted + 2);
  tell(record_batch{{skipped_record{{0, 1, 5001}, 10}}});
  CHECK_EQ(read->records_wanted, wanted + 3);
  ask(bad(5000, fault::not_json));
  CHECK_EQ(read->records_wanted, wanted + 4);
  ask_until(5002, -1ms);
  deliver_all();
  CHECK_EQ(read->records_wanted, wanted + 5);
  CHECK(watched_by->intake.back().intake_paused);
  ask(5003);
  answer();
  clean();
  deliver_all();
  CHECK(!watched_by->intake.back().intake_paused);
}

TEST_CASE("a trial whose partition is taken away is followed by the next at once") {
  start();
  end_as_dead_letters(51);
  ask(4999); // takes the only worker, so that the trial waits
  pass(10s);
  auto wanted = read->records_wanted;
  ask(question(5000, request_kind::text, {1, 1, 0}));
  CHECK_EQ(read->records_wanted, wanted);
  tell(partitions_gone{{{1, 1}}});
  CHECK_EQ(read->records_wanted, wanted + 1);
}

TEST_CASE("DEAD_LETTER_STOP=100 never pauses") {
  config.dead_letters.stop_percent = 100;
  start();
  end_as_dead_letters(300);
  CHECK_EQ(read->stops, 0u);
}

END_FIXTURE_SCOPE()
