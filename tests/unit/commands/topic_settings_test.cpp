#define CAF_SUITE topic_settings
#include "tests/support/test.hpp"

#include "runtime/commands/topic_settings.hpp"

using namespace mp;

namespace {

constexpr std::size_t twelve_mib = std::size_t{12} << 20;

} // namespace

TEST_CASE("a topic of uncompressed records of the service's own limit needs no advice") {
  auto rows = rows_of_topic_settings("asked", twelve_mib,
                                     {{"max.message.bytes", "12582912"}, {"compression.type", "uncompressed"}});
  REQUIRE_EQ(rows.size(), 2u);
  for (const auto& each : rows) {
    CHECK(each.state == check_state::good);
    CHECK(each.advice.empty());
  }
}

TEST_CASE("compression by the producer, or of any kind, is advised against") {
  for (const auto* type : {"producer", "zstd", "gzip", "lz4", "snappy"}) {
    auto rows = rows_of_topic_settings("asked", twelve_mib, {{"compression.type", type}});
    REQUIRE_EQ(rows.size(), 1u);
    CHECK(rows[0].state == check_state::warning);
    CHECK(rows[0].advice.find("--entity-name asked --add-config compression.type=uncompressed") != std::string::npos);
  }
}

TEST_CASE("records larger than the service takes are advised against, Kafka's default never") {
  CHECK(rows_of_topic_settings("asked", 1024, {{"max.message.bytes", "1048588"}}).at(0).state == check_state::good);
  CHECK(rows_of_topic_settings("asked", twelve_mib, {{"max.message.bytes", "16777216"}}).at(0).state
        == check_state::warning);
  auto rows = rows_of_topic_settings("asked", std::size_t{64} << 20, {{"max.message.bytes", "200000000"}});
  CHECK(rows.at(0).state == check_state::warning);
  CHECK(rows.at(0).advice.find("stops a broker's partitions") != std::string::npos);
}

TEST_CASE("of what is not known nothing is said") {
  CHECK(rows_of_topic_settings("asked", 1024, {{"cleanup.policy", "delete"}}).empty());
}
