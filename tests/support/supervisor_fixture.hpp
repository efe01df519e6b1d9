#pragma once
// A supervisor with children that do what they are told.

#include "actors/crash.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "tests/support/actor_fixture.hpp"

#include <caf/all.hpp>

#include <map>

namespace mp::test {

inline constexpr auto boom_order = caf::put_atom_v;
inline constexpr auto quit_order = caf::ok_atom_v;

/// What a child does is decided by what it is sent. A stubborn one ignores exit messages.
struct child_state {
  static inline const char* name = "child";
  caf::event_based_actor* self;
  bool stubborn;

  child_state(caf::event_based_actor* ptr, bool ignores_exit) : self(ptr), stubborn(ignores_exit) {}

  caf::behavior make_behavior() {
    crash_with_reason(self);
    if (stubborn)
      self->set_exit_handler([](caf::exit_msg&) {});
    return {[](caf::put_atom) { throw std::runtime_error("boom"); }, [this](caf::ok_atom) { self->quit(); }};
  }
};

struct supervisor_fixture : actor_fixture {
  std::vector<std::string> events;
  std::vector<child_event> reports;
  std::map<std::string, caf::actor> present; ///< the latest start of each child
  supervisor_spec spec;
  supervisor_actor supervisor;

  supervisor_fixture() {
    spec.name = "top";
    spec.backoff = {100ms, 1s, 2.0, 0.0, 10s};
    spec.intensity = {3, 5s};
    spec.random = [] { return 0.5; };
    spec.report = [this](const child_event& event) {
      constexpr const char* phases[] = {"waiting", "running", "stopping", "ended", "abandoned"};
      events.push_back(event.child + " " + phases[static_cast<std::size_t>(event.phase)]);
      reports.push_back(event);
    };
  }

  ~supervisor_fixture() {
    if (supervisor)
      order_exit(caf::actor_cast<caf::strong_actor_ptr>(supervisor), caf::exit_reason::kill);
    settle();
    for (auto& [name, child] : present)
      kill(child);
    settle();
    supervisor = nullptr;
  }

  child_spec child(std::string name, bool stubborn = false, restart_rule rule = restart_rule::always) {
    return {name,
            [this, name, stubborn](caf::local_actor* parent) {
              auto handle = parent->spawn<caf::stateful_actor<child_state>>(stubborn);
              present[name] = handle;
              return caf::actor_cast<caf::strong_actor_ptr>(handle);
            },
            rule, 2s};
  }

  void begin() {
    supervisor = spawn_supervisor(sys, spec);
    settle();
    events.clear();
  }
  void crash(const std::string& child) {
    caf::anon_send(present.at(child), boom_order);
    settle();
  }
  void quit(const std::string& child) {
    caf::anon_send(present.at(child), quit_order);
    settle();
  }
  static void kill(const caf::actor& child) {
    order_exit(caf::actor_cast<caf::strong_actor_ptr>(child), caf::exit_reason::kill);
  }
  void stop(caf::exit_reason why = caf::exit_reason::user_shutdown) {
    order_exit(caf::actor_cast<caf::strong_actor_ptr>(supervisor), why);
    settle();
  }
  bool up(const std::string& child) { return alive(caf::actor_cast<caf::strong_actor_ptr>(present.at(child))); }
  bool supervisor_up() { return alive(caf::actor_cast<caf::strong_actor_ptr>(supervisor)); }

  /// What happened since the last question.
  std::string happened() {
    std::string text;
    for (const auto& each : events)
      text += (text.empty() ? "" : ", ") + each;
    events.clear();
    return text;
  }
};

} // namespace mp::test
