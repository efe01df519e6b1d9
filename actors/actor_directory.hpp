#pragma once
// Where restartable actors find each other.

#include "actors/threads/mutex.hpp"
#include "messages/interfaces.hpp"

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

  /// A dispatcher has started: every living stage receives dispatcher_started.
  void set_dispatcher(const dispatcher_actor& dispatcher);

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

  /// A producer has started.
  void set_producer(const producer_actor& producer);

  /// The present producer, or a null handle.
  producer_actor producer() const;

private:
  /// Weak references to the last of each kind that started.
  struct last_started {
    caf::weak_actor_ptr dispatcher;
    caf::weak_actor_ptr monitor;
    caf::weak_actor_ptr reader;
    caf::weak_actor_ptr producer;
  };
  using place = caf::weak_actor_ptr last_started::*;

  template <class Handle>
  void keep(place which, const Handle& started);
  template <class Handle>
  Handle living(place which) const;

  mutable mutex mutex_;
  std::vector<caf::weak_actor_ptr> stages_ MP_GUARDED_BY(mutex_);
  last_started last_ MP_GUARDED_BY(mutex_);
};

} // namespace mp
