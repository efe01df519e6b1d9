#define CAF_SUITE values
#include "tests/support/test.hpp"

#include "runtime/config/values.hpp"

using namespace mp::config;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST_CASE("a duration without a unit is seconds") {
  CHECK_EQ(parse_duration("60"), milliseconds{60s});
  CHECK_EQ(parse_duration("0.5"), 500ms);
  CHECK_EQ(parse_duration(".25"), 250ms);
  CHECK_EQ(parse_duration("0"), 0ms);
  CHECK_EQ(parse_duration("0.0004"), 0ms);
  CHECK_EQ(parse_duration("0.0006"), 1ms);
}

TEST_CASE("a duration has one of the units ms, s, m and h, in any case, with or without a blank") {
  CHECK_EQ(parse_duration("1500ms"), 1500ms);
  CHECK_EQ(parse_duration("60 s"), milliseconds{60s});
  CHECK_EQ(parse_duration("5m"), milliseconds{5min});
  CHECK_EQ(parse_duration(" 1.5 H "), milliseconds{90min});
}

TEST_CASE("what is no duration is refused") {
  for (const auto* text : {"", " ", "abc", "-1", "+1", "1e3", "inf", "nan", "1 2", "1d", "1us", "1.2.3", ".", "s",
                           "0x10", "1s2", "99999999999999", "1,5"})
    CHECK_EQ(parse_duration(text), std::nullopt);
}

TEST_CASE("a size without a unit is bytes") {
  CHECK_EQ(parse_bytes("12582912"), 12582912u);
  CHECK_EQ(parse_bytes("0"), 0u);
  CHECK_EQ(parse_bytes("100 B"), 100u);
}

TEST_CASE("a size's unit is a power of 1024 with an i and of 1000 without") {
  CHECK_EQ(parse_bytes("1KiB"), 1024u);
  CHECK_EQ(parse_bytes("12 MiB"), 12u << 20);
  CHECK_EQ(parse_bytes("64Mi"), 64u << 20);
  CHECK_EQ(parse_bytes("1gib"), 1u << 30);
  CHECK_EQ(parse_bytes("512k"), 512'000u);
  CHECK_EQ(parse_bytes("64KB"), 64'000u);
  CHECK_EQ(parse_bytes("10MB"), 10'000'000u);
  CHECK_EQ(parse_bytes("1.5MiB"), 1'572'864u);
}

TEST_CASE("what is no size is refused, a part of a byte too") {
  for (const auto* text : {"", "MiB", "-1", "0.5", "1.0001k", "1TiB", "1e6", "inf", "9999999999999999", "1 2"})
    CHECK_EQ(parse_bytes(text), std::nullopt);
}

TEST_CASE("a whole number is nothing but digits and a minus") {
  CHECK_EQ(parse_integer(" 10 "), 10);
  CHECK_EQ(parse_integer("-1"), -1);
  for (const auto* text : {"", "1.0", "+1", "1e3", "0x1", "ten", "99999999999999999999", "1 000"})
    CHECK_EQ(parse_integer(text), std::nullopt);
}

TEST_CASE("a decimal has no exponent and is finite") {
  CHECK_EQ(parse_decimal("0.7"), 0.7);
  CHECK_EQ(parse_decimal("-2"), -2.0);
  for (const auto* text : {"", ".", "-", "1e1", "inf", "nan", "0,7", "1-1"})
    CHECK_EQ(parse_decimal(text), std::nullopt);
}

TEST_CASE("durations and sizes are written in their largest whole unit and can be read back") {
  CHECK_EQ(duration_text(0ms), "0 s");
  CHECK_EQ(duration_text(500ms), "500 ms");
  CHECK_EQ(duration_text(60s), "60 s");
  CHECK_EQ(duration_text(24h), "24 h");
  CHECK_EQ(bytes_text(0), "0");
  CHECK_EQ(bytes_text(1000), "1000");
  CHECK_EQ(bytes_text(12u << 20), "12 MiB");
  CHECK_EQ(bytes_text(3u << 30), "3 GiB");
  for (const auto duration : {0ms, 1ms, 999ms, 1001ms, 60'000ms, 3'600'000ms, 90'000'000ms})
    CHECK_EQ(parse_duration(duration_text(duration)), duration);
  for (const std::uint64_t bytes : {0ull, 1ull, 1023ull, 1024ull, 1025ull, 1ull << 20, (1ull << 30) + 1, 5ull << 30})
    CHECK_EQ(parse_bytes(bytes_text(bytes)), bytes);
}
