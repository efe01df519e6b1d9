#include "runtime/kafka/rd_handle.hpp"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace mp::rd {

namespace {

struct burial {
  std::thread thread;
  bool done = false; // guarded by the yard's mutex
};

/// Lives for ever: a thread that did not end in time must not lose its lock to static destruction.
struct yard {
  static yard& the() {
    static auto* instance = new yard;
    return *instance;
  }

  /// Joins the threads that have ended. Needs `mutex`; a thread that set `done` only has to return.
  void join_ended() {
    burials.remove_if([](burial& b) {
      if (b.done)
        b.thread.join();
      return b.done;
    });
  }

  std::mutex mutex;
  std::condition_variable ended;
  std::list<burial> burials; // a list: the threads point to their entries
};

template <class Function>
void bury(rd_kafka_t* handle, const Function& how) noexcept {
  if (!handle)
    return;
  try {
    reaper::run([handle, how] { how(handle); });
  } catch (...) {
    how(handle); // no thread to be had: better late than never
  }
}

} // namespace

void reaper::run(std::function<void()> work) {
  auto& y = yard::the();
  std::scoped_lock lock{y.mutex};
  y.join_ended();
  auto& entry = y.burials.emplace_back();
  try {
    entry.thread = std::thread{[&y, &entry, work = std::move(work)]() mutable {
      work();
      work = nullptr;
      std::scoped_lock inner{y.mutex};
      entry.done = true;
      y.ended.notify_all();
    }};
  } catch (...) {
    y.burials.pop_back();
    throw;
  }
}

void reaper::destroy(rd_kafka_t* handle) noexcept { bury(handle, rd_kafka_destroy); }

void reaper::destroy_with(rd_kafka_t* handle, std::shared_ptr<void> opaque) noexcept {
  bury(handle, [kept = std::move(opaque)](rd_kafka_t* each) { rd_kafka_destroy(each); });
}

void reaper::destroy_transactional(rd_kafka_t* handle, std::shared_ptr<void> opaque) noexcept {
  bury(handle, [kept = std::move(opaque)](rd_kafka_t* each) {
    rd_kafka_purge(each, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    while (rd_kafka_outq_len(each) > 0 && std::chrono::steady_clock::now() < until)
      rd_kafka_poll(each, 10);
    rd_kafka_destroy(each);
  });
}

bool reaper::wait(std::chrono::milliseconds limit) {
  auto& y = yard::the();
  std::unique_lock lock{y.mutex};
  const auto all_done = y.ended.wait_for(lock, limit, [&y] {
    return std::all_of(y.burials.begin(), y.burials.end(), [](const burial& b) { return b.done; });
  });
  y.join_ended();
  return all_done;
}

} // namespace mp::rd
