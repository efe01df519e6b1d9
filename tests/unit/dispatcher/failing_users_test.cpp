#define CAF_SUITE failing_users
#include "tests/support/test.hpp"

#include "actors/dispatcher/failing_users.hpp"

#include <string>

using namespace mp;
using namespace std::chrono_literals;

namespace {

struct fixture {
  failing_users users;
  failing_users::time_point now{1h};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

TEST_CASE("a user whose calls fail does so alone once somebody else was answered") {
  CHECK(!users.fails("bad", now));
  users.failed("bad", now);
  CHECK(users.fails("bad", now));
  CHECK(!users.fails_alone("bad", now));
  users.answered("good", now);
  CHECK(users.fails_alone("bad", now));
  CHECK(!users.fails("good", now));
}

TEST_CASE("an answer of its own ends that") {
  users.failed("bad", now);
  users.answered("good", now);
  users.answered("bad", now);
  CHECK(!users.fails("bad", now));
  users.failed("bad", now);
  CHECK(!users.fails_alone("bad", now));
}

TEST_CASE("when nobody was answered for a minute, nobody fails alone") {
  users.failed("bad", now);
  users.answered("good", now);
  now += 59s;
  users.failed("bad", now);
  CHECK(users.fails_alone("bad", now));
  now += 1s;
  CHECK(!users.fails_alone("bad", now));
  users.answered("good", now);
  CHECK(users.fails_alone("bad", now));
}

TEST_CASE("a failure is forgotten after a minute") {
  users.failed("bad", now);
  now += 61s;
  CHECK(!users.fails("bad", now));
  users.answered("good", now);
  CHECK(!users.fails_alone("bad", now));
  users.failed("other", now);
  users.failed("bad", now);
  CHECK(!users.fails_alone("bad", now));
}

TEST_CASE("many users that fail at once are no single user's doing") {
  for (std::size_t i = 0; i < 2 * failing_users::users_max; ++i)
    users.failed("user-" + std::to_string(i), now);
  users.answered("good", now);
  CHECK(users.fails_alone("user-0", now));
  CHECK(!users.fails("user-" + std::to_string(2 * failing_users::users_max - 1), now));
}

END_FIXTURE_SCOPE()
