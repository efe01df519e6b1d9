#define CAF_SUITE held_answers
#include "tests/support/test.hpp"

#include "actors/node_link/held_answers.hpp"

using namespace mp;
using namespace std::chrono_literals;
using adoption = held_answers::adoption::kind;
using owners = std::vector<held_answers::owned_call>;

namespace {

struct held_fixture {
  held_answers held{{60s, 10'000}};
  held_answers::time_point now{};

  static call_key key(std::int64_t offset) { return {"requests", {0, offset, 42}}; }

  static call_result answer(const std::string& text) {
    raw_answer said;
    said.text = text_slice{text};
    return {1, 1, said, 1s};
  }

  std::uint64_t begin(std::int64_t offset, std::uint64_t owner = 1) {
    return held.begun(key(offset), "llava", {owner, static_cast<std::uint64_t>(offset)});
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(held_fixture)

TEST_CASE("an answer goes to the reader that asked for it and is kept until its request has had its end") {
  auto serial = begin(5);
  auto by = held.answered(key(5), serial, answer("yes"), now);
  CHECK(by == (owners{{1, 5}}));
  CHECK_EQ(held.size(), 1u);
  held.settled(2, key(5));
  CHECK_EQ(held.size(), 1u);
  held.settled(1, key(5));
  CHECK_EQ(held.size(), 0u);
  CHECK_EQ(held.bytes(), 0u);
}

TEST_CASE("a call without an answer leaves nothing") {
  auto serial = begin(5);
  CHECK(held.failed(key(5), serial) == (owners{{1, 5}}));
  CHECK_EQ(held.size(), 0u);
}

TEST_CASE("the calls and answers of a lost reader are offered, and another reader's are not") {
  held.answered(key(1), begin(1), answer("a"), now);
  begin(2);
  begin(3, 7);
  auto offers = held.lose_owner(1, now);
  REQUIRE_EQ(offers.size(), 2u);
  CHECK_EQ(offers[0].key, key(1));
  CHECK(offers[0].finished);
  CHECK_EQ(offers[1].key, key(2));
  CHECK(!offers[1].finished);
  CHECK_EQ(held.orphans().size(), 2u);
}

TEST_CASE("an orphan's answer is taken by the reader that wants it, which asks anew when it wants another one") {
  held.answered(key(1), begin(1), answer("a"), now);
  held.lose_owner(1, now);
  auto adopted = held.adopt(key(1), "llava", {2, 9});
  CHECK(adopted.what == adoption::answered);
  CHECK_EQ(std::get<raw_answer>(adopted.result.outcome).text.view(), "a");
  CHECK(held.adopt(key(1), "llava", {2, 10}).what == adoption::none);
  held.settled(2, key(1));
  CHECK_EQ(held.size(), 0u);
}

TEST_CASE("an orphan that goes on ends for the reader that has adopted it") {
  auto serial = begin(1);
  held.lose_owner(1, now);
  CHECK(held.adopt(key(1), "llava", {2, 9}).what == adoption::running);
  CHECK(held.answered(key(1), serial, answer("a"), now) == (owners{{2, 9}}));
}

TEST_CASE("a call whose reader does not know yet that its partition is gone is the next reader's, too") {
  auto serial = begin(1);
  CHECK(held.adopt(key(1), "llava", {2, 9}).what == adoption::running);
  CHECK(held.answered(key(1), serial, answer("a"), now) == (owners{{1, 1}, {2, 9}}));
  CHECK(held.adopt(key(1), "llava", {3, 4}).what == adoption::answered);
  held.settled(2, key(1));
  CHECK(held.lose_owner(1, now).empty());
  CHECK(!held.is_orphan(key(1)));
  CHECK_EQ(held.lose_owner(3, now).size(), 1u);
  CHECK(held.is_orphan(key(1)));
}

TEST_CASE("a call that one of two readers cancels goes on for the other") {
  auto serial = begin(1);
  held.adopt(key(1), "llava", {2, 9});
  CHECK(!held.cancelled(key(1), serial, {1, 1}));
  CHECK(!held.cancelled(key(1), serial, {1, 1}));
  CHECK(held.is_owned(key(1), serial, {2, 9}));
  CHECK(held.cancelled(key(1), serial, {2, 9}));
  CHECK_EQ(held.size(), 0u);
}

TEST_CASE("a call of another model or of another record is not adopted") {
  begin(1);
  held.lose_owner(1, now);
  CHECK(held.adopt(key(1), "phi3", {2, 9}).what == adoption::none);
  CHECK(held.adopt({"requests", {0, 1, 43}}, "llava", {2, 9}).what == adoption::none);
  CHECK(held.adopt({"others", {0, 1, 42}}, "llava", {2, 9}).what == adoption::none);
}

TEST_CASE("requests that a reader gives up are offered, the others stay its own") {
  begin(1);
  begin(2);
  auto offers = held.lose_owner(1, std::vector{key(2), key(3)}, now);
  REQUIRE_EQ(offers.size(), 1u);
  CHECK_EQ(offers[0].key, key(2));
  CHECK_EQ(held.orphans().size(), 1u);
}

TEST_CASE("a new call of a request takes the place of the old one, whose end then counts for nothing") {
  auto first = begin(1);
  auto second = begin(1, 2);
  CHECK(held.answered(key(1), first, answer("old"), now).empty());
  CHECK(held.answered(key(1), second, answer("new"), now) == (owners{{2, 1}}));
}

TEST_CASE("an orphan's answer is forgotten after its time, counted from the loss or from its end, a call never") {
  held.answered(key(1), begin(1), answer("a"), now);
  auto running = begin(2);
  held.lose_owner(1, now);
  now += 59s;
  held.answered(key(2), running, answer("b"), now);
  begin(3);
  held.lose_owner(1, now);
  held.expire(now);
  CHECK_EQ(held.size(), 3u);
  now += 1s;
  held.expire(now);
  CHECK_EQ(held.size(), 2u);
  now += 59s;
  held.expire(now);
  CHECK_EQ(held.size(), 1u);
}

TEST_CASE("answers that are not orphans are kept however long their end takes") {
  held.answered(key(1), begin(1), answer("a"), now);
  held.expire(now + 1h);
  CHECK_EQ(held.size(), 1u);
}

TEST_CASE("the oldest answers go when they are too large together") {
  for (int i = 0; i < 10; ++i)
    held.answered(key(i), begin(i), answer(std::string(2'000, 'x')), now);
  CHECK(held.bytes() <= 10'000u);
  held.lose_owner(1, now);
  CHECK(held.adopt(key(0), "llava", {2, 1}).what == adoption::none);
  CHECK(held.adopt(key(9), "llava", {2, 1}).what == adoption::answered);
}

END_FIXTURE_SCOPE()
