#define CAF_SUITE dispatcher_kept_answers
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

namespace {

struct fixture : dispatcher_fixture {
  /// The same record, read again in another assignment of its partition.
  void read_again(std::int64_t offset, std::uint32_t assignment = 2) {
    ask(question(offset, request_kind::text, {0, assignment, 0}));
  }

  void lose() { tell(partitions_gone{{{0, 1}}}); }

  /// The producer has not published it: its partition's assignment is not the present one.
  void stale(std::size_t index) {
    auto record = published->at(index);
    tell(receipts{{}, {{record.token, record.from}}, {}, {}});
  }

  double kept_used() { return sample("models_processor_answers_kept_used_total"); }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

TEST_CASE("an answer that came after its partition was taken away is published when the request is read here again") {
  start();
  ask(1);
  lose();
  answer();
  clean();
  CHECK(published->empty());
  read_again(1);
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(published->at(0).from, (origin{0, 2, 1}));
  CHECK_EQ(given(), (offset_list{1}));
  deliver(0);
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 2, 1}}));
  CHECK_EQ(how_much().in_flight, 0u);
  CHECK_EQ(kept_used(), 1);
}

TEST_CASE("a request that is read again while its call for the lost partition is under way takes that call's answer") {
  start();
  ask(1);
  lose();
  read_again(1);
  answer();
  clean();
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(published->at(0).from, (origin{0, 2, 1}));
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE(
  "a reply that a transaction could not publish before its partition went is published in the next assignment") {
  start();
  up_to_publishing(1);
  auto first = published->at(0).record;
  lose();
  stale(0);
  CHECK_EQ(how_much().in_flight, 0u);
  read_again(1);
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(published->at(1).record->body, first->body);
  CHECK(published->at(1).record->headers == first->headers);
  CHECK_EQ(given(), (offset_list{1}));
  deliver(1);
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 2, 1}}));
}

TEST_CASE("an error that was paid for is kept as an answer is, with its dead letter and its attempts") {
  config.retry.attempts_max = 1;
  start();
  ask(1);
  lose();
  fail(fault::model_error);
  CHECK(published->empty());
  read_again(1);
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(header(*published->at(1).record, "attempts"), "1");
}

TEST_CASE("another record at the same place is put to a model") {
  start();
  ask(1);
  lose();
  answer();
  clean();
  auto other = question(1, request_kind::text, {0, 2, 0});
  other.from.identity = 7;
  ask(other);
  CHECK(published->empty());
  CHECK_EQ(given(), (offset_list{1, 1}));
  CHECK_EQ(kept_used(), 0);
}

TEST_CASE("after ANSWER_KEEP the request is put to a model again") {
  config.keep.age_max = 10s;
  start();
  ask(1);
  lose();
  answer();
  clean();
  pass(10s);
  read_again(1);
  CHECK_EQ(given(), (offset_list{1, 1}));
}

TEST_CASE("with ANSWER_KEEP of nothing an answer for a lost partition is dropped") {
  config.keep.age_max = 0s;
  start();
  ask(1);
  lose();
  answer();
  clean();
  read_again(1);
  CHECK_EQ(given(), (offset_list{1, 1}));
}

TEST_CASE(
  "a request that asked the same in another partition gets the answer although the first one's partition is gone") {
  start();
  ask(1);
  auto duplicate = question(2, request_kind::text, {1, 1, 0});
  duplicate.id = "id-1";
  ask(duplicate);
  lose();
  answer();
  clean();
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(published->at(0).from, (origin{1, 1, 2}));
  CHECK_EQ(how_much().in_flight, 1u);
  read_again(1);
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("with an order by key a kept answer waits for its turn, and is kept again when it cannot have it") {
  config.order_by_key = true;
  start();
  auto of_one_key = [](std::int64_t offset, std::uint32_t assignment) {
    auto asked = question(offset, request_kind::text, {0, assignment, 0});
    asked.id = "key";
    asked.prompt_json = text_slice{"\"" + std::to_string(offset) + "\""};
    return asked;
  };
  ask(of_one_key(2, 1));
  lose();
  answer();
  clean();
  ask(of_one_key(1, 2));
  ask(of_one_key(2, 2));
  CHECK(published->empty());
  CHECK_EQ(given(), (offset_list{2, 1}));
  tell(partitions_gone{{{0, 2}}});
  CHECK_EQ(how_much().in_flight, 1u);
  ask(of_one_key(1, 3));
  ask(of_one_key(2, 3));
  answer();
  clean();
  REQUIRE_EQ(published->size(), 1u);
  deliver(0);
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(published->at(1).from, (origin{0, 3, 2}));
  CHECK_EQ(given(), (offset_list{2, 1}));
}

TEST_CASE("what is kept counts in the bytes that are asked of the reader") {
  config.intake.bytes_max = 100'000;
  start();
  auto without = read->bytes_wanted;
  ask(1);
  lose();
  answer(std::string(1'000, 'x'));
  clean(clean_text{std::string(10'000, 'x'), {}, {}});
  new_reader();
  CHECK_LT(read->bytes_wanted, without - 10'000);
  CHECK_GT(read->bytes_wanted, 0);
}

END_FIXTURE_SCOPE()
