#define CAF_SUITE rd_consumer
#include "tests/support/test.hpp"

#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/world.hpp"

#include <cstdlib>
#include <random>
#include <string>

using namespace mp;
using namespace std::chrono_literals;

TEST_CASE("every record comes once under small random demand with nothing but notifications to wake the reader") {
  kafka_world world;
  constexpr int count = 20000;
  world.fill(count);
  member m{world.options()};
  m.credit = 0;
  std::mt19937 random{7};
  std::uniform_int_distribution<std::size_t> step{1, 40};
  while (m.got.size() < count) {
    const auto goal = std::min<std::size_t>(m.got.size() + step(random), count);
    m.demand(goal - m.got.size());
    REQUIRE(m.run_until([&] { return m.got.size() >= goal; }));
    REQUIRE_EQ(m.got.size(), goal);
  }
  CHECK_EQ(distinct_places(m.got).size(), static_cast<std::size_t>(count));
}

TEST_CASE("records that come one by one each notify") {
  kafka_world world;
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  for (std::size_t i = 1; i <= 20; ++i) {
    world.fill(1);
    REQUIRE(m.run_until([&] { return m.got.size() == i; }));
  }
}

TEST_CASE("no fetch brings more than was asked for, by number and by bytes") {
  kafka_world world{1};
  world.fill(40, [](int) { return std::string(1000, 'x'); }, 1);
  member m{world.options()};
  m.credit = 0;
  REQUIRE(m.run_until([&] { return m.more.size() == 1; })); // rang, and nothing was taken
  CHECK_EQ(m.got.size(), 0u);
  m.demand(3);
  REQUIRE(m.run_until([&] { return m.got.size() == 3; }));
  CHECK_EQ(m.got.size(), 3u);
  m.bytes_max = 2500; // the record that reaches it is the last
  m.credit = 0;
  const auto before = m.got.size();
  m.demand(40);
  CHECK_EQ(m.got.size() - before, 3u);
}

TEST_CASE("key, body, headers, partition, offset and time arrive as they were sent") {
  kafka_world world;
  const kafka::blocking_handle_ptr sender{
    kafka::make_handle(RD_KAFKA_PRODUCER, kafka::make_conf({{"bootstrap.servers", world.broker.bootstrap()}}, {}, 0))};
  std::string zeros("a\0b", 3);
  rd_kafka_producev(sender.get(), RD_KAFKA_V_TOPIC("requests"), RD_KAFKA_V_PARTITION(2),
                    RD_KAFKA_V_KEY(zeros.data(), zeros.size()), RD_KAFKA_V_VALUE(zeros.data(), zeros.size()),
                    RD_KAFKA_V_HEADER("traceparent", "00-1", 4), RD_KAFKA_V_HEADER("tracestate", nullptr, 0),
                    RD_KAFKA_V_HEADER("traceparent", "00-2", 4), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                    RD_KAFKA_V_END);
  rd_kafka_producev(sender.get(), RD_KAFKA_V_TOPIC("requests"), RD_KAFKA_V_PARTITION(2),
                    RD_KAFKA_V_TIMESTAMP(1'700'000'000'123), RD_KAFKA_V_END);
  REQUIRE(rd_kafka_flush(sender.get(), 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 2; }));
  CHECK_EQ(m.got[0].partition, 2);
  CHECK_EQ(m.got[0].offset, 0);
  CHECK(m.got[0].key == zeros);
  CHECK(*m.got[0].body == zeros);
  const std::vector<name_and_text> headers{{"traceparent", "00-1"}, {"tracestate", ""}, {"traceparent", "00-2"}};
  CHECK(m.got[0].headers == headers);
  const auto now = std::chrono::system_clock::now().time_since_epoch() / 1ms;
  CHECK_LT(std::abs(now - m.got[0].timestamp_ms), 60'000); // without a time of its own it gets that of sending
  CHECK_EQ(m.got[1].offset, 1);
  CHECK_EQ(m.got[1].timestamp_ms, 1'700'000'000'123);
  CHECK(m.got[1].key.empty());
  REQUIRE(m.got[1].body != nullptr);
  CHECK(m.got[1].body->empty());
  CHECK(m.got[1].headers.empty());
}

TEST_CASE(
  "of the headers only those come that mean something, each up to its limit, and all count for the record's size") {
  kafka_world world;
  const kafka::property_list one_batch{{"bootstrap.servers", world.broker.bootstrap()}, {"linger.ms", "500"}};
  const kafka::blocking_handle_ptr sender{kafka::make_handle(RD_KAFKA_PRODUCER, kafka::make_conf(one_batch, {}, 0))};
  const std::string large(50'000, 'h'), longest(512, 's'), too_long(513, 's');
  for (int i = 0; i < 3; ++i)
    rd_kafka_producev(sender.get(), RD_KAFKA_V_TOPIC("requests"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY("k", 1),
                      RD_KAFKA_V_HEADER("foreign", large.data(), large.size()), RD_KAFKA_V_HEADER("priority", "7", 1),
                      RD_KAFKA_V_HEADER("tracestate", longest.data(), longest.size()),
                      RD_KAFKA_V_HEADER("correlation-id", too_long.data(), too_long.size()),
                      RD_KAFKA_V_HEADER("deadline", too_long.data(), too_long.size()),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  REQUIRE(rd_kafka_flush(sender.get(), 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  member m{world.options()};
  m.credit = 1;
  REQUIRE(m.run_until([&] { return m.got.size() == 1; }));
  m.bytes_max = 10;
  m.demand(2);
  CHECK_EQ(m.got.size(), 2u); // its headers have reached the limit of the fetch
  const std::vector<name_and_text> kept{{"priority", "7"}, {"tracestate", longest}, {"deadline", ""}};
  CHECK(m.got[0].headers == kept);
  CHECK_EQ(m.got[0].bytes, 1 + 7 + 50'000 + 8 + 1 + 10 + 512 + 14 + 513 + 8 + 513);
}

TEST_CASE("however many headers of a record mean something, a bounded number of them comes, the last one among them") {
  kafka_world world;
  const kafka::blocking_handle_ptr sender{
    kafka::make_handle(RD_KAFKA_PRODUCER, kafka::make_conf({{"bootstrap.servers", world.broker.bootstrap()}}, {}, 0))};
  rd_kafka_headers_t* headers = rd_kafka_headers_new(1000);
  for (int i = 0; i < 1000; ++i)
    rd_kafka_header_add(headers, "deadline", -1, std::to_string(i).c_str(), -1);
  rd_kafka_producev(sender.get(), RD_KAFKA_V_TOPIC("requests"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_HEADERS(headers),
                    RD_KAFKA_V_END);
  REQUIRE(rd_kafka_flush(sender.get(), 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 1; }));
  CHECK_EQ(m.got[0].headers.size(), 16u);
  CHECK_EQ(m.got[0].headers.back().second, "999");
}

TEST_CASE("of a record above the limit nothing is copied but its place, its size and a short key") {
  kafka_world world{1};
  world.fill(3, [](int i) { return std::string(i == 1 ? 2'000'000 : 10, 'x'); }, 1);
  auto options = world.options();
  options.record_bytes_max = 1'000'000;
  member m{options};
  REQUIRE(m.run_until([&] { return m.got.size() == 3; }));
  CHECK_EQ(m.got[1].offset, 1);
  CHECK_EQ(m.got[1].key, "k1");
  CHECK_EQ(m.got[1].bytes, 2'000'002u);
  REQUIRE(m.got[1].body != nullptr);
  CHECK(m.got[1].body->empty());
  CHECK_EQ(m.got[2].body->size(), 10u);
}

TEST_CASE("a record larger than a fetch comes whole, beside small ones") {
  kafka_world world;
  world.fill(4, [](int i) { return i == 1 ? std::string(4'000'000, 'p') : std::string("small"); });
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 4; }));
  std::size_t largest = 0;
  for (const auto& each : m.got)
    largest = std::max(largest, each.body->size());
  CHECK_EQ(largest, 4'000'000u);
}

TEST_CASE("with auto.offset.reset=latest only records come that are stored later") {
  kafka_world world;
  world.fill(40);
  auto options = world.options();
  options.properties.emplace_back("auto.offset.reset", "latest");
  options.lag_interval = 20ms;
  member m{options};
  // The lag needs the place where reading begins as well.
  REQUIRE(m.run_ticking_until([&] { return !m.lags.empty() && m.lags.back().lags.size() == 4; }));
  for (const auto& each : m.lags.back().lags)
    CHECK_EQ(each.records, 0);
  for (std::size_t i = 0; m.got.empty() && i < 100; ++i) { // fetching may begin a little later than the look-up
    world.fill(4);
    m.run_until([&] { return !m.got.empty(); }, 100ms);
  }
  REQUIRE(!m.got.empty());
  for (const auto& each : m.got)
    CHECK_GE(each.offset, 10);
}

TEST_CASE("with auto.offset.reset=error a partition without a commit is reported, not read") {
  kafka_world world;
  world.fill(4);
  auto options = world.options();
  options.properties.emplace_back("auto.offset.reset", "error");
  member m{options};
  REQUIRE(m.run_until([&] { return m.errors.size() == 4; }));
  for (const auto& each : m.errors) {
    CHECK_EQ(each.code, "_AUTO_OFFSET_RESET");
    CHECK(!each.fatal);
  }
  CHECK(m.got.empty());
}

TEST_CASE("a property that librdkafka refuses stops the start") {
  kafka_world world;
  auto options = world.options();
  options.properties.emplace_back("no.such.property", "1");
  kafka::rd_consumer consumer{options};
  CHECK_THROWS_AS(consumer.open([](std::int32_t) {}), std::runtime_error);
}
