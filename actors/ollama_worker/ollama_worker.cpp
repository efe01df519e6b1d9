#include "actors/ollama_worker/ollama_worker.hpp"

#include "actors/crash.hpp"
#include "actors/ollama_worker/call_watch.hpp"
#include "actors/ollama_worker/cut_limits.hpp"

#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>

namespace mp {
namespace {

struct running_call {
  std::uint64_t ticket = 0;
  std::uint32_t call_number = 0;
  call_watch watch;
  bool reported = false; ///< the dispatcher has its result, or does not want one
  std::optional<call_watch::time_point> cancelled{};
};

struct worker_state {
  static inline const char* name = "ollama_worker";

  ollama_worker_actor::pointer self;
  worker_config config;
  std::unique_ptr<model_port> port;
  work_source_actor source;
  std::optional<running_call> call;
  std::uint64_t serial = 0;
  bool looking = false;

  worker_state(ollama_worker_actor::pointer ptr, worker_config given) : self(ptr), config(std::move(given)) {}

  ollama_worker_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    port = config.make_port();
    config.directory->join_as_worker(ollama_worker_actor{self});
    return {
      [this](const work_source_started& message) { on_source_started(message.source); },
      [this](const assignment& work) { begin(work); },
      [this](const cancel_call& which) { cancel(which.ticket); },
      [this](const call_ended& end) { ended(end); },
    };
  }

  call_watch::time_point now() const { return self->clock().now(); }

  void on_source_started(const work_source_actor& present) {
    source = present;
    self->send(source, worker_started{worker_actor{self}, config.host});
    if (call)
      give_up(); // it was the old dispatcher's; the new one is told when the slot is free
    else
      self->send(source, work_demand{});
  }

  void begin(const assignment& work) {
    check_mailbox(self, config.mailbox_bound);
    require(!call, "assignment without demand");
    auto limits = work.time_left ? cut_to(config.limits, *work.time_left) : config.limits;
    call.emplace(running_call{work.ticket, work.call_number, call_watch{limits, now()}});
    ++serial;
    port->start(
      {work.question, work.model, work.question->kind == request_kind::photo, work.reask},
      [weak = caf::actor_cast<caf::weak_actor_ptr>(ollama_worker_actor{self}), number = serial](call_outcome outcome) {
        if (auto strong = weak.lock())
          caf::anon_send(caf::actor_cast<ollama_worker_actor>(strong), call_ended{number, std::move(outcome)});
      });
    if (!looking)
      look_later();
  }

  // One timer at a time and none when idle: a timer per call would cost more than the call's other bookkeeping, and CAF
  // keeps disposed timers until they are due.
  void look_later() {
    looking = true;
    self->run_delayed(call_watch::interval(config.limits), [this] {
      looking = false;
      look();
    });
  }

  void look() {
    if (!call)
      return;
    if (call->cancelled) {
      require(now() - *call->cancelled < config.limits.cancel_wait, "a cancelled model call does not end");
    } else if (auto timeout = call->watch.look(port->progress(), now())) {
      report(call_failure{*timeout, 0});
      give_up();
    }
    look_later();
  }

  void cancel(std::uint64_t ticket) {
    if (call && call->ticket == ticket)
      give_up();
  }

  void give_up() {
    call->reported = true;
    if (call->cancelled)
      return;
    call->cancelled = now();
    port->cancel();
  }

  void report(call_outcome outcome) {
    self->send(source, call_result{call->ticket, call->call_number, std::move(outcome), now() - call->watch.started()});
    call->reported = true;
  }

  void ended(const call_ended& end) {
    check_mailbox(self, config.mailbox_bound);
    if (!call || end.serial != serial)
      return;
    if (!call->reported)
      report(end.outcome);
    call.reset();
    self->send(source, work_demand{});
  }
};

using implementation = ollama_worker_actor::stateful_impl<worker_state>;

} // namespace

caf::strong_actor_ptr spawn_ollama_worker(caf::local_actor* parent, worker_config config) {
  return caf::actor_cast<caf::strong_actor_ptr>(parent->spawn<implementation>(std::move(config)));
}

} // namespace mp
