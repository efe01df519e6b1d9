#define CAF_SUITE mailbox_bound
#include "tests/support/test.hpp"

#include "actors/mailbox_bound.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/service_world.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

using namespace mp;
using namespace mp::test;

namespace {

constexpr std::size_t bound = 3;

struct mailbox_fixture : actor_fixture {
  caf::actor checking;

  ~mailbox_fixture() { checking = nullptr; }

  /// Sends so many messages to an actor that checks its mailbox; whether it lives.
  bool survives(int messages, std::size_t more = 0, std::size_t most = bound) {
    checking = sys.spawn([more, most](caf::event_based_actor* self) -> caf::behavior {
      crash_with_reason(self);
      return {[=](int) { check_mailbox(self, most, more); }};
    });
    for (int i = 0; i < messages; ++i)
      caf::anon_send(checking, i);
    settle();
    return alive(caf::actor_cast<caf::strong_actor_ptr>(checking));
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(mailbox_fixture)

TEST_CASE("as many messages as the bound may wait behind the one that is handled") {
  CHECK(survives(1));
  CHECK(survives(static_cast<int>(bound) + 1));
}

TEST_CASE("one more is a crash") { CHECK(!survives(static_cast<int>(bound) + 2)); }

TEST_CASE("what only the actor knows of comes on top of the bound, also of none") {
  CHECK(survives(static_cast<int>(bound) + 3, 2));
  CHECK(!survives(static_cast<int>(bound) + 4, 2));
  CHECK(survives(1, mailbox_unbounded));
}

TEST_CASE("an actor without a bound is never crashed for what waits") { CHECK(survives(1'000, 0, mailbox_unbounded)); }

END_FIXTURE_SCOPE()

TEST_CASE("every actor of the tree has a bound, and it grows only with what is asked for") {
  service_world small{1}, large{8};
  large.config.dispatcher.intake.held_max = 10 * small.config.dispatcher.intake.held_max;
  for (const auto& [name, most] : small.mailbox_bounds()) {
    CHECK_LT(most, 600u);
    CHECK_LE(most, large.mailbox_bounds().at(name));
  }
  CHECK_EQ(size_of(large.config).workers, 16u);
  CHECK_EQ(size_of(large.config).hosts, 2u);
}
