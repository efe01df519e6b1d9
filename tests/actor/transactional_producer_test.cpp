#define CAF_SUITE transactional_producer
#include "tests/support/test.hpp"

#include "actors/producer/producer.hpp"
#include "tests/support/fake_transactions.hpp"
#include "tests/support/neighbour_fixture.hpp"

#include <caf/send.hpp>

using namespace mp;
using namespace mp::test;

namespace {

using keys = std::vector<std::string>;
using places = std::vector<origin>;

struct transactional_fixture : neighbour_fixture<producer_actor> {
  producer_actor& producer = subject;
  std::shared_ptr<fake_transactions> broker = std::make_shared<fake_transactions>();
  std::shared_ptr<reader_log> read = std::make_shared<reader_log>();
  reader_actor reader;
  std::size_t answered = 0; ///< questions

  ~transactional_fixture() { reader = nullptr; }

  void new_reader() {
    read = std::make_shared<reader_log>();
    reader = spawn_recording_reader(parent(), read);
    keep(caf::actor_cast<caf::strong_actor_ptr>(reader));
    directory->set_reader(reader);
  }

  void new_producer() {
    producer_config config;
    config.directory = directory;
    config.make_transactions = [broker = broker] { return std::make_unique<fake_transaction_port>(broker); };
    config.transaction_interval = 100ms;
    config.transaction_records_max = 4;
    put_under_test(spawn_producer(parent(), std::move(config)));
  }

  /// Everybody is there and what was committed before is read back.
  void start() {
    new_reader();
    new_dispatcher();
    new_producer();
    answer();
  }

  static origin place(std::int64_t offset) { return {0, 1, offset}; }

  /// Requests with one record each; token and offset are the same.
  void publish(std::vector<std::int64_t> offsets) {
    publication batch;
    for (auto each : offsets)
      batch.records.push_back({static_cast<std::uint64_t>(each),
                               shared_outgoing{outgoing{destination::text_reply, std::to_string(each), "body", {}}},
                               place(each), 0, 1});
    tell(std::move(batch));
  }

  /// The reader answers the last question.
  void answer(places finished = {}, places stale = {}, std::vector<position> offsets = {}) {
    REQUIRE(!read->questions.empty());
    answered = read->questions.size();
    tell(offsets_response{read->questions.back().serial, std::move(offsets), "member-1", std::move(finished),
                          std::move(stale)});
  }

  void end(transaction_result result, bool visible = false) {
    broker->end(result, visible);
    settle();
  }

  /// The transaction that comes next fails: another client has the id.
  void be_fenced() {
    pass(2s);
    answer();
    broker->running.reset();
    broker->on_event(transaction_outcome{transaction_result::unclear, "_FENCED: by another"});
    settle();
  }

  keys running() const {
    keys all;
    if (broker->running)
      for (const auto& each : broker->running->records)
        all.push_back(each->key);
    return all;
  }

  void refuse(std::vector<refused_record> refused) {
    broker->refuse(std::move(refused));
    settle();
  }

  /// All records of the running transaction, as when they were one batch.
  std::vector<refused_record> whole_batch(delivery_result result) const {
    std::vector<refused_record> all;
    for (std::size_t i = 0; i < broker->running->records.size(); ++i)
      all.push_back({i, result, "CODE"});
    return all;
  }

  /// Publishes all until nothing is left: record `bad` spoils each transaction that it is in. Gives the number of
  /// transactions.
  std::size_t publish_around(const std::string& bad, delivery_result result) {
    std::size_t transactions = 0;
    for (; transactions < 30; ++transactions) {
      pass(100ms);
      if (read->questions.size() == answered)
        break;
      answer();
      auto now_running = running();
      if (std::find(now_running.begin(), now_running.end(), bad) != now_running.end())
        refuse(whole_batch(result));
      else
        end(transaction_result::committed);
    }
    return transactions;
  }

  /// "7 acknowledged, 8 failed"
  std::string delivered() const {
    constexpr const char* results[] = {"acknowledged",  "too large", "invalid",  "rejected",
                                       "topic refuses", "failed",    "withdrawn"};
    std::string text;
    for (const auto& each : heard->deliveries)
      text +=
        (text.empty() ? "" : ", ") + std::to_string(each.token) + " " + results[static_cast<std::size_t>(each.result)];
    return text;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(transactional_fixture)

TEST_CASE("the dispatcher hears of the producer when its port may be used, not before") {
  broker->ready_at_once = false;
  new_reader();
  new_dispatcher();
  new_producer();
  CHECK(heard->producers.empty());
  CHECK(read->questions.empty());
  broker->ready();
  settle();
  CHECK_EQ(heard->producers.size(), 1u);
}

TEST_CASE("a new producer first has read back what is committed: its predecessor may have left an outcome unknown") {
  new_reader();
  new_dispatcher();
  new_producer();
  REQUIRE_EQ(read->questions.size(), 1u);
  CHECK(read->questions[0].read_back);
  answer();
  publish({1});
  pass(100ms);
  REQUIRE_EQ(read->questions.size(), 2u);
  CHECK(!read->questions[1].read_back);
}

TEST_CASE("records and the offsets that they finish are in one transaction") {
  start();
  publish({1, 2});
  pass(100ms);
  CHECK(read->questions.back().finishing == (places{place(1), place(2)}));
  answer({}, {}, {{0, 3, "1"}});
  REQUIRE(broker->running);
  CHECK_EQ(running(), (keys{"1", "2"}));
  CHECK_EQ(broker->running->offsets[0].offset, 3);
  CHECK_EQ(broker->running->membership, "member-1");
  CHECK_EQ(delivered(), "");
  end(transaction_result::committed);
  CHECK_EQ(delivered(), "1 acknowledged, 2 acknowledged");
  REQUIRE_EQ(read->transactions.size(), 2u);
  CHECK(read->transactions.back().committed);
  CHECK(read->transactions.back().finished == (places{place(1), place(2)}));
}

TEST_CASE("a transaction begins when the interval is over, or when it is full") {
  start();
  publish({1});
  CHECK_EQ(read->questions.size(), 1u);
  pass(90ms);
  CHECK_EQ(read->questions.size(), 1u);
  pass(10ms);
  REQUIRE_EQ(read->questions.size(), 2u);
  publish({2, 3, 4, 5, 6});
  answer();
  end(transaction_result::committed);
  REQUIRE_EQ(read->questions.size(), 3u);
  CHECK(read->questions.back().finishing == (places{place(2), place(3), place(4), place(5)}));
}

TEST_CASE("a record that comes after a quiet time does not wait") {
  start();
  pass(1s);
  publish({1});
  CHECK_EQ(read->questions.size(), 2u);
}

TEST_CASE("an aborted transaction is tried again after a rest, with offsets asked for anew") {
  start();
  pass(1s);
  publish({1, 2, 3, 4});
  answer();
  end(transaction_result::aborted);
  CHECK_EQ(delivered(), "");
  CHECK(!read->transactions.back().committed);
  CHECK_EQ(read->questions.size(), 2u);
  pass(100ms);
  REQUIRE_EQ(read->questions.size(), 3u);
  answer();
  CHECK_EQ(running(), (keys{"1", "2", "3", "4"}));
  end(transaction_result::committed);
  CHECK_EQ(broker->keys(), (keys{"1", "2", "3", "4"}));
}

TEST_CASE("after an unclear outcome the port is replaced and what turns out to be committed is not published again") {
  start();
  pass(1s);
  publish({1, 2});
  answer();
  broker->ready_at_once = false;
  end(transaction_result::unclear, true);
  CHECK_EQ(broker->opened, 2);
  CHECK(subject_alive());
  pass(1s);
  CHECK_EQ(read->questions.size(), 2u);
  broker->ready();
  pass(100ms);
  REQUIRE_EQ(read->questions.size(), 3u);
  CHECK(read->questions.back().read_back);
  answer({place(1), place(2)});
  CHECK(!broker->running);
  CHECK_EQ(delivered(), "1 acknowledged, 2 acknowledged");
  CHECK_EQ(broker->keys(), (keys{"1", "2"}));
}

TEST_CASE("a transaction without an outcome is taken for unclear after a while: its client may never return") {
  start();
  pass(1s);
  publish({1});
  answer();
  pass(2490ms);
  CHECK_EQ(broker->opened, 1);
  pass(10ms);
  CHECK_EQ(broker->opened, 2);
  pass(100ms);
  CHECK(read->questions.back().read_back);
  answer();
  CHECK_EQ(running(), keys{"1"});
}

TEST_CASE("a port that cannot be used is told of and opened again after pauses that grow, until it can") {
  broker->ready_at_once = false;
  new_reader();
  new_dispatcher();
  new_producer();
  CHECK_EQ(broker->opened, 1);
  auto fail = [&] {
    broker->on_event(transaction_outcome{transaction_result::unclear, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED: no"});
    settle();
  };
  fail();
  CHECK(subject_alive());
  REQUIRE_EQ(heard->outputs.size(), 1u);
  CHECK_NE(heard->outputs[0].find("TRANSACTIONAL_ID_AUTHORIZATION_FAILED"), std::string::npos);
  CHECK_NE(heard->outputs[0].find("give this user"), std::string::npos);
  int opened = 1;
  for (auto pause : {1s, 2s, 4s, 8s, 10s, 10s}) {
    pass(pause - 10ms);
    CHECK_EQ(broker->opened, opened);
    pass(10ms);
    CHECK_EQ(broker->opened, ++opened);
    fail();
    CHECK_NE(heard->outputs.back(), "");
  }
  CHECK(heard->producers.empty());
  pass(10s);
  broker->ready();
  settle();
  CHECK_EQ(heard->outputs.back(), "");
  CHECK_EQ(heard->producers.size(), 1u);
}

TEST_CASE("a dispatcher that starts later is told why nothing can be published") {
  broker->ready_at_once = false;
  new_reader();
  new_producer();
  broker->on_event(transaction_outcome{transaction_result::unclear, "INVALID_TRANSACTION_TIMEOUT: no"});
  settle();
  new_dispatcher();
  REQUIRE_EQ(heard->outputs.size(), 1u);
  CHECK_NE(heard->outputs[0].find("transaction.max.timeout.ms"), std::string::npos);
}

TEST_CASE("a producer that is fenced twice and takes its id back is ready, a third time within a minute is told of") {
  start();
  publish({1});
  be_fenced();
  be_fenced();
  CHECK(heard->outputs.empty());
  be_fenced();
  REQUIRE_EQ(heard->outputs.size(), 1u);
  CHECK_NE(heard->outputs.back().find("TRANSACTIONAL_ID"), std::string::npos);
}

TEST_CASE("being fenced once a minute is not told of") {
  start();
  publish({1});
  for (int i = 0; i < 5; ++i) {
    be_fenced();
    pass(61s);
  }
  CHECK(heard->outputs.empty());
}

TEST_CASE("ten transactions in a row that are not committed are told of, and that the eleventh is") {
  start();
  pass(1s);
  publish({1});
  for (int i = 0; i < 10; ++i) {
    CHECK(heard->outputs.empty());
    answer();
    end(transaction_result::aborted);
    pass(100ms);
  }
  REQUIRE_EQ(heard->outputs.size(), 1u);
  CHECK_NE(heard->outputs[0].find("as told"), std::string::npos);
  answer();
  end(transaction_result::committed);
  CHECK_EQ(heard->outputs.back(), "");
}

TEST_CASE("records of an assignment that is over are given back unpublished, the rest goes on") {
  start();
  pass(1s);
  publish({1, 2});
  answer({}, {place(1)});
  CHECK_EQ(running(), keys{"2"});
  REQUIRE_EQ(heard->stale.size(), 1u);
  CHECK_EQ(heard->stale[0].token, 1u);
  CHECK(heard->stale[0].from == place(1));
}

TEST_CASE("offsets without anything to publish are committed too") {
  start();
  pass(1s);
  tell(offsets_pending{});
  REQUIRE_EQ(read->questions.size(), 2u);
  answer({}, {}, {{0, 9, "1"}});
  REQUIRE(broker->running);
  CHECK(broker->running->records.empty());
  end(transaction_result::committed);
  CHECK(read->transactions.back().committed);
}

TEST_CASE("when there is nothing to commit the question is closed without a transaction") {
  start();
  CHECK(!broker->running);
  REQUIRE_EQ(read->transactions.size(), 1u);
  CHECK_EQ(read->transactions[0].serial, read->questions[0].serial);
}

TEST_CASE("a record that its topic refuses is found among its neighbours, which are published, each once") {
  start();
  pass(1s);
  for (auto result : {delivery_result::too_large, delivery_result::invalid, delivery_result::rejected}) {
    heard->deliveries.clear();
    broker->committed.clear();
    publish({1, 2, 3, 4});
    CHECK_LE(publish_around("3", result), 6u);
    CHECK_EQ(broker->keys(), (keys{"1", "2", "4"}));
    auto name = result == delivery_result::too_large ? "too large"
                : result == delivery_result::invalid ? "invalid"
                                                     : "rejected";
    CHECK_EQ(delivered(), "1 acknowledged, 2 acknowledged, 3 " + std::string{name} + ", 4 acknowledged");
    CHECK_EQ(heard->deliveries[2].code, "CODE");
  }
}

TEST_CASE("where the broker names one record it is believed at once") {
  start();
  pass(1s);
  publish({1, 2, 3, 4});
  answer();
  refuse({{2, delivery_result::invalid, "INVALID_RECORD"}});
  CHECK_EQ(delivered(), "3 invalid");
  pass(100ms);
  answer();
  CHECK_EQ(running(), (keys{"1", "2", "4"}));
}

TEST_CASE("what a topic refuses from everybody is given back at once, the rest is published without it") {
  start();
  pass(1s);
  caf::anon_send(producer,
                 publication{{{14, shared_outgoing{outgoing{destination::text_reply, "a", "body", {}}}, place(7), 0, 3},
                              {15, shared_outgoing{outgoing{destination::dead_letter, "a", "", {}}}, place(7), 1, 3}}});
  publish({1, 2});
  answer();
  refuse({{1, delivery_result::topic_refuses, "UNKNOWN_TOPIC_OR_PART"}});
  CHECK_EQ(delivered(), "14 withdrawn, 15 topic refuses");
  CHECK_EQ(heard->deliveries[1].code, "UNKNOWN_TOPIC_OR_PART");
  pass(100ms);
  answer();
  CHECK_EQ(running(), (keys{"1", "2"}));
  end(transaction_result::committed);
  CHECK_EQ(broker->keys(), (keys{"1", "2"}));
}

TEST_CASE("a trial is a transaction of its own") {
  start();
  pass(1s);
  publication batch;
  for (std::uint64_t each : {1, 2, 3})
    batch.records.push_back({each, shared_outgoing{outgoing{destination::text_reply, std::to_string(each), "body", {}}},
                             place(static_cast<std::int64_t>(each)), 0, 1, each == 2});
  tell(std::move(batch));
  answer();
  CHECK_EQ(running(), (keys{"1", "3"}));
  end(transaction_result::committed);
  pass(100ms);
  answer();
  CHECK_EQ(running(), keys{"2"});
}

TEST_CASE("of two records of a request alone the refused one is told, the other is withdrawn") {
  start();
  pass(1s);
  caf::anon_send(
    producer,
    publication{{{14, shared_outgoing{outgoing{destination::text_reply, "k", "long body", {}}}, place(7), 0, 3},
                 {15, shared_outgoing{outgoing{destination::dead_letter, "k", "", {}}}, place(7), 1, 3}}});
  settle();
  answer();
  refuse({{0, delivery_result::too_large, "MSG_SIZE_TOO_LARGE"}});
  CHECK_EQ(delivered(), "14 too large, 15 withdrawn");
}

TEST_CASE("a request of an old dispatcher whose record is refused is given up to the new one") {
  start();
  pass(1s);
  publish({1});
  answer();
  new_dispatcher();
  refuse({{0, delivery_result::invalid, "INVALID_RECORD"}});
  CHECK(heard->given_up == places{place(1)});
  CHECK_EQ(delivered(), "");
}

TEST_CASE("a new dispatcher is told of what its predecessor handed over, and of its end") {
  start();
  pass(1s);
  publish({1, 2, 3, 4});
  publish({5});
  answer();
  new_dispatcher();
  REQUIRE_EQ(heard->producers.size(), 1u);
  CHECK(heard->producers[0].held == (places{place(5), place(1), place(2), place(3), place(4)}));
  end(transaction_result::committed);
  CHECK(heard->ended == (places{place(1), place(2), place(3), place(4)}));
  CHECK_EQ(delivered(), "");
}

TEST_CASE("a reader that dies over a question is not waited for: its successor is asked") {
  start();
  pass(1s);
  publish({1});
  auto dead = caf::actor_cast<caf::strong_actor_ptr>(reader);
  new_reader();
  order_exit(dead, caf::exit_reason::kill);
  settle();
  CHECK(read->questions.empty());
  pass(100ms);
  REQUIRE_EQ(read->questions.size(), 1u);
  CHECK(read->questions[0].finishing == places{place(1)});
}

TEST_CASE("without a reader nothing is published, and everything once there is one") {
  new_dispatcher();
  new_producer();
  publish({1});
  pass(1s);
  CHECK(!broker->running);
  new_reader();
  pass(100ms);
  answer();
  CHECK_EQ(running(), keys{"1"});
}

TEST_CASE("an answer to an older question is not taken") {
  start();
  pass(1s);
  publish({1});
  tell(offsets_response{read->questions.back().serial - 1, {{0, 1, "1"}}, "old", {}, {}});
  CHECK(!broker->running);
}

END_FIXTURE_SCOPE()
