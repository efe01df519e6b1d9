#include "actors/actor_directory.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace mp {
namespace {

template <class Message>
void announce(const caf::strong_actor_ptr& stage, const Message& message) {
  caf::anon_send(caf::actor_cast<caf::actor>(stage), message);
}

template <class Message>
void announce(const std::vector<caf::weak_actor_ptr>& stages, const Message& message) {
  for (const auto& weak : stages)
    if (auto stage = weak.lock())
      announce(stage, message);
}

void add(std::vector<caf::weak_actor_ptr>& stages, const caf::strong_actor_ptr& stage) {
  std::erase_if(stages, [](const caf::weak_actor_ptr& weak) { return weak.lock() == nullptr; });
  stages.push_back(caf::actor_cast<caf::weak_actor_ptr>(stage));
}

} // namespace

void actor_directory::join(const caf::strong_actor_ptr& stage) {
  const scoped_lock guard{mutex_};
  add(stages_, stage);
  if (auto dispatcher = last_.dispatcher.lock())
    announce(stage, dispatcher_started{caf::actor_cast<dispatcher_actor>(dispatcher)});
}

void actor_directory::join_workers(const caf::strong_actor_ptr& worker) {
  const scoped_lock guard{mutex_};
  add(workers_, worker);
  if (auto source = last_.work_source.lock())
    announce(worker, work_source_started{caf::actor_cast<work_source_actor>(source)});
}

void actor_directory::set_dispatcher(const dispatcher_actor& dispatcher) {
  {
    const scoped_lock guard{mutex_};
    last_.dispatcher = caf::actor_cast<caf::weak_actor_ptr>(dispatcher);
    announce(stages_, dispatcher_started{dispatcher});
  }
  set_work_source(dispatcher);
}

void actor_directory::set_work_source(const work_source_actor& source) {
  const scoped_lock guard{mutex_};
  last_.work_source = caf::actor_cast<caf::weak_actor_ptr>(source);
  announce(workers_, work_source_started{source});
}

template <class Handle>
void actor_directory::keep(place which, const Handle& started) {
  const scoped_lock guard{mutex_};
  last_.*which = caf::actor_cast<caf::weak_actor_ptr>(started);
}

template <class Handle>
Handle actor_directory::living(place which) const {
  const scoped_lock guard{mutex_};
  auto actor = (last_.*which).lock();
  // Somebody may still hold one that has ended; what is sent to it is lost.
  bool has_ended = actor && actor->get()->getf(caf::abstract_actor::is_terminated_flag);
  return caf::actor_cast<Handle>(has_ended ? nullptr : actor);
}

dispatcher_actor actor_directory::dispatcher() const { return living<dispatcher_actor>(&last_started::dispatcher); }

void actor_directory::set_monitor(const monitor_actor& monitor) { keep(&last_started::monitor, monitor); }
monitor_actor actor_directory::monitor() const { return living<monitor_actor>(&last_started::monitor); }

void actor_directory::set_reader(const reader_actor& reader) { keep(&last_started::reader, reader); }
reader_actor actor_directory::reader() const { return living<reader_actor>(&last_started::reader); }

void actor_directory::set_worker_nodes(const worker_nodes_actor& nodes) { keep(&last_started::worker_nodes, nodes); }
worker_nodes_actor actor_directory::worker_nodes() const {
  return living<worker_nodes_actor>(&last_started::worker_nodes);
}

void actor_directory::set_node_link(const node_link_actor& link) { keep(&last_started::node_link, link); }
node_link_actor actor_directory::node_link() const { return living<node_link_actor>(&last_started::node_link); }

void actor_directory::set_producer(const producer_actor& producer) { keep(&last_started::producer, producer); }
producer_actor actor_directory::producer() const { return living<producer_actor>(&last_started::producer); }

} // namespace mp
