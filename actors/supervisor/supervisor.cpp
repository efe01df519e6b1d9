#include "actors/supervisor/supervisor.hpp"

#include "actors/crash.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/disposable.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <optional>

namespace mp {
namespace {

// How long a killed child has to be gone: a handler that blocks longer is not ours to wait for.
constexpr auto kill_wait = std::chrono::milliseconds{500};

std::string seconds_of(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::round<std::chrono::seconds>(time).count()) + " s";
}

struct supervisor_state {
  using time_point = restart_ledger::time_point;

  struct slot {
    child_spec spec;
    std::string address;
    caf::strong_actor_ptr child;
    child_phase phase = child_phase::waiting;
    time_point due{};
    bool must_stop = false;
  };

  static inline const char* name = supervisor_name;

  supervisor_actor::pointer self;
  supervisor_spec spec;
  restart_ledger ledger;
  std::vector<slot> slots;
  std::optional<std::size_t> stopping; // one child is stopped at a time
  std::optional<caf::error> ending;    // set once this supervisor goes down
  caf::disposable stop_timer;
  caf::disposable start_timer;

  supervisor_state(supervisor_actor::pointer ptr, supervisor_spec given)
    : self(ptr), spec(std::move(given)), ledger(spec.children.size(), spec.backoff, spec.intensity, spec.random) {
    auto addresses = addresses_of(spec.children);
    for (std::size_t i = 0; i < addresses.size(); ++i)
      slots.push_back(slot{spec.children[i], addresses[i], nullptr, child_phase::waiting, {}, false});
  }

  // Reached with living children only when the supervisor itself was killed or has crashed.
  ~supervisor_state() {
    stop_timer.dispose();
    start_timer.dispose();
    for (auto i = slots.rbegin(); i != slots.rend(); ++i)
      if (i->child) {
        tell(*i, child_phase::stopping);
        order_exit(i->child, caf::exit_reason::user_shutdown);
      }
  }

  supervisor_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    self->set_exit_handler([this](caf::exit_msg& message) { finish(message.reason); });
    self->set_down_handler([this](caf::down_msg& message) { child_down(message); });
    for (auto& each : slots)
      each.due = self->clock().now();
    advance();
    return {
      [](ping) { return pong{}; },
      [this](const crash_order& order) { order_crash(order); },
    };
  }

  void tell(slot& at, child_phase phase, std::size_t restarts = 0, std::chrono::nanoseconds delay = {},
            const caf::error& why = {}) {
    at.phase = phase;
    if (spec.report)
      spec.report({at.spec.name, phase, static_cast<std::uint32_t>(restarts), delay, reason_of(why), at.address});
  }

  /// False when the start function has thrown.
  bool start(std::size_t i) {
    auto& at = slots[i];
    try {
      at.child = at.spec.start(self);
    } catch (const std::exception& problem) {
      crashed(i, true, caf::make_error(caf::sec::runtime_error, std::string{problem.what()}));
      return false;
    }
    self->monitor<caf::message_priority::high>(at.child);
    ledger.started(i, self->clock().now());
    tell(at, child_phase::running);
    return true;
  }

  void child_down(const caf::down_msg& message) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      auto& at = slots[i];
      if (!at.child || at.child->address() != message.source)
        continue;
      at.child = nullptr;
      bool ordered = at.must_stop || ending;
      at.must_stop = false;
      if (stopping == i) {
        stop_timer.dispose();
        stopping.reset();
      }
      if (ordered)
        tell(at, ending ? child_phase::ended : child_phase::waiting);
      else
        crashed(i, message.reason && message.reason != caf::exit_reason::user_shutdown, message.reason);
      advance();
      return;
    }
  }

  void crashed(std::size_t i, bool failed, const caf::error& why) {
    auto now = self->clock().now();
    auto& at = slots[i];
    auto decision = ledger.ended(i, at.spec.rule, failed, now);
    if (std::holds_alternative<leave_ended>(decision)) {
      tell(at, child_phase::ended, 0, {}, why);
    } else if (auto* stop = std::get_if<give_up>(&decision)) {
      tell(at, child_phase::ended, stop->restarts, {}, why);
      auto how_often = std::to_string(stop->crashes) + (stop->crashes == 1 ? " crash" : " crashes") + " within "
                       + seconds_of(spec.intensity.period);
      finish(caf::make_error(caf::sec::runtime_error, spec.name + " gives up: " + how_often + ", the last one of "
                                                        + at.address + ": " + reason_of(why)));
    } else {
      auto& again = std::get<restart_after>(decision);
      tell(at, child_phase::waiting, again.restarts, again.delay, why);
      auto [first, last] = restart_ledger::affected(spec.strategy, i, slots.size());
      for (auto k = first; k < last; ++k) {
        if (k != i && slots[k].phase == child_phase::ended)
          continue; // finished children stay finished
        slots[k].due = std::max(slots[k].due, now + again.delay);
        slots[k].must_stop = slots[k].child != nullptr;
      }
    }
  }

  // To the child of that name, else to those that may have one below them.
  void order_crash(const crash_order& order) {
    if (order.actor == spec.name)
      throw std::runtime_error(ordered_crash);
    auto running = [](const slot& at) { return at.child && at.phase == child_phase::running; };
    auto meant = std::find_if(slots.begin(), slots.end(), [&](const slot& at) {
      return running(at) && (order.actor == at.spec.name || order.actor == at.address);
    });
    for (auto i = slots.begin(); i != slots.end(); ++i)
      if (i == meant || (meant == slots.end() && running(*i) && i->spec.branch))
        caf::anon_send(caf::actor_cast<caf::actor>(i->child), order);
  }

  void finish(caf::error why) {
    if (ending)
      return;
    ending = std::move(why);
    for (auto& each : slots)
      each.must_stop = each.child != nullptr;
    advance();
  }

  // First stops what has to stop, one after the other in reverse order, then starts what is due, in order.
  void advance() {
    if (stopping)
      return;
    for (auto i = slots.size(); i-- > 0;) {
      if (slots[i].must_stop) {
        stop(i);
        return;
      }
    }
    if (ending) {
      self->quit(*ending);
      return;
    }
    auto now = self->clock().now();
    std::optional<time_point> next;
    for (std::size_t i = 0; i < slots.size() && !ending && !stopping; ++i) {
      auto& at = slots[i];
      if (at.phase == child_phase::waiting && !at.child && at.due <= now && !start(i)) {
        advance(); // siblings may have to stop now
        return;
      }
      if (at.phase == child_phase::waiting && (!next || at.due < *next))
        next = at.due;
    }
    start_timer.dispose();
    if (next && !ending)
      start_timer = self->run_delayed(*next - now, [this] { advance(); });
  }

  void stop(std::size_t i) {
    stopping = i;
    tell(slots[i], child_phase::stopping);
    order_exit(slots[i].child, caf::exit_reason::user_shutdown);
    stop_timer = self->run_delayed(slots[i].spec.grace, [this, i] {
      order_exit(slots[i].child, caf::exit_reason::kill);
      stop_timer = self->run_delayed(kill_wait, [this, i] { abandon(i); });
    });
  }

  void abandon(std::size_t i) {
    self->demonitor(slots[i].child->address());
    slots[i].child = nullptr;
    slots[i].must_stop = false;
    stopping.reset();
    tell(slots[i], child_phase::abandoned);
    advance();
  }
};

using implementation = supervisor_actor::stateful_impl<supervisor_state>;

} // namespace

supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_spec spec) {
  return system.spawn<implementation>(std::move(spec));
}

supervisor_actor spawn_supervisor(caf::local_actor* parent, supervisor_spec spec) {
  return parent->spawn<implementation>(std::move(spec));
}

void order_exit(const caf::strong_actor_ptr& actor, caf::exit_reason why) {
  actor->enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
                 caf::make_message(caf::exit_msg{actor->address(), why}), nullptr);
}

} // namespace mp
