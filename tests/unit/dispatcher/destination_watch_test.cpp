#define CAF_SUITE destination_watch
#include "tests/support/test.hpp"

#include "actors/dispatcher/destination_watch.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr destination_watch::time_point start{std::chrono::hours{1}};
constexpr auto reply = destination::text_reply;
constexpr auto letter = destination::dead_letter;

using tokens = std::vector<destination_watch::token>;

destination_watch::token token(std::uint64_t ticket, std::uint64_t record = 0) { return ticket << 1 | record; }

} // namespace

TEST_CASE("the first refusal of a topic is news, the others of what was on its way are not") {
  destination_watch watch;
  CHECK(!watch.refusing(reply));
  CHECK(watch.refused(reply, 1, "A", start));
  CHECK(!watch.refused(reply, 2, "B", start));
  CHECK(watch.refusing(reply));
  CHECK(!watch.refusing(letter));
  CHECK_EQ(watch.code(reply), "B");
}

TEST_CASE("an acknowledgement opens the topic, which is news once, and gives what was held in its order") {
  destination_watch watch;
  CHECK(!watch.acknowledged(reply));
  watch.refused(reply, 1, "A", start);
  watch.hold(reply, token(1));
  watch.hold(reply, token(2));
  watch.hold(letter, token(3));
  CHECK(watch.acknowledged(reply));
  CHECK(!watch.acknowledged(reply));
  CHECK(watch.release(reply) == (tokens{token(1), token(2)}));
  CHECK_EQ(watch.held(), 1u);
  CHECK_EQ(watch.acknowledgements(reply), 3u);
}

TEST_CASE(
  "one request is tried after a second, then after pauses that double up to ten seconds, each held one in turn") {
  destination_watch watch;
  watch.refused(reply, 1, "A", start);
  for (std::uint64_t ticket : {1, 2, 3})
    watch.hold(reply, token(ticket));
  auto now = start;
  std::uint64_t ticket = 1;
  for (auto pause : {1s, 2s, 4s, 8s, 10s, 10s}) {
    REQUIRE(watch.next_trial());
    CHECK(*watch.next_trial() == now + pause);
    CHECK(watch.take_trials(now + pause - 1ms).empty());
    now += pause;
    CHECK(watch.take_trials(now) == tokens{token(ticket)});
    CHECK(watch.on_trial(ticket));
    CHECK(watch.take_trials(now).empty());
    watch.refused(reply, ticket, "A", now);
    CHECK(!watch.on_trial(ticket));
    watch.hold(reply, token(ticket));
    ticket = ticket % 3 + 1;
  }
}

TEST_CASE("all records of a request that wait for a topic are tried together") {
  destination_watch watch;
  watch.refused(letter, 1, "A", start);
  watch.hold(letter, token(1));
  watch.hold(letter, token(2));
  watch.hold(letter, token(1, 1));
  CHECK(watch.take_trials(start + 1s) == (tokens{token(1), token(1, 1)}));
  CHECK_EQ(watch.held(), 1u);
}

TEST_CASE("a trial of which nothing is heard does not end the trials") {
  destination_watch watch;
  watch.refused(reply, 1, "A", start);
  watch.hold(reply, token(1));
  watch.hold(reply, token(2));
  CHECK_EQ(watch.take_trials(start + 1s).size(), 1u);
  CHECK(watch.take_trials(start + 2s) == tokens{token(2)});
}

TEST_CASE("a trial that cannot be published any more costs the others no time") {
  destination_watch watch;
  watch.refused(reply, 1, "A", start);
  watch.hold(reply, token(1));
  watch.hold(reply, token(2));
  CHECK(watch.take_trials(start + 1s) == tokens{token(1)});
  watch.said_nothing(2, start + 1s); // it was not tried
  CHECK(watch.take_trials(start + 1s).empty());
  watch.said_nothing(1, start + 1s);
  CHECK(!watch.on_trial(1));
  CHECK(watch.refusing(reply));
  CHECK(watch.take_trials(start + 1s) == tokens{token(2)});
}

TEST_CASE("a refusal of what was sent before it was known does not put off the trial") {
  destination_watch watch;
  watch.refused(reply, 1, "A", start);
  watch.hold(reply, token(1));
  watch.refused(reply, 2, "A", start + 900ms);
  watch.hold(reply, token(2));
  CHECK(watch.take_trials(start + 1s) == tokens{token(1)});
}

TEST_CASE("nothing is tried where nothing waits") {
  destination_watch watch;
  watch.refused(reply, 1, "A", start);
  CHECK(!watch.next_trial());
  CHECK(watch.take_trials(start + 1h).empty());
}

TEST_CASE("a new producer is given everything anew, and which topics refuse is still known") {
  destination_watch watch;
  watch.refused(reply, 1, "A", start);
  watch.hold(reply, token(1));
  CHECK_EQ(watch.take_trials(start + 1s).size(), 1u);
  watch.hold(reply, token(2));
  watch.forget_held();
  CHECK_EQ(watch.held(), 0u);
  CHECK(!watch.on_trial(1));
  CHECK(watch.refusing(reply));
}
