#define CAF_SUITE dispatcher_order
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;

namespace {

using offset_list = std::vector<std::int64_t>;

struct order_fixture : dispatcher_fixture {
  /// A request of a user; its key is its id if none is given.
  void ask_as(const std::string& user, std::int64_t offset, const std::string& key = {}, unsigned priority = 4) {
    auto asked = question(offset);
    asked.user_email = user;
    asked.id = key.empty() ? asked.id : key;
    asked.priority = priority;
    ask(std::move(asked));
  }

  /// Offsets of the requests that everything published is the end of, in the order of publication.
  offset_list ended() const {
    offset_list offsets;
    for (const auto& each : *published)
      offsets.push_back(each.from.offset);
    return offsets;
  }

  void work(int requests) {
    for (int i = 0; i < requests; ++i) {
      answer();
      clean();
    }
  }

  void deliver_all() {
    for (std::size_t i = delivered_; i < published->size(); ++i)
      deliver(i);
    delivered_ = published->size();
  }

private:
  std::size_t delivered_ = 0;
};

} // namespace

BEGIN_FIXTURE_SCOPE(order_fixture)

TEST_CASE("users take turns whoever came first with how many") {
  start();
  ask_as("many", 1);
  for (std::int64_t offset : {2, 3, 4})
    ask_as("many", offset);
  ask_as("few", 5);
  work(4);
  CHECK_EQ(given(), (offset_list{1, 2, 5, 3, 4}));
}

TEST_CASE("a request of higher priority goes first") {
  start();
  ask_as("a", 1);
  ask_as("a", 2);
  ask_as("b", 3, {}, 9);
  work(2);
  CHECK_EQ(given(), (offset_list{1, 3, 2}));
}

TEST_CASE("a request asked twice under one key while it is worked on costs one call, and each has its reply") {
  start();
  ask_as("a", 1, "same");
  ask_as("a", 2, "same");
  ask_as("a", 3, "same");
  work(1);
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(ended(), (offset_list{1, 2, 3}));
  CHECK_EQ(published->at(0).record->body, published->at(2).record->body);
  deliver_all();
  CHECK_EQ(read->finished.size(), 3u);
}

TEST_CASE("the same key with another question does not follow") {
  start();
  ask_as("a", 1, "same");
  ask_as("b", 2, "same");
  work(1);
  CHECK_EQ(given(), (offset_list{1, 2}));
}

TEST_CASE("a question asked again after its end is put to the model again") {
  start();
  ask_as("a", 1, "same");
  work(1);
  ask_as("a", 2, "same");
  CHECK_EQ(given(), (offset_list{1, 2}));
}

TEST_CASE("when a question fails for good its followers fail with it") {
  config.retry.attempts_max = 1;
  start();
  ask_as("a", 1, "same");
  ask_as("a", 2, "same");
  fail(fault::model_error);
  CHECK_EQ(ended(), (offset_list{1, 1, 2, 2}));
}

TEST_CASE("when the partition of the leader is taken away its follower gets the answer of that call") {
  start();
  auto duplicate = question(1, request_kind::text, {1, 1, 0});
  duplicate.id = "same";
  ask_as("someone@example.org", 1, "same");
  ask(duplicate);
  CHECK_EQ(given(), (offset_list{1}));
  tell(partitions_gone{{{0, 1}}});
  CHECK(workers[0].log->cancelled.empty());
  answer();
  clean();
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(published->at(0).from.partition, 1);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("followers leave room for others: the demand is as large as without them") {
  config.intake.ahead = 4;
  start();
  for (std::int64_t offset = 1; offset <= 4; ++offset)
    ask_as("a", offset, "same");
  auto wanted = read->records_wanted;
  ask_as("a", 5, "same");
  ask_as("a", 6, "same");
  ask_as("a", 7, "same");
  CHECK_GT(read->records_wanted, wanted);
}

TEST_CASE("ORDER=key: the second request of a key begins when the first has had its end, others go on meanwhile") {
  config.order_by_key = true;
  start(2);
  ask_as("a", 1, "k");
  ask_as("b", 2, "k");
  ask_as("c", 3, "other");
  CHECK_EQ(given(1), (offset_list{1}));
  CHECK_EQ(given(0), (offset_list{3}));
  answer("an answer", 1);
  clean();
  CHECK_EQ(given(1), (offset_list{1}));
  deliver_all();
  CHECK_EQ(given(1), (offset_list{1, 2}));
}

TEST_CASE("ORDER=key: a retry keeps its place") {
  config.order_by_key = true;
  start();
  ask_as("a", 1, "k");
  ask_as("b", 2, "k");
  fail(fault::model_error);
  pass(1s);
  CHECK_EQ(given(), (offset_list{1, 1}));
}

TEST_CASE("ORDER=key: the error reply to a bad request waits for the replies before it") {
  config.order_by_key = true;
  start();
  ask_as("a", 1, "id-2");
  ask(bad(2, fault::no_question, "someone@example.org"));
  CHECK(published->empty());
  work(1);
  deliver_all();
  CHECK_EQ(ended(), (offset_list{1, 2}));
}

TEST_CASE("ORDER=key: the same question still costs one call") {
  config.order_by_key = true;
  start();
  ask_as("a", 1, "k");
  ask_as("a", 2, "k");
  ask_as("b", 3, "k");
  ask_as("a", 4, "k");
  work(1);
  deliver_all();
  CHECK_EQ(ended(), (offset_list{1, 2}));
  CHECK_EQ(given(), (offset_list{1, 3}));
}

TEST_CASE("ORDER=key: the next request of a key waits for the ends of the leader and all followers before it") {
  config.order_by_key = true;
  start();
  ask_as("a", 1, "k");
  ask_as("a", 2, "k");
  ask_as("b", 3, "k");
  answer();
  clean();
  REQUIRE_EQ(ended(), (offset_list{1, 2}));
  deliver(0);
  CHECK_EQ(given(), (offset_list{1}));
  deliver(1);
  CHECK_EQ(given(), (offset_list{1, 3}));
}

TEST_CASE("ORDER=key: what waits for its turn is handed back with the others") {
  config.order_by_key = true;
  start();
  ask_as("a", 1, "k");
  ask_as("b", 2, "k");
  ask_as("c", 3, "k");
  tell(partitions_leaving{{{0, 1}}});
  CHECK_EQ(read->handed_back, (std::vector<origin>{{0, 1, 2}, {0, 1, 3}}));
}

END_FIXTURE_SCOPE()
