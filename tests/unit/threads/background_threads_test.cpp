#define CAF_SUITE background_threads
#include "tests/support/test.hpp"

#include "runtime/threads/background_threads.hpp"

#include "tests/support/flag.hpp"
#include "tests/support/signal_mask.hpp"

#include <atomic>
#include <memory>

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

TEST_CASE("a stuck thread is not waited for for ever") {
  auto ended = std::make_shared<flag>();
  auto go = std::make_shared<flag>();
  const auto began = std::chrono::steady_clock::now();
  {
    threads::background_threads threads{10ms};
    threads.start([go, ended] {
      go->wait();
      ended->raise();
    });
  }
  CHECK(std::chrono::steady_clock::now() - began < long_enough / 2);
  go->raise();
  CHECK(ended->wait());
}

TEST_CASE("what a thread's work holds is freed before the thread counts as ended, and may start one more, which is "
          "waited for too") {
  threads::background_threads threads;
  std::atomic<bool> ended{false};
  flag go;
  const auto start_another = [&](int*) noexcept {
    threads.start([&] {
      go.wait();
      ended = true;
    });
  };
  threads.start([held = std::shared_ptr<int>{nullptr, start_another}] {});
  CHECK(!threads.wait(50ms));
  go.raise();
  CHECK(threads.wait(long_enough));
  CHECK(ended);
}

TEST_CASE("a background thread leaves the signals to the main thread, whose own mask stays") {
  threads::background_threads threads;
  auto blocked = 0;
  threads.start([&] { blocked = signals_blocked_here(); });
  CHECK(threads.wait(long_enough));
  CHECK_EQ(blocked, 4);
  CHECK_EQ(signals_blocked_here(), 0);
}
