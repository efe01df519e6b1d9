#define CAF_SUITE job_thread
#include "tests/support/test.hpp"

#include "runtime/ollama/job_thread.hpp"
#include "tests/integration_cpp/ollama/scripted_server.hpp"

#include <csignal>

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

TEST_CASE("jobs are done one after the other, on one thread that is not ours") {
  const auto keeper = std::make_shared<thread_keeper>();
  job_thread jobs{keeper};
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
  const auto keeper = std::make_shared<thread_keeper>();
  job_thread jobs{keeper};
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

TEST_CASE("letting go of a thread waits for nothing, and the keeper waits for the thread") {
  const auto keeper = std::make_shared<thread_keeper>();
  flag begun, go;
  std::atomic<bool> ended{false};
  {
    job_thread jobs{keeper};
    jobs.post([&] {
      begun.raise();
      go.wait();
      ended = true;
    });
    REQUIRE(begun.wait());
    jobs.post([] { std::abort(); }); // dropped with its thread
  }
  CHECK(!ended);
  CHECK(!keeper->wait(0ms));
  go.raise();
  CHECK(keeper->wait(long_enough));
  CHECK(ended);
}

TEST_CASE("a thread that was never needed was never started") {
  const auto keeper = std::make_shared<thread_keeper>();
  { job_thread jobs{keeper}; }
  CHECK(keeper->wait(0ms));
}

TEST_CASE("a keeper does not wait for a stuck thread for ever") {
  auto ended = std::make_shared<flag>();
  auto go = std::make_shared<flag>();
  const auto began = std::chrono::steady_clock::now();
  {
    thread_keeper keeper{10ms};
    keeper.start([go, ended] {
      go->wait();
      ended->raise();
    });
  }
  CHECK(std::chrono::steady_clock::now() - began < long_enough / 2);
  go->raise();
  CHECK(ended->wait());
}

TEST_CASE("a job's thread leaves the signals to the main thread") {
  const auto keeper = std::make_shared<thread_keeper>();
  job_thread jobs{keeper};
  flag done;
  auto blocked = 0;
  jobs.post([&] {
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    for (const auto signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE})
      blocked += sigismember(&mask, signal);
    done.raise();
  });
  CHECK(done.wait());
  CHECK_EQ(blocked, 4);
  sigset_t ours;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &ours);
  CHECK_EQ(sigismember(&ours, SIGTERM), 0);
}
