#define CAF_SUITE log_deduplicator
#include "tests/support/test.hpp"

#include "runtime/kafka/log_deduplicator.hpp"

using namespace mp::kafka;
using namespace std::chrono_literals;

namespace {

const log_deduplicator::time_point start{1000s};

} // namespace

TEST_CASE("the same text passes once in ten seconds and then says how often it was held back") {
  log_deduplicator filter;
  CHECK(filter.pass("refused", start) == 0u);
  CHECK(!filter.pass("refused", start + 1s));
  CHECK(!filter.pass("refused", start + 9999ms));
  CHECK(filter.pass("refused", start + 10s) == 2u);
  CHECK(!filter.pass("refused", start + 11s));
  CHECK(filter.pass("refused", start + 20s) == 1u);
}

TEST_CASE("different texts do not hold each other back") {
  log_deduplicator filter;
  CHECK(filter.pass("broker 1 refused", start) == 0u);
  CHECK(filter.pass("broker 2 refused", start) == 0u);
}

TEST_CASE("times and counts in parentheses do not make a text a new one") {
  log_deduplicator filter;
  CHECK(filter.pass("Connect failed (after 12ms in state CONNECT)", start) == 0u);
  CHECK(!filter.pass("Connect failed (after 7ms in state CONNECT, 3 identical error(s) suppressed)", start));
}

TEST_CASE("texts that are all different are limited too, and old ones make room") {
  log_deduplicator filter;
  for (std::size_t i = 0; i < log_deduplicator::texts_max; ++i)
    CHECK(filter.pass("text " + std::to_string(i), start) == 0u);
  CHECK(!filter.pass("one more", start + 1s));
  CHECK(filter.pass("one more", start + 10s) == 0u);
}
