#pragma once
// How many messages each stage may have waiting. CAF's mailboxes have no bound; demand is what bounds them
// (actors/README.md), and this is demand added up. Where mailboxes are checked (service_config::invariants_checked) an
// actor whose mailbox holds more crashes: then a neighbour sends without demand.

#include "actors/crash.hpp"

#include <cstddef>
#include <limits>

namespace mp {

/// Of an actor whose mailbox is not checked.
inline constexpr std::size_t mailbox_unbounded = std::numeric_limits<std::size_t>::max();

/// Called by `self` in its handlers and only there: read from outside, the mailbox of an idle actor misses its next
/// message. `more`: what the bound does not know of. Asks for the mailbox's size only when there is a bound.
template <class Self>
void check_mailbox(Self* self, std::size_t bound, std::size_t more = 0) {
  if (bound == mailbox_unbounded)
    return;
  auto held = self->mailbox().size();
  require(held <= bound || held - bound <= more, "the mailbox holds more than was asked for");
}

/// What the bounds follow from.
struct service_size {
  std::size_t workers = 0;  ///< slots of all hosts
  std::size_t hosts = 0;
  std::size_t requests = 0; ///< intake_limits::held_max: granted to the reader as demand, or held by the dispatcher
  std::size_t records = 0;  ///< producer_config::window: published and not acknowledged
};

/// A stage that restarts leaves messages behind which its neighbours may not have handled yet when its successor
/// begins, so what is bounded for one life of the sender counts twice everywhere below.
constexpr std::size_t sender_lives = 2;

/// Introduction, assignment (only after work_demand, so one), its cancel; the end of the call, the look at it, the
/// exit.
constexpr std::size_t worker_mailbox_bound() { return sender_lives * 3 + 3; }

/// A job for each request, a dispatcher_started; the exit.
constexpr std::size_t sanitizer_mailbox_bound(const service_size& of) { return sender_lives * (of.requests + 1) + 1; }

/// A publication has a record at least, and no more records than the window are under way; a dispatcher_started. One
/// notification is under way at a time, and one more may come while it is handled; the exit. Exactly-once: an answer
/// and a hint of the reader; the readiness and the outcome of a port and of the one it replaces; a timer, a reader's
/// end.
constexpr std::size_t producer_mailbox_bound(const service_size& of) { return sender_lives * (of.records + 3) + 3 + 6; }

/// A demand asks for a record at least, or for bytes, once per record that has arrived; a settlement settles one at
/// least; dispatcher_started, stop_reading (twice, should intake be paused and then drain), leave_group. The producer
/// settles each request too, asks about one transaction at a time and tells of its end. The poll tick, the waits before
/// positions are asked for again, the exit. The group's notification, as the producer's; those of the partitions, known
/// to the reader alone, come on top.
constexpr std::size_t reader_mailbox_bound(const service_size& of) {
  return sender_lives * (4 * of.requests + 6) + 4 + 2;
}

/// A worker sends worker_started and work_demand once, has one result, goes down once. Batches hold a record at least
/// that was asked for, receipts one that was published, and a request is cleaned once at a time. A settlement that is
/// answered once it is committed has a request at least. The starts and ends of
/// other stages, and the reader's words about its group: ten. A host's state twice, should it change while the first
/// one waits. Pings of the health monitor: two for each of the eight threads that serve HTTP, because one that was
/// given up may still be waiting. What the producer holds of an earlier dispatcher has a receipt of its own, and a
/// record that was not delivered a timer. Two more timers, a drain, the exit.
constexpr std::size_t dispatcher_mailbox_bound(const service_size& of) {
  return sender_lives * (4 * of.workers + 3 * of.requests + 3 * of.records + 10) + 2 * of.hosts + 16 + 4;
}

/// Of each host the end of a probe, its timer and, in each life of the dispatcher, one trouble: it reports a host that
/// it can use, which only the monitor can make it again. Of the dispatcher a dispatcher_started and what the reader
/// holds, of which two changes can be under way. Questions, and the dispatcher's pongs to them: two for each of the
/// eight threads that serve HTTP. The exit.
constexpr std::size_t monitor_mailbox_bound(const service_size& of) {
  return (2 + sender_lives) * of.hosts + sender_lives * 3 + 2 * 16 + 1;
}

} // namespace mp
