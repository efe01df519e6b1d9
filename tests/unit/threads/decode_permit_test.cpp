#define CAF_SUITE decode_permit
#include "tests/support/test.hpp"

#include "runtime/threads/decode_permit.hpp"

#include "tests/support/flag.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

using namespace mp;
using namespace mp::test;

namespace {

/// Another thread that wants a permit and gives it back at once.
class rival {
public:
  explicit rival(threads::decoding_weight weight)
    : thread_([this, weight] {
        const threads::decode_permit permit{weight};
        permitted_ = true;
        went_.raise();
      }) {}

  ~rival() { thread_.join(); }

  /// Whether it has to wait. It is either in line or has had its permit: both are seen, and nothing is guessed from
  /// time.
  bool waits() const {
    const auto until = std::chrono::steady_clock::now() + long_enough;
    while (threads::decode_permit::waiting() == 0 && !permitted_ && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    return !permitted_;
  }

  bool goes() { return went_.wait(); }

private:
  std::atomic<bool> permitted_{false};
  flag went_;
  std::thread thread_;
};

} // namespace

TEST_CASE("one more than there are places waits until a place is free") {
  std::optional<threads::decode_permit> one{std::in_place, threads::decoding_weight::light};
  const threads::decode_permit other{threads::decoding_weight::heavy};
  rival third{threads::decoding_weight::light};
  CHECK(third.waits());
  one.reset();
  CHECK(third.goes());
}

TEST_CASE("a heavy photo waits for a heavy one, and a light one that comes later does not wait behind it") {
  std::optional<threads::decode_permit> heavy{std::in_place, threads::decoding_weight::heavy};
  rival second{threads::decoding_weight::heavy};
  CHECK(second.waits());
  {
    const threads::decode_permit light{threads::decoding_weight::light};
  }
  CHECK(second.waits());
  heavy.reset();
  CHECK(second.goes());
}
