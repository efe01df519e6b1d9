#include "runtime/threads/decode_permit.hpp"

#include "actors/threads/mutex.hpp"

namespace mp::threads {
namespace {

struct waiting_line {
  mp::mutex mutex;
  condition changed;
  decoding_queue queue MP_GUARDED_BY(mutex);
};

/// Never destroyed: the thread of a call that was left behind may still decode when main returns.
waiting_line& line() {
  static auto* const all = new waiting_line;
  return *all;
}

} // namespace

decode_permit::decode_permit(decoding_weight weight) {
  auto& all = line();
  scoped_lock lock{all.mutex};
  which_ = all.queue.enter(weight);
  all.changed.wait(lock, [&]() MP_REQUIRES(all.mutex) { return all.queue.may_go(which_); });
  all.queue.begin(which_);
  all.changed.notify_all(); // the next one may go as well
}

decode_permit::~decode_permit() {
  auto& all = line();
  const scoped_lock guard{all.mutex};
  all.queue.end(which_);
  all.changed.notify_all();
}

std::size_t decode_permit::waiting() {
  auto& all = line();
  const scoped_lock guard{all.mutex};
  return all.queue.waiting();
}

} // namespace mp::threads
