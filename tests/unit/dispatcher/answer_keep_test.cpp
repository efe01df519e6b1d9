#define CAF_SUITE answer_keep
#include "tests/support/test.hpp"

#include "actors/dispatcher/answer_keep.hpp"

#include <string>

using namespace mp;
using namespace std::chrono_literals;

namespace {

using time_point = answer_keep::time_point;

kept_answer answer(std::string body, std::size_t bytes = 100) {
  outgoing reply;
  reply.body = std::move(body);
  kept_answer made;
  made.records = {shared_outgoing{std::move(reply)}};
  made.attempts = 2;
  made.bytes = bytes;
  return made;
}

std::string body_of(const std::optional<kept_answer>& found) { return found ? found->records.at(0)->body : "(none)"; }

} // namespace

TEST_CASE("an answer is given back once to the same record") {
  answer_keep kept;
  kept.add({3, 17, 5}, answer("a"), time_point{});
  CHECK_EQ(body_of(kept.take({3, 18, 5}, time_point{})), "(none)");
  CHECK_EQ(body_of(kept.take({2, 17, 5}, time_point{})), "(none)");
  auto found = kept.take({3, 17, 5}, time_point{59s});
  CHECK_EQ(body_of(found), "a");
  CHECK_EQ(found->attempts, 2u);
  CHECK_EQ(body_of(kept.take({3, 17, 5}, time_point{59s})), "(none)");
  CHECK_EQ(kept.bytes(), 0u);
}

TEST_CASE("another record at the place has no answer, and leaves that of the first one") {
  answer_keep kept;
  kept.add({3, 17, 5}, answer("a"), time_point{});
  CHECK_EQ(body_of(kept.take({3, 17, 6}, time_point{})), "(none)");
  CHECK_EQ(body_of(kept.take({3, 17, 5}, time_point{})), "a");
}

TEST_CASE("an answer is kept for its time, counted from when it was kept last") {
  answer_keep kept({10s, 1'000});
  kept.add({0, 1, 5}, answer("a"), time_point{0s});
  kept.add({0, 2, 5}, answer("b"), time_point{4s});
  CHECK_EQ(body_of(kept.take({0, 1, 5}, time_point{9s})), "a");
  kept.add({0, 1, 5}, answer("a"), time_point{9s});
  kept.expire(time_point{13s});
  CHECK_EQ(kept.size(), 2u);
  kept.expire(time_point{14s});
  CHECK_EQ(kept.size(), 1u);
  CHECK_EQ(body_of(kept.take({0, 2, 5}, time_point{14s})), "(none)");
  CHECK_EQ(body_of(kept.take({0, 1, 5}, time_point{18s})), "a");
}

TEST_CASE(
  "all answers together take so many bytes at most, the oldest make room, and one that is too large is not kept") {
  answer_keep kept({10s, 250});
  kept.add({0, 1, 5}, answer("a", 100), time_point{});
  kept.add({0, 2, 5}, answer("b", 100), time_point{});
  kept.add({0, 3, 5}, answer("c", 100), time_point{});
  CHECK_EQ(kept.bytes(), 200u);
  CHECK_EQ(body_of(kept.take({0, 1, 5}, time_point{})), "(none)");
  kept.add({0, 4, 5}, answer("d", 251), time_point{});
  CHECK_EQ(kept.size(), 2u);
  kept.add({0, 3, 5}, answer("newer", 150), time_point{});
  CHECK_EQ(kept.bytes(), 250u);
  CHECK_EQ(body_of(kept.take({0, 3, 5}, time_point{})), "newer");
}

TEST_CASE("with a time of nothing no answer is kept") {
  answer_keep kept({0s, 1'000});
  kept.add({0, 1, 5}, answer("a"), time_point{});
  CHECK_EQ(kept.size(), 0u);
}
