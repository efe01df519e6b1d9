#define CAF_SUITE producer
#include "tests/support/test.hpp"

#include "actors/producer/producer.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/neighbour_fixture.hpp"

using namespace mp;
using namespace mp::test;

namespace {

struct producer_fixture : neighbour_fixture<producer_actor> {
  producer_actor& producer = subject;
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();

  void new_producer() {
    producer_config config{[broker = broker] { return std::make_unique<fake_producer>(broker); }, 64, directory};
    put_under_test(spawn_producer(parent(), std::move(config)));
  }

  void start() {
    new_dispatcher();
    new_producer();
  }

  void publish(std::vector<std::uint64_t> tokens) {
    publication batch;
    for (auto token : tokens)
      batch.records.push_back(
        {token, shared_outgoing{outgoing{destination::text_reply, "key-" + std::to_string(token), "body", {}}},
         place(token), 0, 1});
    tell(std::move(batch));
  }

  /// Each token is a request of its own.
  static origin place(std::uint64_t token) { return {0, 1, static_cast<std::int64_t>(token)}; }

  std::vector<std::string> taken() const {
    std::vector<std::string> keys;
    for (const auto& each : broker->taken)
      keys.push_back(each.record.key);
    return keys;
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

  void deliver(std::size_t index, delivery_result result = delivery_result::acknowledged) {
    broker->deliver(index, result);
    settle();
  }
};

using keys = std::vector<std::string>;

} // namespace

BEGIN_FIXTURE_SCOPE(producer_fixture)

TEST_CASE("a producer reports its start with its window") {
  start();
  REQUIRE_EQ(heard->producers.size(), 1u);
  CHECK_EQ(heard->producers[0].producer, producer);
  CHECK_EQ(heard->producers[0].window, 64u);
}

TEST_CASE("records are sent in order and reported with their tokens when the broker has answered") {
  start();
  publish({70, 71});
  publish({72});
  CHECK_EQ(taken(), (keys{"key-70", "key-71", "key-72"}));
  CHECK_EQ(delivered(), "");
  deliver(1);
  deliver(0, delivery_result::failed);
  deliver(2, delivery_result::too_large);
  CHECK_EQ(delivered(), "71 acknowledged, 70 failed, 72 too large");
}

TEST_CASE("what Kafka calls a refusal reaches the dispatcher") {
  start();
  publish({1});
  broker->deliver(0, delivery_result::topic_refuses, "TOPIC_AUTHORIZATION_FAILED");
  settle();
  CHECK_EQ(delivered(), "1 topic refuses");
  CHECK_EQ(heard->deliveries[0].code, "TOPIC_AUTHORIZATION_FAILED");
}

TEST_CASE("a record that can never be sent is reported at once and holds up nobody") {
  start();
  broker->judge = [](const outgoing& record) {
    return record.key == "key-2" ? send_result::too_large : send_result::accepted;
  };
  publish({1, 2, 3});
  CHECK_EQ(taken(), (keys{"key-1", "key-3"}));
  CHECK_EQ(delivered(), "2 too large");
  deliver(1);
  deliver(0);
  CHECK_EQ(delivered(), "2 too large, 3 acknowledged, 1 acknowledged");
}

TEST_CASE("when the client's queue is full the rest waits for the next deliveries, in order") {
  start();
  broker->room = 2;
  publish({1, 2, 3, 4});
  publish({5});
  CHECK_EQ(taken(), (keys{"key-1", "key-2"}));
  deliver(0);
  CHECK_EQ(taken(), (keys{"key-1", "key-2", "key-3"}));
  deliver(1);
  deliver(2);
  CHECK_EQ(taken(), (keys{"key-1", "key-2", "key-3", "key-4", "key-5"}));
  broker->deliver_all();
  settle();
  CHECK_EQ(delivered(), "1 acknowledged, 2 acknowledged, 3 acknowledged, 4 acknowledged, 5 acknowledged");
}

TEST_CASE("a client that takes nothing any more is a crash") {
  start();
  broker->judge = [](const outgoing&) { return send_result::failed; };
  publish({1});
  CHECK(!subject_alive());
}

TEST_CASE("a client that is broken for good is a crash with its reason, after what is known was reported") {
  start();
  self->monitor(producer);
  publish({1, 2});
  broker->broken = "_FENCED";
  deliver(0);
  CHECK_EQ(delivered(), "1 acknowledged");
  CHECK(!subject_alive());
  REQUIRE_EQ(heard->outputs.size(), 1u);
  CHECK_NE(heard->outputs[0].find("_FENCED"), std::string::npos);
  caf::error why;
  self->receive([&](caf::down_msg& down) { why = down.reason; }, caf::after(0s) >> [] {});
  CHECK_NE(to_string(why).find("Kafka producer: _FENCED"), std::string::npos);
}

TEST_CASE("a client that cannot be created is a crash at the start") {
  broker->fail_open = true;
  start();
  CHECK(!subject_alive());
  CHECK_EQ(heard->outputs.size(), 1u);
}

TEST_CASE("a new dispatcher is told of the requests that its predecessor handed over, and of their ends") {
  start();
  broker->room = 1;
  publish({1, 2});
  new_dispatcher();
  REQUIRE_EQ(heard->producers.size(), 1u);
  CHECK(heard->producers[0].held == (std::vector<origin>{place(1), place(2)}));
  broker->deliver_all();
  settle();
  CHECK_EQ(delivered(), "");
  CHECK(heard->ended == std::vector<origin>{place(1)});
  CHECK_EQ(taken(), (keys{"key-1", "key-2"}));
}

TEST_CASE("tokens of an old dispatcher are not taken for those of the new one") {
  start();
  publish({1});
  new_dispatcher();
  tell(publication{{{1, shared_outgoing{outgoing{}}, place(8), 0, 1}}});
  deliver(0);
  CHECK_EQ(delivered(), "");
  deliver(1);
  CHECK_EQ(delivered(), "1 acknowledged");
}

TEST_CASE("a request of an old dispatcher whose record is not published is given up to the new one") {
  start();
  publish({1, 2});
  new_dispatcher();
  deliver(0, delivery_result::failed);
  deliver(1, delivery_result::too_large);
  CHECK(heard->given_up == (std::vector<origin>{place(1), place(2)}));
  CHECK(heard->ended.empty());
}

TEST_CASE("the reader hears of an end from the producer itself, so that it outlives the dispatcher") {
  auto read = std::make_shared<reader_log>();
  auto reader = spawn_recording_reader(parent(), read);
  keep(caf::actor_cast<caf::strong_actor_ptr>(reader));
  directory->set_reader(reader);
  start();
  publish({1, 2});
  tell(publication{
    {{6, shared_outgoing{outgoing{}}, place(3), 0, 0b11}, {7, shared_outgoing{outgoing{}}, place(3), 1, 0b11}}});
  deliver(1);
  CHECK(read->finished == std::vector<origin>{place(2)});
  deliver(2);
  deliver(0, delivery_result::failed);
  CHECK(read->finished == std::vector<origin>{place(2)});
  deliver(3);
  CHECK(read->finished == (std::vector<origin>{place(2), place(3)}));
}

TEST_CASE("records of the new dispatcher wait for room behind those of the old one") {
  start();
  broker->room = 1;
  publish({1});
  new_dispatcher();
  publish({2});
  CHECK_EQ(taken(), (keys{"key-1"}));
  deliver(0);
  CHECK_EQ(taken(), (keys{"key-1", "key-2"}));
}

TEST_CASE("a notification without a delivery is harmless") {
  start();
  broker->notify();
  settle();
  CHECK(subject_alive());
  CHECK_EQ(delivered(), "");
}

TEST_CASE("a notification after the producer's end reaches no actor") {
  start();
  auto notify = broker->notify;
  stop_subject();
  CHECK(!subject_alive());
  notify();
  settle();
}

END_FIXTURE_SCOPE()
