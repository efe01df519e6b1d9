#pragma once
// Where restartable actors find each other.

#include "actors/threads/mutex.hpp"
#include "messages/interfaces.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>

#include <vector>

namespace mp {

/// The present handles of a node's actors. Handles of restartable actors are not kept for long anywhere: a stage joins
/// when it starts and receives the handle of the present dispatcher and, after each restart, of its successor. Holds
/// weak references only. Thread safe. One per node, shared by the start functions of the service tree.
class actor_directory {
public:
  /// A stage has started: it receives dispatcher_started now if there is a dispatcher, and from then on for each later
  /// one.
  void join(const caf::strong_actor_ptr& stage);

  /// As join(), for workers and the health monitor: they receive work_source_started in its place.
  template <class Handle>
  void join_as_worker(const Handle& worker) {
    join_workers(caf::actor_cast<caf::strong_actor_ptr>(worker));
  }

  /// A dispatcher has started: every living stage receives dispatcher_started, every worker work_source_started.
  void set_dispatcher(const dispatcher_actor& dispatcher);

  /// On a worker node: what its workers work for in place of a dispatcher has started.
  void set_work_source(const work_source_actor& source);

  /// The present dispatcher, or a null handle.
  dispatcher_actor dispatcher() const;

  /// A health monitor has started.
  void set_monitor(const monitor_actor& monitor);

  /// The present health monitor, or a null handle.
  monitor_actor monitor() const;

  /// A reader has started. The producer sends settlements to it directly, so that they outlive a crash of the
  /// dispatcher.
  void set_reader(const reader_actor& reader);

  /// The present reader, or a null handle.
  reader_actor reader() const;

  /// What takes worker nodes has started.
  void set_worker_nodes(const worker_nodes_actor& nodes);

  /// What takes worker nodes now, or a null handle.
  worker_nodes_actor worker_nodes() const;

  /// The link of a worker node has started.
  void set_node_link(const node_link_actor& link);

  /// The present link of a worker node, or a null handle.
  node_link_actor node_link() const;

  /// A producer has started.
  void set_producer(const producer_actor& producer);

  /// The present producer, or a null handle.
  producer_actor producer() const;

private:
  /// Weak references to the last of each kind that started.
  struct last_started {
    caf::weak_actor_ptr dispatcher;
    caf::weak_actor_ptr work_source;
    caf::weak_actor_ptr worker_nodes;
    caf::weak_actor_ptr node_link;
    caf::weak_actor_ptr monitor;
    caf::weak_actor_ptr reader;
    caf::weak_actor_ptr producer;
  };
  using place = caf::weak_actor_ptr last_started::*;

  void join_workers(const caf::strong_actor_ptr& worker);

  template <class Handle>
  void keep(place which, const Handle& started);
  template <class Handle>
  Handle living(place which) const;

  mutable mutex mutex_;
  std::vector<caf::weak_actor_ptr> stages_ MP_GUARDED_BY(mutex_);
  std::vector<caf::weak_actor_ptr> workers_ MP_GUARDED_BY(mutex_);
  last_started last_ MP_GUARDED_BY(mutex_);
};

} // namespace mp
