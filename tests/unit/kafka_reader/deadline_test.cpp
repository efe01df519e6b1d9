#define CAF_SUITE deadline
#include "tests/support/test.hpp"

#include "actors/kafka_reader/deadline.hpp"

#include <limits>

using namespace mp;
using namespace std::chrono_literals;
using std::nullopt;

namespace {

using moment = std::chrono::system_clock::time_point;
using maybe = std::optional<moment>;

constexpr moment sent{1'800'000'000s};
constexpr std::int64_t sent_ms = 1'800'000'000'000;

} // namespace

TEST_CASE("without a header and without a greatest age there is no deadline") {
  CHECK_EQ(deadline_of(nullopt, nullopt, sent), maybe{});
}

TEST_CASE("the header is Unix time in milliseconds") {
  CHECK_EQ(deadline_of(sent_ms + 1'500, nullopt, sent), maybe{sent + 1500ms});
}

TEST_CASE("the greatest age counts from the record's time") {
  CHECK_EQ(deadline_of(nullopt, 90s, sent), maybe{sent + 90s});
}

TEST_CASE("a record without a time is not judged by its age") {
  CHECK_EQ(deadline_of(nullopt, 90s, nullopt), maybe{});
  CHECK_EQ(deadline_of(sent_ms, 90s, nullopt), maybe{sent});
}

TEST_CASE("the earlier of both counts") {
  CHECK_EQ(deadline_of(sent_ms + 10'000, 90s, sent), maybe{sent + 10s});
  CHECK_EQ(deadline_of(sent_ms + 100'000, 90s, sent), maybe{sent + 90s});
}

TEST_CASE("a header beyond the clock's range is its first or last moment") {
  for (auto far : {std::numeric_limits<std::int64_t>::max(), std::int64_t{9'223'372'036'855}}) {
    CHECK_GT(deadline_of(far, nullopt, sent), maybe{moment::max() - 1ms});
    CHECK_EQ(deadline_of(far, 90s, sent), maybe{sent + 90s});
  }
  for (auto far : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-9'223'372'036'855}}) {
    CHECK_LT(deadline_of(far, nullopt, sent), maybe{moment::min() + 1ms});
    CHECK_LT(deadline_of(far, 90s, sent), maybe{moment::min() + 1ms});
  }
}

TEST_CASE("a deadline before 1970 has passed") {
  CHECK_EQ(deadline_of(-1, nullopt, sent), maybe{moment{-1ms}});
  CHECK_EQ(deadline_of(0, nullopt, sent), maybe{moment{}});
}

TEST_CASE("an absurd record time or age does not wrap around") {
  CHECK_EQ(deadline_of(nullopt, 90s, moment::max() - 1s), maybe{moment::max()});
  CHECK_EQ(deadline_of(nullopt, 90s, moment::min()), maybe{moment::min() + 90s});
  CHECK_EQ(deadline_of(nullopt, std::chrono::milliseconds::max(), sent), maybe{moment::max()});
  CHECK_EQ(deadline_of(nullopt, std::chrono::milliseconds::min(), moment{-1h}), maybe{moment::min()});
}
