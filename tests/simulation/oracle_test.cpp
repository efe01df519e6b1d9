#define CAF_SUITE oracle
#include "tests/support/test.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "tests/simulation/oracle.hpp"

using namespace mp;
using namespace mp::sim;
using namespace std::chrono_literals;

namespace {

constexpr auto kind_of_complaint = [](const oracle& judge) {
  std::string all;
  for (std::size_t i = 0; i < wrong_count; ++i)
    if (judge.count(static_cast<wrong>(i)) > 0)
      all += (all.empty() ? "" : " ") + std::string{to_string(static_cast<wrong>(i))};
  return all;
};

time_point at(std::chrono::milliseconds when) { return time_point{when}; }

/// The dead letter of offsets that could not be read.
outgoing letter(std::int64_t first, std::optional<std::int64_t> last) {
  outgoing record{
    destination::dead_letter,
    "",
    "",
    {{"reason", "record_unreadable"}, {"source-partition", "0"}, {"source-offset", std::to_string(first)}}};
  if (last)
    record.headers.emplace_back("source-offset-last", std::to_string(*last));
  return record;
}

/// Four text requests in one partition, r0 to r3 at offsets 0 to 3, read by instance 0.
struct judged {
  oracle judge;

  explicit judged(bool exactly_once = false) : judge({.exactly_once = exactly_once}) {
    judge.limit(0, 4, 10'000);
    for (std::size_t i = 0; i < 4; ++i) {
      asked what;
      what.number = what.original = i;
      what.offset = static_cast<std::int64_t>(i);
      what.key = "k" + std::to_string(i);
      what.tag = "t" + std::to_string(i);
      what.user = "user@example.org";
      what.bytes = 100;
      judge.requests.push_back(what);
      judge.appended();
      judge.placed(i);
    }
  }

  outgoing record(std::size_t number, std::string body, destination to = destination::text_reply) const {
    return {to, judge.requests[number].key, std::move(body), {{"correlation-id", "r" + std::to_string(number)}}};
  }
  void answer(std::size_t number) { judge.visible(record(number, good_reply(judge.requests[number]))); }
  void tell(std::size_t number, fault why) { judge.visible(record(number, error_reply(judge.requests[number], why))); }
  void dead_letter(std::size_t number) { judge.visible(record(number, "", destination::dead_letter)); }
  void commit(std::int64_t offset, std::set<std::int64_t> finished = {}, int reader = 1, time_point when = at(1ms)) {
    judge.committed(0, offset, write_commit_metadata(offset, {{}, -1, finished}, 8192), true, reader, when);
  }
  call_ticket call(std::size_t number, caller who = {}) { return judge.call_begun(number, who); }
};

} // namespace

TEST_CASE("answers, then commits, are right") {
  judged world;
  for (std::size_t i = 0; i < 4; ++i) {
    world.judge.call_ended(world.call(i), std::nullopt);
    world.answer(i);
  }
  world.commit(4);
  world.judge.finish(true);
  CHECK_EQ(kind_of_complaint(world.judge), "");
  CHECK(world.judge.all_ended());
}

TEST_CASE("a request without an end is lost when all is committed and stuck when not") {
  judged lost, stuck;
  lost.judge.finish(true);
  stuck.judge.finish(false);
  CHECK_EQ(kind_of_complaint(lost.judge), "lost");
  CHECK_EQ(kind_of_complaint(stuck.judge), "stuck");
}

TEST_CASE("a second end is counted, and wrong when there may be one only") {
  judged at_least_once{false}, exactly_once{true};
  for (auto* world : {&at_least_once, &exactly_once}) {
    world->answer(0);
    world->answer(0);
    CHECK_EQ(kind_of_complaint(world->judge), "doubled");
  }
  CHECK(at_least_once.judge.satisfied());
  CHECK(!exactly_once.judge.satisfied());
}

TEST_CASE("a commit of what has had no end is early, in the offset as in the bitmap") {
  judged by_offset, by_bitmap, right;
  by_offset.answer(0);
  by_offset.commit(2);
  CHECK_EQ(kind_of_complaint(by_offset.judge), "early");
  by_bitmap.answer(2);
  by_bitmap.commit(0, {2, 3});
  CHECK_EQ(kind_of_complaint(by_bitmap.judge), "early");
  right.answer(0);
  right.answer(2);
  right.commit(1, {2});
  CHECK_EQ(kind_of_complaint(right.judge), "");
}

TEST_CASE("half an end is none: an error reply that needs a dead letter") {
  judged world;
  for (int i = 0; i < 3; ++i)
    world.judge.call_ended(world.call(0), fault::model_error);
  world.tell(0, fault::model_error);
  world.commit(1);
  CHECK_EQ(kind_of_complaint(world.judge), "early");
  world.dead_letter(0);
  CHECK_EQ(world.judge.open(), 3u);
}

TEST_CASE("an answer to somebody else, on the other topic, of nobody, or an error without a cause is wrong") {
  judged other, topic, nobody, cause;
  other.judge.visible(other.record(0, good_reply(other.judge.requests[1])));
  topic.judge.visible(topic.record(0, good_reply(topic.judge.requests[0]), destination::photo_reply));
  nobody.judge.visible({destination::text_reply, "k", "{}", {}});
  cause.judge.call_ended(cause.call(0), fault::model_error);
  cause.tell(0, fault::model_error);
  for (auto* world : {&other, &topic, &nobody, &cause})
    CHECK_EQ(kind_of_complaint(world->judge), "wrong");
}

TEST_CASE("a call for a request whose end is committed is repeated when its reader knows, and else is not") {
  judged knows, committed_it, cannot_know;
  for (auto* world : {&knows, &committed_it, &cannot_know}) {
    world->answer(0);
    world->commit(1, {}, 1, at(5ms));
  }
  auto calls = [](judged& world, int reader, std::chrono::milliseconds loaded) {
    world.call(0, {.begun = at(1s), .caught_up = at(10ms), .holds = true, .reader = reader, .loaded = at(loaded)});
  };
  calls(knows, 2, 6ms);
  calls(committed_it, 1, 1ms);
  calls(cannot_know, 2, 4ms);
  CHECK_EQ(kind_of_complaint(knows.judge), "model_calls_repeated");
  CHECK_EQ(kind_of_complaint(committed_it.judge), "model_calls_repeated");
  CHECK_EQ(kind_of_complaint(cannot_know.judge), "");
}

TEST_CASE("an answer that an instance has is computed again when it asks once more within its time, not after a crash "
          "of the dispatcher") {
  judged same, crashed, late, elsewhere, between;
  for (auto* world : {&same, &crashed, &late, &elsewhere, &between})
    world->judge.call_ended(world->call(0, {.dispatcher = 7, .begun = at(5s)}), std::nullopt, at(6s));
  same.call(0, {.dispatcher = 7, .begun = at(65s)});
  crashed.call(0, {.dispatcher = 8, .begun = at(6s)});
  late.call(0, {.dispatcher = 7, .begun = at(66s)});
  elsewhere.call(0, {.instance = 1, .dispatcher = 7, .begun = at(7s)});
  between.call(0, {.instance = 1, .dispatcher = 7, .begun = at(7s)});
  between.call(0, {.dispatcher = 7, .begun = at(8s)});
  CHECK_EQ(kind_of_complaint(same.judge), "answers_computed_again");
  CHECK_EQ(kind_of_complaint(late.judge), "");
  CHECK_EQ(kind_of_complaint(elsewhere.judge), "");
  CHECK_EQ(kind_of_complaint(between.judge), "answers_computed_again");
  CHECK_EQ(kind_of_complaint(crashed.judge), "");
  CHECK_EQ(crashed.judge.calls_redone, 1u);
}

TEST_CASE("more records or bytes in one's hands than allowed are too much, and ends make room") {
  judged records, bytes, room;
  records.judge.limit(0, 3, 10'000);
  bytes.judge.limit(0, 4, 199);
  for (std::size_t i = 0; i < 4; ++i) {
    records.judge.fetched(0, i);
    bytes.judge.fetched(0, i);
  }
  CHECK_EQ(kind_of_complaint(records.judge), "memory");
  CHECK_EQ(kind_of_complaint(bytes.judge), "memory");
  room.judge.limit(0, 1, 10'000);
  for (std::size_t i = 0; i < 4; ++i) {
    room.judge.fetched(0, i);
    room.answer(i);
  }
  CHECK_EQ(kind_of_complaint(room.judge), "");
}

TEST_CASE("a mailbox may hold what was asked for and no more") {
  judged world;
  world.judge.mailbox("dispatcher", 5, 5);
  CHECK_EQ(kind_of_complaint(world.judge), "");
  world.judge.mailbox("dispatcher", 6, 5);
  CHECK_EQ(kind_of_complaint(world.judge), "mailbox");
}

TEST_CASE("what cannot be read ends with a dead letter that covers its offset; what can be read must not be given up") {
  judged good;
  good.judge.requests[1].unreadable = good.judge.requests[2].unreadable = true;
  good.judge.visible(letter(1, 2));
  CHECK_EQ(kind_of_complaint(good.judge), "");
  CHECK_EQ(good.judge.open(), 2u);
  good.judge.visible(letter(2, std::nullopt));
  CHECK_EQ(kind_of_complaint(good.judge), "doubled");

  judged too_much;
  too_much.judge.requests[1].unreadable = true;
  too_much.judge.visible(letter(1, 2));
  CHECK_EQ(kind_of_complaint(too_much.judge), "wrong");

  judged nothing;
  nothing.judge.visible(letter(7, 9));
  CHECK_EQ(kind_of_complaint(nothing.judge), "wrong");

  judged answered;
  answered.judge.requests[0].unreadable = true;
  answered.answer(0);
  CHECK_EQ(kind_of_complaint(answered.judge), "wrong");
}

TEST_CASE("what the log has lost needs no end, may have one, and what lies at its offset now needs its own") {
  judged world{true};
  world.judge.gone(1);
  CHECK_EQ(world.judge.open(), 3u);
  world.answer(1);
  for (std::size_t i : {0u, 2u, 3u})
    world.answer(i);
  CHECK(world.judge.all_ended());
  world.commit(4);
  world.judge.finish(true);
  CHECK_EQ(kind_of_complaint(world.judge), "");

  judged anew;
  for (std::size_t i : {1u, 2u, 3u})
    anew.judge.gone(i);
  asked what = anew.judge.requests[1];
  what.number = what.original = 4;
  anew.judge.requests.push_back(what);
  anew.judge.appended();
  anew.judge.placed(4);
  anew.answer(0);
  anew.answer(1); // of the one that is gone
  anew.commit(2);
  CHECK_EQ(kind_of_complaint(anew.judge), "early");
}

TEST_CASE("a dead letter may be about what could not be read before the log was changed, but excuses nothing that is "
          "there now") {
  judged world;
  world.judge.requests[1].unreadable = true;
  world.judge.gone(1);
  world.judge.visible(letter(1, 2));
  CHECK_EQ(kind_of_complaint(world.judge), "");
  CHECK_EQ(world.judge.open(), 3u);
  world.commit(3);
  CHECK_EQ(kind_of_complaint(world.judge), "early");
}

TEST_CASE("only what somebody else has committed, so that nobody can know better, may go without an end") {
  judged world{true};
  world.judge.claimed(0);
  CHECK_EQ(world.judge.open(), 3u);
  world.commit(1);
  CHECK_EQ(kind_of_complaint(world.judge), "");
  world.answer(0);
  world.answer(0); // nor need anybody know that it had an end
  CHECK_EQ(kind_of_complaint(world.judge), "");
  CHECK_EQ(world.judge.open(), 3u);
  world.commit(2);
  CHECK_EQ(kind_of_complaint(world.judge), "early");
}

TEST_CASE("what a reader has put away is in nobody's hands until it is fetched again") {
  judged world;
  world.judge.limit(0, 1, 10'000);
  world.judge.fetched(0, 0);
  world.judge.put_away(0, 0);
  world.judge.fetched(0, 1);
  CHECK_EQ(kind_of_complaint(world.judge), "");
  world.judge.fetched(0, 0);
  CHECK_EQ(kind_of_complaint(world.judge), "memory");
}
