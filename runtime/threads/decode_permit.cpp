#include "runtime/threads/decode_permit.hpp"

#include <condition_variable>
#include <mutex>

namespace mp::threads {
namespace {

struct waiting_line {
  std::mutex mutex; // guards the queue
  std::condition_variable changed;
  decoding_queue queue;
};

/// Never destroyed: the thread of a call that was left behind may still decode when main returns.
waiting_line& line() {
  static auto* const all = new waiting_line;
  return *all;
}

} // namespace

decode_permit::decode_permit(decoding_weight weight) {
  auto& all = line();
  std::unique_lock lock{all.mutex};
  which_ = all.queue.enter(weight);
  all.changed.wait(lock, [&] { return all.queue.may_go(which_); });
  all.queue.begin(which_);
  all.changed.notify_all(); // the next one may go as well
}

decode_permit::~decode_permit() {
  auto& all = line();
  const std::lock_guard guard{all.mutex};
  all.queue.end(which_);
  all.changed.notify_all();
}

std::size_t decode_permit::waiting() {
  auto& all = line();
  const std::lock_guard guard{all.mutex};
  return all.queue.waiting();
}

} // namespace mp::threads
