#define CAF_SUITE decode_permit
#include "tests/support/test.hpp"

#include "runtime/threads/decode_permit.hpp"

#include "tests/support/flag.hpp"

#include <atomic>
#include <optional>
#include <thread>

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

TEST_CASE("one more than there are places waits until a place is free") {
  std::optional<decode_permit> one{std::in_place, decoding_weight::light};
  const decode_permit other{decoding_weight::heavy};
  std::atomic<bool> permitted{false};
  flag went;
  std::thread third{[&] {
    const decode_permit permit{decoding_weight::light};
    permitted = true;
    went.raise();
  }};
  std::this_thread::sleep_for(50ms);
  CHECK(!permitted);
  one.reset();
  CHECK(went.wait());
  third.join();
}

TEST_CASE("a heavy photo waits for a heavy one, and a light one that comes later does not wait behind it") {
  std::optional<decode_permit> heavy{std::in_place, decoding_weight::heavy};
  std::atomic<bool> permitted{false};
  flag went;
  std::thread second{[&] {
    const decode_permit permit{decoding_weight::heavy};
    permitted = true;
    went.raise();
  }};
  std::this_thread::sleep_for(50ms);
  { const decode_permit light{decoding_weight::light}; }
  CHECK(!permitted);
  heavy.reset();
  CHECK(went.wait());
  second.join();
}
