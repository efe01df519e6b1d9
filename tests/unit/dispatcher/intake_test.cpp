#define CAF_SUITE intake
#include "tests/support/test.hpp"

#include "actors/dispatcher/intake.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr mp::intake::time_point start{1h};
constexpr dead_letter_limits flood{50, 10s};

/// Four free slots, nothing held.
constexpr intake_load idle{4, true, 0, 0, 0, 0};

struct usual_intake : mp::intake {
  usual_intake() : mp::intake({10, 100, 1000, 100}, flood, 2) {}
};

struct paused_intake {
  paused_intake() {
    for (std::size_t i = 0; i <= dead_letter_breaker::ends_max / 2; ++i)
      in.ended(1, true, end_sign::bad, start);
    CHECK(in.dead_letters_changed() == true);
  }
  mp::intake in{{10, 100, 1000, 100}, flood, 0};
};

} // namespace

TEST_CASE("what is granted may arrive, and no more") {
  usual_intake in;
  auto grant = in.next(idle, start);
  REQUIRE(grant.has_value());
  CHECK_EQ(grant->records, 14u);
  for (std::uint32_t i = 0; i < grant->records; ++i)
    CHECK(in.arrived(1));
  CHECK(!in.arrived(1));
}

TEST_CASE("a new reader has no demand") {
  usual_intake in;
  in.next(idle, start);
  in.reset_demand();
  CHECK(!in.arrived(1));
  CHECK(in.next(idle, start).has_value());
}

TEST_CASE("a user's requests are limited, others' are not") {
  usual_intake in;
  CHECK(!in.over_limit("a", start));
  CHECK(!in.over_limit("a", start));
  CHECK(in.over_limit("a", start) == 30s);
  CHECK(!in.over_limit("b", start));
}

TEST_CASE("too many dead letters pause intake, which is told once") {
  paused_intake paused;
  CHECK(paused.in.is_paused());
  CHECK(!paused.in.dead_letters_changed());
  CHECK(!paused.in.next(idle, start));
  CHECK(paused.in.next_trial() == start + 10s);
  CHECK(paused.in.arrived(1)); // it was on its way
}

TEST_CASE("while it is paused one request is read a time, until one succeeds") {
  paused_intake paused;
  auto grant = paused.in.next(idle, start + 10s);
  REQUIRE(grant.has_value());
  CHECK_EQ(grant->records, 1u);
  paused.in.accepted(7);
  CHECK(!paused.in.next(idle, start + 10s));
  paused.in.ended(7, true, end_sign::good, start + 11s);
  CHECK(paused.in.dead_letters_changed() == false);
  CHECK(!paused.in.is_paused());
  CHECK(!paused.in.next_trial());
}

TEST_CASE("a trial that needs no call, or is removed before one, is followed by the next at once") {
  paused_intake paused;
  REQUIRE(paused.in.next(idle, start + 10s).has_value());
  CHECK(paused.in.arrived(1));
  paused.in.said_nothing(start + 11s);
  REQUIRE(paused.in.next(idle, start + 11s).has_value());
  CHECK(paused.in.arrived(1));
  paused.in.accepted(7);
  paused.in.left(8, start + 12s); // another one
  CHECK(!paused.in.next(idle, start + 12s));
  paused.in.left(7, start + 12s);
  CHECK(paused.in.next(idle, start + 12s).has_value());
}

TEST_CASE("a trial that failed after a call is followed by the next after the interval") {
  paused_intake paused;
  REQUIRE(paused.in.next(idle, start + 10s).has_value());
  CHECK(paused.in.arrived(1));
  paused.in.accepted(7);
  paused.in.ended(7, true, end_sign::bad, start + 11s);
  paused.in.left(7, start + 11s);
  CHECK(!paused.in.next(idle, start + 19s));
  CHECK(paused.in.next(idle, start + 20s).has_value());
}

TEST_CASE("records that wait for topics pause intake until half of them are gone") {
  usual_intake in;
  CHECK(!in.held_back_changed(mp::intake::held_back_max - 1));
  CHECK(in.held_back_changed(mp::intake::held_back_max) == true);
  CHECK(!in.next(idle, start));
  CHECK(!in.held_back_changed(mp::intake::held_back_max / 2 + 1));
  CHECK(in.held_back_changed(mp::intake::held_back_max / 2) == false);
  CHECK(in.next(idle, start).has_value());
}
