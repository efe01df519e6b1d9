#define CAF_SUITE dispatcher_refusals
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

#include <algorithm>

using namespace mp;
using namespace mp::test;

namespace {

using offset_list = std::vector<std::int64_t>;
using enum delivery_result;

struct refusals_fixture : dispatcher_fixture {
  const outgoing& record(std::size_t index) const { return *published->at(index).record; }

  static std::string header(const outgoing& record, std::string_view name) {
    for (const auto& each : record.headers)
      if (each.first == name)
        return each.second;
    return "(none)";
  }

  bool says(const std::string& word) { return how_much().output.find(word) != std::string::npos; }

  /// A request whose error reply and dead letter are published.
  void give_up(std::int64_t offset) {
    ask(offset);
    fail(fault::model_refused, holder(offset));
  }

  std::size_t last_of(const std::string& key) const {
    for (auto i = published->size(); i-- > 0;)
      if (record(i).key == key)
        return i;
    CAF_FAIL("nothing was published under " << key);
  }

  std::size_t times_published(const std::string& key) const {
    return static_cast<std::size_t>(std::count_if(published->begin(), published->end(),
                                                  [&](const tokened_record& each) { return each.record->key == key; }));
  }

  void reject(const std::string& key) { deliver(last_of(key), rejected, "POLICY_VIOLATION"); }

  /// The producer publishes a request's records together, or none of them.
  void start_exactly_once() {
    start();
    new_producer(512, true);
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(refusals_fixture)

// ---- the record's own fault ----

TEST_CASE("a reply that its topic does not take becomes an error reply and a dead letter, without another call") {
  start();
  up_to_publishing(1);
  deliver(0, invalid, "INVALID_RECORD");
  REQUIRE_EQ(published->size(), 3u);
  CHECK_NE(record(1).body.find("reply_refused"), std::string::npos);
  CHECK_EQ(header(record(2), "reason"), "reply_refused");
  deliver(1, invalid, "INVALID_RECORD");
  CHECK(finished().empty());
  deliver(2);
  CHECK_EQ(finished(), (offset_list{1}));
  CHECK_EQ(published->size(), 3u);
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(sample("models_processor_requests_total{kind=\"text\",outcome=\"reply_refused\"}"), 1);
  CHECK_EQ(sample("models_processor_records_refused_total{why=\"invalid\"}"), 2);
}

TEST_CASE("the end of a request whose error reply was given up is told to the reader, whatever else the producer has "
          "told it of") {
  start();
  give_up(1);
  deliver(0, invalid, "INVALID_RECORD");
  receipts told{{{published->at(1).token, acknowledged, ""}}};
  told.reader_told = true; // of another request
  tell(std::move(told));
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("the end of a request whose records are acknowledged one after the other is told to the reader, whatever "
          "else that was told") {
  start();
  give_up(1);
  deliver(1);
  receipts told{{{published->at(0).token, acknowledged, ""}}};
  told.reader_told = true; // of another request
  tell(std::move(told));
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("an error reply that is not taken becomes a dead letter where there was to be none") {
  for (auto why : {too_large, invalid}) {
    start();
    ask(bad(1, fault::no_question, "someone@example.org"));
    REQUIRE_EQ(published->size(), 1u);
    deliver(0, why, "CODE");
    REQUIRE_EQ(published->size(), 2u);
    CHECK(record(1).to == destination::dead_letter);
    CHECK_EQ(header(record(1), "reason"), "no_question");
    CHECK(finished().empty());
    deliver(1);
    CHECK_EQ(finished(), (offset_list{1}));
  }
}

TEST_CASE("the dead letter instead of an error reply has the key and place of the request, also where a model was "
          "never asked") {
  start();
  host("alpha", false);
  auto asked = question(7);
  asked.deadline_ms = 1;
  ask(std::move(asked));
  REQUIRE_EQ(published->size(), 1u);
  CHECK_NE(record(0).body.find("expired"), std::string::npos);
  deliver(0, too_large, "MSG_SIZE_TOO_LARGE");
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(record(1).key, "id-7");
  CHECK_EQ(header(record(1), "source-offset"), "7");
  CHECK_EQ(header(record(1), "reason"), "expired");
}

TEST_CASE("a dead letter that is too large goes out smaller until it fits, and its offset waits for it") {
  start();
  auto letter = bad(1, fault::not_json);
  letter.id = std::string(100'000, 'k');
  letter.headers = {{"traceparent", std::string(100'000, 't')}};
  letter.body = text_slice{std::string(1000, 'x')};
  ask(letter);
  deliver(0, too_large, "MSG_SIZE_TOO_LARGE");
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(record(1).body, "");
  CHECK_EQ(record(1).key.size(), 100'000u);
  deliver(1, too_large, "MSG_SIZE_TOO_LARGE");
  REQUIRE_EQ(published->size(), 3u);
  CHECK_LE(record(2).key.size(), 4096u);
  CHECK_EQ(header(record(2), "traceparent"), "(none)");
  CHECK_EQ(header(record(2), "cut"), "payload,headers,key");
  CHECK(finished().empty());
  deliver(2);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("a dead letter that is too large in its smallest form is the topic's fault: it waits and is told of") {
  start();
  ask(bad(1, fault::not_json));
  deliver(0, too_large, "MSG_SIZE_TOO_LARGE");
  CHECK(says("letters"));
  CHECK(says("max.message.bytes"));
  pass(1s);
  REQUIRE_EQ(published->size(), 2u);
  CHECK(finished().empty());
  deliver(1);
  CHECK_EQ(finished(), (offset_list{1}));
  CHECK_EQ(how_much().output, "");
}

TEST_CASE("a dead letter without a key is given one for a topic that takes no other") {
  start();
  auto letter = bad(1, fault::not_json);
  letter.id.clear();
  ask(letter);
  deliver(0, invalid, "INVALID_RECORD");
  REQUIRE_EQ(published->size(), 2u);
  CHECK_NE(record(1).key, "");
  CHECK_EQ(header(record(1), "made-key"), "true");
  deliver(1);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("a record rejected five times, while its topic takes others, is at fault itself") {
  start();
  up_to_publishing(1);
  reject("id-1");
  up_to_publishing(2);
  pass(1s);
  reject("id-1"); // on trial
  pass(2s);
  deliver(last_of("id-2"));
  CHECK_EQ(times_published("id-1"), 3u);
  reject("id-1");
  pass(1s);
  reject("id-1");
  pass(2s);
  CHECK_EQ(times_published("id-1"), 5u);
  reject("id-1");
  CHECK_EQ(header(record(published->size() - 1), "reason"), "reply_refused");
  CHECK_EQ(given(), (offset_list{1, 2}));
}

TEST_CASE("a record that is rejected while nothing else is taken is never given up: it may be the topic's fault") {
  start();
  up_to_publishing(1);
  for (int i = 0; i < 10; ++i) {
    reject("id-1");
    pass(10s);
  }
  CHECK_EQ(times_published("id-1"), 11u);
  CHECK(says("POLICY_VIOLATION"));
  CHECK(finished().empty());
}

// ---- the topic's fault ----

TEST_CASE("a topic that refuses is named with the cause and one thing to do, and its records wait with their offsets") {
  start();
  up_to_publishing(1);
  CHECK_EQ(how_much().output, "");
  deliver(0, topic_refuses, "TOPIC_AUTHORIZATION_FAILED");
  CHECK(says("texts"));
  CHECK(says("TOPIC_AUTHORIZATION_FAILED"));
  CHECK(says("give this user the right"));
  CHECK(finished().empty());
  up_to_publishing(2);
  CHECK_EQ(published->size(), 1u);
  CHECK_EQ(sample("models_processor_records_held_back"), 2);
  pass(1s);
  REQUIRE_EQ(published->size(), 2u);
  CHECK(published->at(1).trial);
  deliver(1);
  REQUIRE_EQ(published->size(), 3u);
  deliver(2);
  CHECK_EQ(finished(), (offset_list{1, 2}));
  CHECK_EQ(how_much().output, "");
  CHECK_EQ(given(), (offset_list{1, 2}));
}

TEST_CASE("a topic that refuses is tried by one record now and then, not by all of them") {
  start();
  for (std::int64_t offset = 1; offset <= 20; ++offset)
    up_to_publishing(offset);
  for (std::size_t i = 0; i < 20; ++i)
    deliver(i, topic_refuses, "UNKNOWN_TOPIC_OR_PART");
  std::size_t answered = 20;
  for (int second = 0; second < 60; ++second) {
    pass(1s);
    for (; answered < published->size(); ++answered)
      deliver(answered, topic_refuses, "UNKNOWN_TOPIC_OR_PART");
  }
  CHECK_LE(published->size(), 20u + 9u);
  CHECK_GE(published->size(), 20u + 7u);
  CHECK(finished().empty());
}

TEST_CASE("a missing dead letter topic holds up no other reply") {
  start();
  give_up(1);
  deliver(1, topic_refuses, "UNKNOWN_TOPIC_OR_PART");
  deliver(0);
  for (std::int64_t offset = 2; offset <= 5; ++offset) {
    up_to_publishing(offset);
    deliver(published->size() - 1);
  }
  CHECK_EQ(finished(), (offset_list{2, 3, 4, 5}));
  CHECK(says("letters"));
  pass(1s);
  deliver(published->size() - 1);
  CHECK_EQ(finished(), (offset_list{2, 3, 4, 5, 1}));
}

TEST_CASE("exactly-once: all records of a request wait for one topic, and go together when it takes records again") {
  start_exactly_once();
  give_up(1);
  tell(receipts{
    {{published->at(0).token, withdrawn, ""}, {published->at(1).token, topic_refuses, "UNKNOWN_TOPIC_OR_PART"}}});
  up_to_publishing(2);
  deliver(2);
  CHECK_EQ(finished(), (offset_list{2}));
  CHECK_EQ(published->size(), 3u);
  pass(1s);
  REQUIRE_EQ(published->size(), 5u);
  CHECK(published->at(3).trial);
  CHECK(published->at(4).trial);
  CHECK_EQ(published->at(3).undelivered, 3);
  deliver(3);
  deliver(4);
  CHECK_EQ(finished(), (offset_list{2, 1}));
}

TEST_CASE("exactly-once: of a request whose error reply is refused the rest is published") {
  start_exactly_once();
  give_up(1);
  tell(receipts{{{published->at(0).token, too_large, "MSG_SIZE_TOO_LARGE"}, {published->at(1).token, withdrawn, ""}}});
  REQUIRE_EQ(published->size(), 3u);
  CHECK(record(2).to == destination::dead_letter);
  CHECK_EQ(published->at(2).undelivered, 2);
  deliver(2);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("intake pauses when a hundred records wait for a topic that refuses, and goes on by itself") {
  start();
  up_to_publishing(1);
  deliver(0, topic_refuses, "TOPIC_AUTHORIZATION_FAILED");
  for (std::int64_t offset = 2; offset <= 100; ++offset)
    up_to_publishing(offset);
  auto demands = read->demands.size();
  for (std::int64_t offset = 101; offset <= 106; ++offset) // more than half a batch: enough to be asked for again
    up_to_publishing(offset);
  CHECK_EQ(sample("models_processor_records_held_back"), 106);
  CHECK_EQ(read->demands.size(), demands);
  pass(1s);
  CHECK_EQ(read->demands.size(), demands);
  deliver(published->size() - 1);
  CHECK_EQ(published->size(), 1u + 1u + 105u);
  for (std::size_t i = 2; i < published->size(); ++i)
    deliver(i);
  CHECK_EQ(finished().size(), 106u);
  CHECK_GT(read->demands.size(), demands);
}

TEST_CASE("a new producer is sent what waited; that the topic refuses is still known") {
  start();
  up_to_publishing(1);
  deliver(0, topic_refuses, "TOPIC_AUTHORIZATION_FAILED");
  kill(producer);
  new_producer();
  CHECK(published->empty());
  pass(1s);
  REQUIRE_EQ(published->size(), 1u);
  deliver(0);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("what waits for a topic that refuses is dropped when its partition is taken away: the new owner answers it") {
  start();
  up_to_publishing(1);
  deliver(0, topic_refuses, "TOPIC_AUTHORIZATION_FAILED");
  tell(partitions_gone{{{0, 1}}});
  CHECK_EQ(how_much().in_flight, 0u);
  CHECK_EQ(how_much().output, "");
  CHECK(finished().empty());
  pass(1min);
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("a refused record of a partition that was taken away is dropped") {
  start();
  up_to_publishing(1);
  tell(partitions_gone{{{0, 1}}});
  deliver(0, topic_refuses, "TOPIC_AUTHORIZATION_FAILED");
  CHECK_EQ(how_much().in_flight, 0u);
}

// ---- what is told ----

TEST_CASE("records that nobody acknowledges for half a minute are told of, also when nothing is refused") {
  start();
  up_to_publishing(1);
  pass(29s);
  CHECK_EQ(how_much().output, "");
  pass(1s);
  CHECK(says("texts"));
  CHECK(says("30 s"));
  deliver(0);
  CHECK_EQ(how_much().output, "");
}

TEST_CASE("the producer's trouble is told until it is over, or not repeated for a minute") {
  start();
  tell(output_state{"no right"});
  CHECK_EQ(how_much().output, "no right");
  tell(output_state{""});
  CHECK_EQ(how_much().output, "");
  tell(output_state{"no right"});
  pass(59s);
  CHECK_EQ(how_much().output, "no right");
  pass(1s);
  CHECK_EQ(how_much().output, "");
}

TEST_CASE("a producer that does not come is told of") {
  start_dispatcher();
  new_reader();
  pass(29s);
  CHECK_EQ(how_much().output, "");
  pass(1s);
  CHECK(says("no producer"));
  new_producer();
  CHECK_EQ(how_much().output, "");
}

END_FIXTURE_SCOPE()
