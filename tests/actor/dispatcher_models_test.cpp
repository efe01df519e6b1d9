#define CAF_SUITE dispatcher_models
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;

using offset_list = std::vector<std::int64_t>;

namespace {

struct fixture : dispatcher_fixture {
  void ask_as(std::int64_t offset, const std::string& user) {
    auto asked = question(offset);
    asked.user_email = user;
    ask(asked);
  }

  /// Two users' requests, at 1 and 2, get degenerate answers of the model on host alpha.
  void spoil() {
    ask_as(1, "one");
    fail(fault::degenerate_answer);
    ask_as(2, "two");
    fail(fault::degenerate_answer);
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

TEST_CASE(
  "a model with degenerate answers for two users is loaded anew on that host, and the request goes to another one") {
  start();
  new_worker("alpha");
  ask_as(1, "one");
  ask_as(2, "two");
  host("beta", true);
  auto other = new_worker("beta");
  fail(fault::degenerate_answer, holder(1));
  CHECK(watched_by->reloads.empty());
  auto spoilt = "alpha";
  auto first = holder(2);
  fail(fault::degenerate_answer, first);
  CHECK_EQ(watched_by->troubles, std::vector<std::string>{spoilt});
  CHECK_EQ(watched_by->reloads, std::vector<std::string>{"llava:latest"});
  pass(1s);
  CHECK_EQ(given(other).size(), 1u);
}

TEST_CASE("the degenerate answers of one user, or with answers that ended well in between, load no model anew") {
  config.breaker.failures_max = 100;
  config.retry.attempts_max = 1;
  start();
  for (std::int64_t i = 1; i <= 9; ++i) {
    ask_as(i, "one");
    fail(fault::degenerate_answer);
  }
  ask_as(10, "two");
  answer();
  ask_as(11, "two");
  fail(fault::degenerate_answer);
  CHECK(watched_by->reloads.empty());
  ask_as(12, "one");
  fail(fault::degenerate_answer);
  CHECK_EQ(watched_by->reloads.size(), 1u);
}

TEST_CASE("the host gets no work until a probe begun after that has ended well") {
  start();
  spoil();
  pass(1min);
  CHECK_EQ(given(), (offset_list{1, 2}));
  tell(host_state{"alpha", true, 0}); // of a probe begun before
  CHECK_EQ(given(), (offset_list{1, 2}));
  tell(host_state{"alpha", true, 1});
  CHECK_EQ(given().size(), 3u);
}

TEST_CASE("a model is loaded anew once in ten minutes; what is degenerate meanwhile is only tried again") {
  start();
  spoil();
  CHECK_EQ(watched_by->reloads.size(), 1u);
  for (int i = 0; i < 4; ++i) {
    host("alpha", true);
    pass(1s);
    fail(fault::degenerate_answer);
  }
  CHECK_EQ(watched_by->reloads.size(), 1u);
  REQUIRE_EQ(published->size(), 4u);
  CHECK_NE(published->at(0).record->body.find("degenerate_answer"), std::string::npos);
  pass(10min);
  host("alpha", true);
  ask_as(3, "three");
  fail(fault::degenerate_answer);
  CHECK_EQ(watched_by->reloads.size(), 2u);
}

TEST_CASE("a new monitor hears of a model that its predecessor has not loaded anew") {
  start();
  spoil();
  kill(monitor);
  new_monitor();
  CHECK_EQ(watched_by->reloads, std::vector<std::string>{"llava:latest"});
  host("alpha", true);
  kill(monitor);
  new_monitor();
  CHECK(watched_by->reloads.empty());
}

TEST_CASE("a model that gives nothing in time is loaded anew before it is asked again") {
  start();
  ask(1);
  pass(1min);
  fail(fault::first_byte_timeout);
  CHECK_EQ(watched_by->reloads, std::vector<std::string>{"llava:latest"});
  pass(1min);
  CHECK_EQ(given(), (offset_list{1}));
  tell(host_state{"alpha", true, 1});
  CHECK_EQ(given(), (offset_list{1, 1}));
}

TEST_CASE("a model that stops in mid-answer and gives nobody anything since is loaded anew before it is asked again") {
  config.idle_max = 10s;
  start();
  new_worker("alpha");
  ask(1);
  ask(2);
  pass(20s);
  answer("an answer", holder(2));
  pass(11s);
  fail(fault::idle_timeout, holder(1));
  CHECK_EQ(watched_by->reloads, std::vector<std::string>{"llava:latest"});
  pass(1min);
  CHECK_EQ(published->size(), 0u);
  tell(host_state{"alpha", true, 1});
  CHECK_EQ(given(0).size() + given(1).size(), 3u);
}

TEST_CASE("a model that stops in mid-answer and answers others meanwhile stays") {
  config.idle_max = 10s;
  start();
  new_worker("alpha");
  ask(1);
  ask(2);
  pass(20s);
  answer("an answer", holder(2));
  pass(9s);
  fail(fault::idle_timeout, holder(1));
  CHECK(watched_by->reloads.empty());
}

TEST_CASE("a model that has answered others meanwhile stays: the call has stood in a queue") {
  start();
  new_worker("alpha");
  ask(1);
  ask(2);
  pass(1min);
  answer("an answer", holder(2));
  fail(fault::first_byte_timeout, holder(1));
  CHECK(watched_by->reloads.empty());
}

TEST_CASE("an answer that runs away is tried once more, and says nothing of the host") {
  start();
  ask(1);
  fail(fault::runaway_answer);
  pass(1s);
  CHECK_EQ(given(), (offset_list{1, 1}));
  fail(fault::runaway_answer);
  CHECK(watched_by->troubles.empty());
  REQUIRE_EQ(published->size(), 2u);
  CHECK_NE(published->at(0).record->body.find("runaway_answer"), std::string::npos);
}

TEST_CASE("a host with a part of its model on the CPU gets less work than another") {
  start(4);
  tell(host_state{"alpha", true, 0, 0.25});
  host("beta", true);
  for (int i = 0; i < 4; ++i)
    new_worker("beta");
  for (std::int64_t offset = 1; offset <= 8; ++offset)
    ask(offset);
  std::size_t on_alpha = 0;
  std::size_t on_beta = 0;
  for (std::size_t worker = 0; worker < 8; ++worker)
    (worker < 4 ? on_alpha : on_beta) += given(worker).size();
  CHECK_EQ(on_alpha, 1u);
  CHECK_EQ(on_beta, 4u);
}

TEST_CASE("a request waits for the host that has its model loaded where another would have to swap, and others go on") {
  config.routes.text = "llama3";
  start(1);
  new_worker("beta");
  constexpr auto latest = std::numeric_limits<std::uint64_t>::max();
  tell(host_state{"alpha", true, latest, 1, {{"llava:latest", ""}}, false});
  tell(host_state{"beta", true, latest, 1, {{"llama3:latest", ""}}, false});
  ask(1, request_kind::photo);
  ask(2, request_kind::photo);
  CHECK_EQ(given(0), (offset_list{1}));
  CHECK(given(1).empty());
  ask(3);
  CHECK_EQ(given(1), (offset_list{3}));
  answer("an answer", 1);
  CHECK_EQ(given(1), (offset_list{3}));
  answer("an answer", 0);
  CHECK_EQ(given(0), (offset_list{1, 2}));
  host("alpha", false);
  answer("an answer", 0);
  ask(4, request_kind::photo);
  CHECK_EQ(given(1), (offset_list{3, 4})); // no other host has it now
}

TEST_CASE("a request for a model of its own waits a second for the host that has it, and nobody waits behind it") {
  start(1);
  new_worker("beta");
  constexpr auto latest = std::numeric_limits<std::uint64_t>::max();
  tell(host_state{"alpha", true, latest, 1, {{"codellama:latest", ""}}, false});
  tell(host_state{"beta", true, latest, 1, {{"llava:latest", ""}}, false});
  auto own = [&](std::int64_t offset) {
    auto asked = question(offset);
    asked.model = "codellama";
    ask(std::move(asked));
  };
  own(1);
  own(2);
  CHECK_EQ(given(0), (offset_list{1}));
  ask(3);
  CHECK_EQ(given(1), (offset_list{3}));
  answer("an answer", 0);
  CHECK_EQ(given(0), (offset_list{1}));
  pass(1s);
  CHECK_EQ(given(0), (offset_list{1, 2}));
}

TEST_CASE(
  "an answer that was cut at its length is published with that in its header for a text, and is an error for a photo") {
  start(2);
  ask(1);
  raw_answer cut;
  cut.text = text_slice{std::string{"Yeast makes"}};
  cut.finish = finish_reason::length;
  end_call(holder(1), cut);
  clean(clean_text{"Yeast makes", {}, {}});
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(header(*published->at(0).record, "finish"), "truncated");
  ask(2, request_kind::photo);
  end_call(holder(2), cut);
  clean(fault::truncated);
  REQUIRE_EQ(published->size(), 3u);
  CHECK_NE(published->at(1).record->body.find("truncated: "), std::string::npos);
}

END_FIXTURE_SCOPE()
