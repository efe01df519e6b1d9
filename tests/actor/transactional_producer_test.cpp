#define CAF_SUITE transactional_producer
#include "tests/support/test.hpp"

#include "actors/producer/producer.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_transactions.hpp"
#include "tests/support/recorders.hpp"

#include <caf/send.hpp>

using namespace mp;
using namespace mp::test;

namespace {

using keys = std::vector<std::string>;
using places = std::vector<origin>;

struct transactional_fixture : actor_fixture {
  std::shared_ptr<fake_transactions> broker = std::make_shared<fake_transactions>();
  std::shared_ptr<dispatcher_log> heard = std::make_shared<dispatcher_log>();
  std::shared_ptr<reader_log> read = std::make_shared<reader_log>();
  dispatcher_actor dispatcher;
  reader_actor reader;
  producer_actor producer;

  ~transactional_fixture() {
    dispatcher = nullptr;
    reader = nullptr;
    producer = nullptr;
  }

  void new_dispatcher() {
    heard = std::make_shared<dispatcher_log>();
    dispatcher = spawn_recording_dispatcher(parent(), heard);
    keep(caf::actor_cast<caf::strong_actor_ptr>(dispatcher));
    directory->dispatcher_started(dispatcher);
    settle();
  }

  void new_reader() {
    read = std::make_shared<reader_log>();
    reader = spawn_recording_reader(parent(), read);
    keep(caf::actor_cast<caf::strong_actor_ptr>(reader));
    directory->reader_started(reader);
  }

  void new_producer() {
    producer_config config;
    config.directory = directory;
    config.make_transactions = [broker = broker] { return std::make_unique<fake_transaction_port>(broker); };
    config.transaction_interval = 100ms;
    config.transaction_records_max = 4;
    producer = keep_as<producer_actor>(spawn_producer(parent(), std::move(config)));
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
    caf::anon_send(producer, std::move(batch));
    settle();
  }

  /// The reader answers the last question.
  void answer(places finished = {}, places stale = {}, std::vector<position> offsets = {}) {
    REQUIRE(!read->questions.empty());
    caf::anon_send(producer, transaction_offsets{read->questions.back().serial, std::move(offsets), "member-1",
                                                 std::move(finished), std::move(stale)});
    settle();
  }

  void end(transaction_result result, bool visible = false) {
    broker->end(result, visible);
    settle();
  }

  keys running() const {
    keys all;
    if (broker->running)
      for (const auto& each : broker->running->records)
        all.push_back(each->key);
    return all;
  }

  /// "7 acknowledged, 8 failed"
  std::string delivered() const {
    constexpr const char* results[] = {"acknowledged", "too large", "failed"};
    std::string text;
    for (const auto& each : heard->deliveries)
      text += (text.empty() ? "" : ", ") + std::to_string(each.token) + " "
              + results[static_cast<std::size_t>(each.result)];
    return text;
  }

  bool producer_alive() { return alive(caf::actor_cast<caf::strong_actor_ptr>(producer)); }
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
  CHECK(producer_alive());
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

TEST_CASE("a port that can never be used is a crash") {
  broker->ready_at_once = false;
  new_reader();
  new_producer();
  broker->tell(transaction_outcome{transaction_result::unclear, "fenced"});
  settle();
  CHECK(!producer_alive());
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
  caf::anon_send(producer, offsets_waiting{});
  settle();
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

TEST_CASE("a record that is too large is found among its neighbours, which are published") {
  start();
  pass(1s);
  publish({1, 2, 3, 4});
  std::size_t transactions = 0;
  for (; delivered().find("3 too large") == std::string::npos && transactions < 20; ++transactions) {
    pass(100ms);
    if (!broker->running)
      answer();
    auto now_running = running();
    bool bad = std::find(now_running.begin(), now_running.end(), "3") != now_running.end();
    end(bad ? transaction_result::too_large : transaction_result::committed);
  }
  pass(100ms);
  answer();
  end(transaction_result::committed);
  CHECK_EQ(broker->keys(), (keys{"1", "2", "4"}));
  CHECK_EQ(delivered(), "1 acknowledged, 2 acknowledged, 3 too large, 4 acknowledged");
}

TEST_CASE("of two records the larger one is taken to be too large, the other is to be sent again") {
  start();
  pass(1s);
  caf::anon_send(producer,
                 publication{{{14, shared_outgoing{outgoing{destination::text_reply, "k", "long body", {}}}, place(7), 0, 3},
                              {15, shared_outgoing{outgoing{destination::dead_letter, "k", "", {}}}, place(7), 1, 3}}});
  settle();
  answer();
  end(transaction_result::too_large);
  CHECK_EQ(delivered(), "14 too large, 15 failed");
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
  caf::anon_send(producer, transaction_offsets{read->questions.back().serial - 1, {{0, 1, "1"}}, "old", {}, {}});
  settle();
  CHECK(!broker->running);
}

END_FIXTURE_SCOPE()
