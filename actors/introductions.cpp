#include "actors/introductions.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace mp {
namespace {

void introduce(const caf::strong_actor_ptr& stage, const dispatcher_actor& dispatcher) {
  caf::anon_send(caf::actor_cast<caf::actor>(stage), introduction{dispatcher});
}

} // namespace

void introductions::join(const caf::strong_actor_ptr& stage) {
  std::lock_guard guard{mutex_};
  std::erase_if(stages_, [](const caf::weak_actor_ptr& weak) { return weak.lock() == nullptr; });
  stages_.push_back(caf::actor_cast<caf::weak_actor_ptr>(stage));
  if (auto dispatcher = dispatcher_.lock())
    introduce(stage, caf::actor_cast<dispatcher_actor>(dispatcher));
}

void introductions::dispatcher_started(const dispatcher_actor& dispatcher) {
  std::lock_guard guard{mutex_};
  dispatcher_ = caf::actor_cast<caf::weak_actor_ptr>(dispatcher);
  for (const auto& weak : stages_)
    if (auto stage = weak.lock())
      introduce(stage, dispatcher);
}

template <class Handle>
void introductions::keep(caf::weak_actor_ptr& place, const Handle& started) {
  std::lock_guard guard{mutex_};
  place = caf::actor_cast<caf::weak_actor_ptr>(started);
}

template <class Handle>
Handle introductions::living(const caf::weak_actor_ptr& place) const {
  std::lock_guard guard{mutex_};
  return caf::actor_cast<Handle>(place.lock());
}

dispatcher_actor introductions::dispatcher() const { return living<dispatcher_actor>(dispatcher_); }

void introductions::monitor_started(const monitor_actor& monitor) { keep(monitor_, monitor); }
monitor_actor introductions::monitor() const { return living<monitor_actor>(monitor_); }

void introductions::reader_started(const reader_actor& reader) { keep(reader_, reader); }
reader_actor introductions::reader() const { return living<reader_actor>(reader_); }

void introductions::producer_started(const producer_actor& producer) { keep(producer_, producer); }
producer_actor introductions::producer() const { return living<producer_actor>(producer_); }

} // namespace mp
