#pragma once
// One actor under test beside a dispatcher that only keeps what it is sent.

#include "tests/support/actor_fixture.hpp"
#include "tests/support/recorders.hpp"

#include <caf/send.hpp>

#include <memory>
#include <utility>

namespace mp::test {

/// `Handle`: of the actor under test. A fixture derived from this one starts it and calls put_under_test.
template <class Handle>
struct neighbour_fixture : actor_fixture {
  std::shared_ptr<dispatcher_log> heard = std::make_shared<dispatcher_log>(); ///< what the newest dispatcher was sent
  dispatcher_actor dispatcher;
  Handle subject; ///< the newest actor under test

  ~neighbour_fixture() {
    dispatcher = nullptr;
    subject = nullptr;
  }

  /// Starts a dispatcher with a log of its own and introduces it. Those before it live on.
  void new_dispatcher(dispatcher_answers answers = {}) {
    heard = std::make_shared<dispatcher_log>();
    dispatcher = spawn_recording_dispatcher(parent(), heard, std::move(answers));
    keep(caf::actor_cast<caf::strong_actor_ptr>(dispatcher));
    directory->set_dispatcher(dispatcher);
    settle();
  }

  /// Makes a just spawned actor the one under test, until another one takes its place.
  void put_under_test(const caf::strong_actor_ptr& spawned) { subject = keep_as<Handle>(spawned); }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(subject, std::move(message));
    settle();
  }

  void kill_dispatcher() { end(dispatcher, caf::exit_reason::kill); }
  void kill_subject() { end(subject, caf::exit_reason::kill); }
  void stop_subject() { end(subject, caf::exit_reason::user_shutdown); }
  bool subject_alive() const { return alive(caf::actor_cast<caf::strong_actor_ptr>(subject)); }

private:
  template <class Any>
  void end(const Any& actor, caf::exit_reason why) {
    order_exit(caf::actor_cast<caf::strong_actor_ptr>(actor), why);
    settle();
  }
};

} // namespace mp::test
