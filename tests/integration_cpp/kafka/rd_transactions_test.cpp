#define CAF_SUITE rd_transactions
#include "tests/support/test.hpp"

// The embedded broker knows neither aborts nor fencing nor generations [kafka 12]: here it is made to answer what a
// real one would. What is visible and what is committed is looked at in tests/integration/test_transactions.py.

#include "runtime/kafka/transaction_client.hpp"
#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/publisher.hpp"
#include "tests/integration_cpp/kafka/world.hpp"
#include "tests/support/log_lines.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

using namespace mp;
using namespace std::chrono_literals;

namespace {

kafka::transaction_options options_for(const kafka_world& world, kafka::property_list properties = {}) {
  kafka::transaction_options options;
  options.producer = {world.broker.bootstrap(), "requests", "replies", "replies", std::move(properties)};
  options.requests_topic = "requests";
  options.transactional_id = "instance-1";
  return options;
}

shared_outgoing reply(std::string body, destination to = destination::text_reply) {
  return shared_outgoing{outgoing{to, "k", std::move(body), {}}};
}

std::vector<shared_outgoing> replies(int count) {
  std::vector<shared_outgoing> records;
  for (int i = 0; i < count; ++i)
    records.push_back(reply("body " + std::to_string(i)));
  return records;
}

using indexes = std::vector<std::size_t>;

/// The records for which a transaction was aborted.
indexes refused(const std::optional<transaction_outcome>& outcome, delivery_result why) {
  indexes all;
  if (outcome && outcome->result == transaction_result::aborted)
    for (const auto& each : outcome->refused)
      if (each.result == why)
        all.push_back(each.index);
  return all;
}

/// A world with somebody in the group, on whose behalf offsets are committed.
struct group_world : kafka_world {
  group_world() : one(options()) {
    if (!one.run_until([this] { return one.held.size() == 4; }))
      throw std::runtime_error("nobody joined");
  }

  transaction with_offsets(std::vector<shared_outgoing> records = {reply("x")}) {
    return {std::move(records), {{0, 7, "a bitmap"}, {1, position::none, {}}}, one.port->membership()};
  }

  member one;
};

} // namespace

TEST_CASE("the records of a committed transaction are stored as given, each destination in its topic") {
  kafka_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  const std::vector<name_and_text> headers{{"traceparent", "1"}, {"tracestate", ""}, {"traceparent", "2"}};
  const std::string zeros("a\0b", 3);
  const shared_outgoing photo{outgoing{destination::photo_reply, zeros, zeros, headers}};
  const shared_outgoing dead{outgoing{destination::dead_letter, "", "", {}}};
  const auto outcome = p.run({{photo, dead}, {}, {}});
  REQUIRE(outcome);
  CHECK(outcome->result == transaction_result::committed);
  CHECK(outcome->reason.empty());
  member requests{world.options()};
  REQUIRE(requests.run_until([&] { return requests.got.size() == 1; }));
  CHECK(requests.got[0].key == zeros);
  CHECK(*requests.got[0].body == zeros);
  CHECK(requests.got[0].headers == headers);
  auto options = world.options();
  options.topic = "replies";
  member letters{options};
  REQUIRE(letters.run_until([&] { return letters.got.size() == 1; }));
  CHECK(letters.got[0].key.empty());
  CHECK(letters.got[0].body->empty());
}

TEST_CASE("records alone, offsets alone, both and neither can be committed") {
  group_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  CHECK(p.run({{reply("x")}, {}, {}})->result == transaction_result::committed);
  CHECK(p.run(world.with_offsets({}))->result == transaction_result::committed);
  CHECK(p.run(world.with_offsets())->result == transaction_result::committed);
  CHECK(p.run({})->result == transaction_result::committed);
}

TEST_CASE("offsets of somebody who is not in the group are refused before the broker is asked, and the port goes on") {
  group_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  auto what = world.with_offsets();
  for (const auto* membership : {"", "no membership at all"}) {
    what.membership = membership;
    const auto outcome = p.run(what);
    CHECK(outcome->result == transaction_result::aborted);
    CHECK_EQ(outcome->reason, "not a member of the group");
  }
  CHECK(p.run(world.with_offsets())->result == transaction_result::committed);
}

TEST_CASE("refusals that pass are repeated until they have passed") {
  group_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  world.refuse(api_key::produce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 1);
  world.refuse(api_key::add_offsets_to_txn, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 2);
  world.refuse(api_key::txn_offset_commit, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  world.refuse(api_key::end_txn, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, 2);
  CHECK(p.run(world.with_offsets())->result == transaction_result::committed);
}

TEST_CASE("a refusal that passes, but not in time, leaves the outcome open") {
  group_world world;
  auto options = options_for(world);
  options.send_limit = 300ms;
  publisher p{options};
  REQUIRE(p.wait_ready());
  world.refuse(api_key::add_offsets_to_txn, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 100);
  CHECK(p.run(world.with_offsets())->result == transaction_result::unclear);
}

TEST_CASE("a member that was put out of the group has its transaction aborted, and the port goes on") {
  group_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  for (const auto code : {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
                          RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID}) {
    world.refuse(api_key::txn_offset_commit, code);
    const auto outcome = p.run(world.with_offsets());
    CHECK(outcome->result == transaction_result::aborted);
    CHECK(outcome->reason.find(rd_kafka_err2name(code)) == 0);
    CHECK(p.run(world.with_offsets())->result == transaction_result::committed);
  }
}

TEST_CASE("a fenced port is unclear, and stays so") {
  group_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  world.refuse(api_key::end_txn, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
  const auto outcome = p.run(world.with_offsets());
  CHECK(outcome->result == transaction_result::unclear);
  CHECK(outcome->reason.find("_FENCED") == 0);
  CHECK(p.run(world.with_offsets())->result == transaction_result::unclear);
}

TEST_CASE("a record above message.max.bytes is too large for this client, and the port goes on") {
  kafka_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  CHECK(refused(p.run({{reply("x"), reply(std::string(17 << 20, 'x'))}, {}, {}}), delivery_result::too_large)
        == (indexes{1}));
  CHECK(p.run({replies(3), {}, {}})->result == transaction_result::committed);
}

TEST_CASE("a record whose size the broker refuses is too large, also when later ones are only then queued") {
  group_world world;
  publisher p{options_for(world, {{"queue.buffering.max.messages", "10"}})};
  REQUIRE(p.wait_ready());
  for (const auto count : {1, 100}) {
    world.refuse(api_key::produce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    CHECK(!refused(p.run(world.with_offsets(replies(count))), delivery_result::too_large).empty());
    CHECK_EQ(p.run(world.with_offsets(replies(count)))->reason, "");
  }
}

TEST_CASE("a transaction names the records of the batch that was refused, and no others") {
  kafka_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  for (const auto code :
       {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_POLICY_VIOLATION}) {
    world.refuse(api_key::produce, code);
    const auto outcome = p.run({replies(5), {}, {}});
    REQUIRE(outcome->result == transaction_result::aborted);
    CHECK(!outcome->refused.empty());
    for (const auto& each : outcome->refused)
      CHECK_EQ(each.code, rd_kafka_err2name(code));
    CHECK(p.run({replies(5), {}, {}})->result == transaction_result::committed);
  }
}

TEST_CASE("a topic that is not there fails its records within two seconds, and they are named") {
  kafka_world world;
  rd_kafka_mock_topic_set_error(world.broker.cluster(), "letters", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  auto options = options_for(world);
  options.producer.dead_letter_topic = "letters";
  publisher p{options};
  REQUIRE(p.wait_ready());
  const auto began = std::chrono::steady_clock::now();
  const shared_outgoing letter{outgoing{destination::dead_letter, "key", "", {}}};
  const auto outcome = p.run({{reply("x"), letter, reply("y")}, {}, {}});
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{20}); // 30 s are librdkafka's own
  CHECK(refused(outcome, delivery_result::topic_refuses) == (indexes{1}));
  CHECK(p.run({{reply("x")}, {}, {}})->result == transaction_result::committed);
}

TEST_CASE("a record that may not be published fails its transaction, and the port goes on") {
  kafka_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  world.refuse(api_key::produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const auto outcome = p.run({replies(1), {}, {}});
  CHECK(outcome->result == transaction_result::aborted);
  CHECK(outcome->reason.find("TOPIC_AUTHORIZATION_FAILED") == 0);
  CHECK(refused(outcome, delivery_result::topic_refuses) == (indexes{0}));
  CHECK(p.run({replies(1), {}, {}})->result == transaction_result::committed);
}

TEST_CASE("a transaction may be larger than the queue, a record may not") {
  kafka_world world;
  publisher p{options_for(world, {{"queue.buffering.max.messages", "100"}, {"queue.buffering.max.kbytes", "1024"}})};
  REQUIRE(p.wait_ready());
  CHECK(p.run({replies(1000), {}, {}})->result == transaction_result::committed);
  CHECK(refused(p.run({{reply(std::string(2 << 20, 'x'))}, {}, {}}), delivery_result::too_large) == (indexes{0}));
  CHECK(refused(p.run({{reply("x"), reply(std::string(2 << 20, 'x'))}, {}, {}}), delivery_result::too_large)
        == (indexes{1}));
  CHECK(p.run({replies(1), {}, {}})->result == transaction_result::committed);
}

TEST_CASE("a commit without an answer in time is unclear") {
  kafka_world world;
  auto options = options_for(world);
  options.end_limit = 200ms;
  publisher p{options};
  REQUIRE(p.wait_ready());
  world.delay(api_key::end_txn, 1s);
  const auto outcome = p.run({replies(1), {}, {}});
  CHECK(outcome->result == transaction_result::unclear);
  CHECK(outcome->reason.find("_TIMED_OUT") == 0);
}

TEST_CASE("offsets without an answer in time are unclear and not aborted: they could land in the next transaction") {
  group_world world;
  auto options = options_for(world, {{"socket.timeout.ms", "300"}}); // the limit of one request
  options.send_limit = 200ms;
  publisher p{options};
  REQUIRE(p.wait_ready());
  world.delay(api_key::txn_offset_commit, 2s);
  const auto outcome = p.run(world.with_offsets());
  CHECK(outcome->result == transaction_result::unclear);
  CHECK(outcome->reason.find("_TIMED_OUT") == 0);
}

TEST_CASE("what an error means for the transaction") {
  using kafka::recovery;
  const auto of = [](rd_kafka_resp_err_t code, bool retriable, bool abortable) {
    return kafka::recovery_for({code, retriable, abortable, {}});
  };
  CHECK(of(RD_KAFKA_RESP_ERR__TIMED_OUT, true, false) == kafka::recovery::repeat);
  CHECK(of(RD_KAFKA_RESP_ERR__TIMED_OUT, false, true) == kafka::recovery::replace);
  CHECK(of(RD_KAFKA_RESP_ERR__TRANSPORT, false, true) == kafka::recovery::replace);
  CHECK(of(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, false, true) == kafka::recovery::replace);
  CHECK(of(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, false, true) == kafka::recovery::abort);
  CHECK(of(RD_KAFKA_RESP_ERR__STATE, false, false) == kafka::recovery::replace);
  CHECK(of(RD_KAFKA_RESP_ERR__FENCED, false, false) == kafka::recovery::replace);
}

TEST_CASE("the port is ready as soon as a broker that was away is back") {
  kafka_world world;
  rd_kafka_mock_broker_set_down(world.broker.cluster(), 1);
  publisher p{options_for(world, {{"reconnect.backoff.max.ms", "100"}})};
  CHECK(!p.events.next(1500ms)); // longer than one call
  rd_kafka_mock_broker_set_up(world.broker.cluster(), 1);
  REQUIRE(p.wait_ready());
  CHECK(p.run({replies(1), {}, {}})->result == transaction_result::committed);
}

TEST_CASE("a client whose initialisation gets nowhere is replaced by one that knows the bootstrap brokers") {
  kafka_world world;
  world.delay(api_key::init_producer_id, 60s); // as good as never
  auto options = options_for(world);
  options.initialise_limit = 1500ms;
  publisher p{options};
  REQUIRE(p.wait_ready(20s));
  CHECK(p.run({replies(1), {}, {}})->result == transaction_result::committed);
}

TEST_CASE("initialising waits for refusals that pass, and ends for those that do not, saying why") {
  kafka_world world;
  world.refuse(api_key::init_producer_id, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, 2);
  publisher first{options_for(world)};
  REQUIRE(first.wait_ready());
  world.refuse(api_key::init_producer_id, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  publisher second{options_for(world)};
  const auto outcome = second.outcome();
  REQUIRE(outcome);
  CHECK(outcome->result == transaction_result::unclear);
  CHECK(outcome->reason.find("TRANSACTIONAL_ID_AUTHORIZATION_FAILED") == 0);
  CHECK(second.run({replies(1), {}, {}})->result == transaction_result::unclear);
}

TEST_CASE("a port can be destroyed at every stage: at once, and it tells nothing after it") {
  struct stage {
    api_key waiting_for;
    bool offsets;
  };
  group_world world;
  const std::array stages{stage{api_key::init_producer_id, false}, stage{api_key::produce, false},
                          stage{api_key::add_offsets_to_txn, true}, stage{api_key::txn_offset_commit, true},
                          stage{api_key::end_txn, true}};
  for (const auto& [request, offsets] : stages) {
    world.delay(request, 2s);
    publisher p{options_for(world)};
    if (request != api_key::init_producer_id) {
      REQUIRE(p.wait_ready());
      p.port->run(offsets ? world.with_offsets() : transaction{replies(1), {}, {}});
    }
    CHECK(!p.events.next(300ms)); // by now it waits for that answer
    const auto told = p.events.count();
    const auto began = std::chrono::steady_clock::now();
    p.port.reset();
    CHECK_LT((std::chrono::steady_clock::now() - began) / 1ms, 100);
    CHECK(!kafka::background()->wait(0ms)); // what blocks, blocks elsewhere
    REQUIRE(kafka::background()->wait(20s));
    CHECK_EQ(p.events.count(), told);
  }
}

TEST_CASE(
  "a fenced client takes back what it has under way before it goes: a second refusal would find it half destroyed") {
  group_world world;
  publisher p{options_for(world)};
  REQUIRE(p.wait_ready());
  world.delay(api_key::add_offsets_to_txn, 2s); // the call that the fencing ends; a commit would wait for all answers
  world.delay(api_key::produce, 100ms, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  world.delay(api_key::produce, 2s);
  const auto outcome =
    p.run(world.with_offsets({reply("one"), reply("another", destination::photo_reply)})); // a request each
  REQUIRE(outcome);
  CHECK(outcome->result == transaction_result::unclear);
  log_lines logged;
  p.port.reset();
  REQUIRE(kafka::background()->wait(20s));
  CHECK(logged.with("Producer terminating with").empty()); // librdkafka's complaint of what is still under way
}

TEST_CASE("an idle port, one without a broker and one that was never opened leave no thread behind") {
  kafka_world world;
  {
    publisher idle{options_for(world)};
    REQUIRE(idle.wait_ready());
    CHECK(idle.run({replies(1), {}, {}})->result == transaction_result::committed);
    const kafka::rd_transactions unused{options_for(world)};
  }
  REQUIRE(kafka::background()->wait(5s));
  rd_kafka_mock_broker_set_down(world.broker.cluster(), 1);
  {
    publisher alone{options_for(world)};
  }
  CHECK(kafka::background()->wait(5s));
}

TEST_CASE("a name that Kafka does not know as a name stops the start") {
  kafka_world world;
  auto options = options_for(world);
  options.producer.photo_reply_topic = std::string(600, 't');
  kafka::rd_transactions port{options};
  CHECK_THROWS_AS(port.open([](transaction_event) {}), std::runtime_error);
}

TEST_CASE("deliveries may take two thirds of a transaction's time, whatever the user allows for a producer") {
  kafka_world world;
  const auto delivery_time = [&](kafka::property_list properties) {
    const auto conf = kafka::transaction_conf(options_for(world, std::move(properties)));
    std::array<char, 32> text{};
    auto size = text.size();
    rd_kafka_conf_get(conf.get(), "message.timeout.ms", text.data(), &size);
    return std::string{text.data()};
  };
  CHECK_EQ(delivery_time({}), "20000");
  CHECK_EQ(delivery_time({{"delivery.timeout.ms", "300000"}}), "20000");
  CHECK_EQ(delivery_time({{"message.timeout.ms", "0"}}), "20000");
  CHECK_EQ(delivery_time({{"message.timeout.ms", "5000"}}), "5000");
  CHECK_EQ(delivery_time({{"transaction.timeout.ms", "60000"}}), "40000");
}
