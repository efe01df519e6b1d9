#include "actors/introductions.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace mp {
namespace {

template <class Handle>
Handle living(const caf::weak_actor_ptr& weak) {
  return caf::actor_cast<Handle>(weak.lock());
}

void introduce(const caf::strong_actor_ptr& stage, const dispatcher_actor& dispatcher) {
  caf::anon_send(caf::actor_cast<caf::actor>(stage), introduction{dispatcher});
}

} // namespace

void introductions::join(const caf::strong_actor_ptr& stage) {
  std::lock_guard guard{mutex_};
  std::erase_if(stages_, [](const caf::weak_actor_ptr& weak) { return weak.lock() == nullptr; });
  stages_.push_back(caf::actor_cast<caf::weak_actor_ptr>(stage));
  if (auto dispatcher = living<dispatcher_actor>(dispatcher_))
    introduce(stage, dispatcher);
}

void introductions::dispatcher_started(const dispatcher_actor& dispatcher) {
  std::lock_guard guard{mutex_};
  dispatcher_ = caf::actor_cast<caf::weak_actor_ptr>(dispatcher);
  for (const auto& weak : stages_)
    if (auto stage = weak.lock())
      introduce(stage, dispatcher);
}

dispatcher_actor introductions::dispatcher() const {
  std::lock_guard guard{mutex_};
  return living<dispatcher_actor>(dispatcher_);
}

void introductions::monitor_started(const monitor_actor& monitor) {
  std::lock_guard guard{mutex_};
  monitor_ = caf::actor_cast<caf::weak_actor_ptr>(monitor);
}

monitor_actor introductions::monitor() const {
  std::lock_guard guard{mutex_};
  return living<monitor_actor>(monitor_);
}

} // namespace mp
