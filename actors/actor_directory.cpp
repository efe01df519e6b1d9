#include "actors/actor_directory.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace mp {
namespace {

void announce(const caf::strong_actor_ptr& stage, const dispatcher_actor& dispatcher) {
  caf::anon_send(caf::actor_cast<caf::actor>(stage), dispatcher_started{dispatcher});
}

} // namespace

void actor_directory::join(const caf::strong_actor_ptr& stage) {
  std::lock_guard guard{mutex_};
  std::erase_if(stages_, [](const caf::weak_actor_ptr& weak) { return weak.lock() == nullptr; });
  stages_.push_back(caf::actor_cast<caf::weak_actor_ptr>(stage));
  if (auto dispatcher = dispatcher_.lock())
    announce(stage, caf::actor_cast<dispatcher_actor>(dispatcher));
}

void actor_directory::set_dispatcher(const dispatcher_actor& dispatcher) {
  std::lock_guard guard{mutex_};
  dispatcher_ = caf::actor_cast<caf::weak_actor_ptr>(dispatcher);
  for (const auto& weak : stages_)
    if (auto stage = weak.lock())
      announce(stage, dispatcher);
}

template <class Handle>
void actor_directory::keep(caf::weak_actor_ptr& place, const Handle& started) {
  std::lock_guard guard{mutex_};
  place = caf::actor_cast<caf::weak_actor_ptr>(started);
}

template <class Handle>
Handle actor_directory::living(const caf::weak_actor_ptr& place) const {
  std::lock_guard guard{mutex_};
  return caf::actor_cast<Handle>(place.lock());
}

dispatcher_actor actor_directory::dispatcher() const { return living<dispatcher_actor>(dispatcher_); }

void actor_directory::set_monitor(const monitor_actor& monitor) { keep(monitor_, monitor); }
monitor_actor actor_directory::monitor() const { return living<monitor_actor>(monitor_); }

void actor_directory::set_reader(const reader_actor& reader) { keep(reader_, reader); }
reader_actor actor_directory::reader() const { return living<reader_actor>(reader_); }

void actor_directory::set_producer(const producer_actor& producer) { keep(producer_, producer); }
producer_actor actor_directory::producer() const { return living<producer_actor>(producer_); }

} // namespace mp
