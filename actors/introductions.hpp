#pragma once
// How restartable actors find the living dispatcher.

#include "messages/interfaces.hpp"

#include <caf/actor_control_block.hpp>

#include <mutex>
#include <vector>

namespace mp {

/// Tells every stage of a node which dispatcher lives. Handles of restartable actors are not kept for long anywhere: a stage joins
/// when it starts and is introduced to the present dispatcher and, each time, to its successor. Holds weak references only.
/// Thread safe. One per node, shared by the start functions of the service tree.
class introductions {
public:
  /// A stage has started; it is introduced now if there is a dispatcher, and to each later one as long as it lives.
  void join(const caf::strong_actor_ptr& stage);

  /// A dispatcher has started: every living stage is introduced to it.
  void dispatcher_started(const dispatcher_actor& dispatcher);

  /// The present dispatcher, or a null handle.
  dispatcher_actor dispatcher() const;

  /// A health monitor has started.
  void monitor_started(const monitor_actor& monitor);

  /// The present health monitor, or a null handle.
  monitor_actor monitor() const;

  /// A reader has started. The producer sends settlements to it directly, so that they outlive a crash of the dispatcher.
  void reader_started(const reader_actor& reader);

  /// The present reader, or a null handle.
  reader_actor reader() const;

  /// A producer has started.
  void producer_started(const producer_actor& producer);

  /// The present producer, or a null handle.
  producer_actor producer() const;

private:
  template <class Handle>
  void keep(caf::weak_actor_ptr& place, const Handle& started);
  template <class Handle>
  Handle living(const caf::weak_actor_ptr& place) const;

  mutable std::mutex mutex_;
  std::vector<caf::weak_actor_ptr> stages_;
  caf::weak_actor_ptr dispatcher_;
  caf::weak_actor_ptr monitor_;
  caf::weak_actor_ptr reader_;
  caf::weak_actor_ptr producer_;
};

} // namespace mp
