#define CAF_SUITE worker_thread
#include "tests/support/test.hpp"

#include "runtime/threads/worker_thread.hpp"
#include "tests/support/flag.hpp"
#include "tests/support/signal_mask.hpp"

#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

TEST_CASE("jobs are done one after the other, on one thread that is not ours") {
  const auto background = std::make_shared<threads::background_threads>();
  threads::worker_thread jobs{background};
  std::set<std::thread::id> seen;
  for (int i = 0; i < 100; ++i) {
    flag done;
    jobs.post([&] {
      seen.insert(std::this_thread::get_id());
      done.raise();
    });
    REQUIRE(done.wait());
  }
  CHECK_EQ(seen.size(), 1u);
  CHECK_EQ(seen.count(std::this_thread::get_id()), 0u);
}

TEST_CASE("a job that has not begun is replaced by the next") {
  const auto background = std::make_shared<threads::background_threads>();
  threads::worker_thread jobs{background};
  flag begun, go, done;
  std::atomic<int> replaced{0};
  jobs.post([&] {
    begun.raise();
    go.wait();
  });
  REQUIRE(begun.wait());
  for (int i = 0; i < 10; ++i)
    jobs.post([&] { ++replaced; });
  jobs.post([&] { done.raise(); });
  go.raise();
  CHECK(done.wait());
  CHECK_EQ(replaced.load(), 0);
}

TEST_CASE("letting go of a thread waits for nothing, and the background threads are waited for") {
  const auto background = std::make_shared<threads::background_threads>();
  flag begun, go;
  std::atomic<bool> ended{false};
  {
    threads::worker_thread jobs{background};
    jobs.post([&] {
      begun.raise();
      go.wait();
      ended = true;
    });
    REQUIRE(begun.wait());
    jobs.post([] { std::abort(); }); // dropped with its thread
  }
  CHECK(!ended);
  CHECK(!background->wait(0ms));
  go.raise();
  CHECK(background->wait(long_enough));
  CHECK(ended);
}

TEST_CASE("a thread that was never needed was never started") {
  const auto background = std::make_shared<threads::background_threads>();
  {
    threads::worker_thread jobs{background};
  }
  CHECK(background->wait(0ms));
}

TEST_CASE("a job's thread leaves the signals to the main thread") {
  const auto background = std::make_shared<threads::background_threads>();
  threads::worker_thread jobs{background};
  flag done;
  auto blocked = 0;
  jobs.post([&] {
    blocked = signals_blocked_here();
    done.raise();
  });
  CHECK(done.wait());
  CHECK_EQ(blocked, 4);
  CHECK_EQ(signals_blocked_here(), 0);
}
