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
  const scoped_lock guard{mutex_};
  std::erase_if(stages_, [](const caf::weak_actor_ptr& weak) { return weak.lock() == nullptr; });
  stages_.push_back(caf::actor_cast<caf::weak_actor_ptr>(stage));
  if (auto dispatcher = last_.dispatcher.lock())
    announce(stage, caf::actor_cast<dispatcher_actor>(dispatcher));
}

void actor_directory::set_dispatcher(const dispatcher_actor& dispatcher) {
  const scoped_lock guard{mutex_};
  last_.dispatcher = caf::actor_cast<caf::weak_actor_ptr>(dispatcher);
  for (const auto& weak : stages_)
    if (auto stage = weak.lock())
      announce(stage, dispatcher);
}

template <class Handle>
void actor_directory::keep(place which, const Handle& started) {
  const scoped_lock guard{mutex_};
  last_.*which = caf::actor_cast<caf::weak_actor_ptr>(started);
}

template <class Handle>
Handle actor_directory::living(place which) const {
  const scoped_lock guard{mutex_};
  return caf::actor_cast<Handle>((last_.*which).lock());
}

dispatcher_actor actor_directory::dispatcher() const { return living<dispatcher_actor>(&last_started::dispatcher); }

void actor_directory::set_monitor(const monitor_actor& monitor) { keep(&last_started::monitor, monitor); }
monitor_actor actor_directory::monitor() const { return living<monitor_actor>(&last_started::monitor); }

void actor_directory::set_reader(const reader_actor& reader) { keep(&last_started::reader, reader); }
reader_actor actor_directory::reader() const { return living<reader_actor>(&last_started::reader); }

void actor_directory::set_producer(const producer_actor& producer) { keep(&last_started::producer, producer); }
producer_actor actor_directory::producer() const { return living<producer_actor>(&last_started::producer); }

} // namespace mp
