#define CAF_SUITE utc_time
#include "tests/support/test.hpp"

#include "messages/utc_time.hpp"

using namespace mp;
using namespace std::chrono_literals;

TEST_CASE("times are written in UTC with milliseconds, also before 1970") {
  const auto at = [](std::chrono::milliseconds since_1970) {
    return iso_8601(std::chrono::system_clock::time_point{since_1970});
  };
  CHECK_EQ(at(0ms), "1970-01-01T00:00:00.000Z");
  CHECK_EQ(at(-1ms), "1969-12-31T23:59:59.999Z");
  CHECK_EQ(iso_8601(std::chrono::system_clock::time_point{-1ns}), "1969-12-31T23:59:59.999Z");
  CHECK_EQ(at(951'782'399'999ms), "2000-02-28T23:59:59.999Z");
  CHECK_EQ(at(951'868'800'007ms), "2000-03-01T00:00:00.007Z");
  CHECK_EQ(at(4'102'444'800'000ms), "2100-01-01T00:00:00.000Z");
}
