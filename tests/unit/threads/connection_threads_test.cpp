#define CAF_SUITE connection_threads
#include "tests/support/test.hpp"

#include "runtime/threads/connection_threads.hpp"

#include "tests/support/signal_mask.hpp"

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

using namespace mp;
using namespace mp::test;

TEST_CASE("a job never waits behind a stuck one while threads may still be made") {
  std::latch released{1};
  std::latch ran{1};
  threads::connection_threads threads{8, 8};
  for (auto i = 0; i < 7; ++i)
    CHECK(threads.run([&] { released.wait(); }));
  CHECK(threads.run([&] { ran.count_down(); }));
  ran.wait();
  released.count_down();
}

TEST_CASE("never more threads are made than allowed") {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  std::latch released{1};
  threads::connection_threads threads{3, 100};
  for (auto i = 0; i < 20; ++i)
    threads.run([&] {
      released.wait();
      std::scoped_lock lock{mutex};
      seen.insert(std::this_thread::get_id());
    });
  released.count_down();
  threads.stop();
  CHECK(seen.size() >= 1 && seen.size() <= 3);
}

TEST_CASE("more jobs than may wait are refused") {
  std::latch released{1};
  std::latch begun{1};
  threads::connection_threads threads{1, 2};
  CHECK(threads.run([&] {
    begun.count_down();
    released.wait();
  }));
  begun.wait();
  CHECK(threads.run([] {}));
  CHECK(threads.run([] {}));
  CHECK(!threads.run([] {}));
  released.count_down();
}

TEST_CASE("stopping runs what waits and refuses what comes later") {
  std::atomic<int> done = 0;
  threads::connection_threads threads{2, 100};
  for (auto i = 0; i < 50; ++i)
    CHECK(threads.run([&] { ++done; }));
  threads.stop();
  CHECK_EQ(done, 50);
  CHECK(!threads.run([&] { ++done; }));
  threads.stop();
  CHECK_EQ(done, 50);
}

TEST_CASE("a connection's thread leaves the signals to the main thread") {
  auto blocked = 0;
  threads::connection_threads threads{1, 1};
  CHECK(threads.run([&] { blocked = signals_blocked_here(); }));
  threads.stop();
  CHECK_EQ(blocked, 4);
}
