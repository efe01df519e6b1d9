#define CAF_SUITE publishing
#include "tests/support/test.hpp"

#include "actors/dispatcher/publishing.hpp"

#include <string>
#include <vector>

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr mp::publishing::time_point start{1h};
const mp::publishing::topics names{"photo-replies", "text-replies", "dead-letters"};

outgoing reply(const std::string& key) { return {destination::text_reply, key, "body", {}}; }
outgoing letter(const std::string& key) { return {destination::dead_letter, key, "body", {}}; }

struct world {
  /// A request whose end is to be published.
  in_flight_request& add(std::int64_t offset, const std::vector<outgoing>& records) {
    auto& row = *table.accept({0, 1, offset}, 100, start);
    for (const auto& each : records)
      row.records.push_back(shared_outgoing{each});
    row.undelivered = (1u << records.size()) - 1;
    row.publishing_since = start;
    row.attempts = 1;
    table.move(row, request_stage::publishing);
    out.add(row);
    return row;
  }

  void producer_started(const std::vector<origin>& held = {}) { out.on_producer_started({{}, 512, held}, table); }

  std::vector<std::string> taken(mp::publishing::time_point now = start) {
    std::vector<std::string> keys;
    for (const auto& each : out.take(table, now).records)
      keys.push_back(each.record->key);
    return keys;
  }

  in_flight_table table;
  mp::publishing out{{60s, 1'000'000}, start};
};

delivery delivered(const in_flight_request& row, std::size_t record = 0) {
  return {outbox::token_of(row.ticket, record)};
}

stale_record stale_of(const in_flight_request& row) { return {outbox::token_of(row.ticket, 0), row.from}; }

using key_list = std::vector<std::string>;
using row_list = std::vector<in_flight_request*>;

} // namespace

TEST_CASE("a new producer is sent what is being published, and not what awaits redelivery") {
  world w;
  w.add(1, {reply("a")});
  auto& waiting = w.add(2, {reply("b")});
  CHECK(w.taken().empty());
  w.table.await_redelivery(waiting, start);
  w.producer_started();
  CHECK_EQ(w.taken(), key_list{"a"});
  w.producer_started();
  CHECK_EQ(w.taken(), key_list{"a"});
}

TEST_CASE("a delivery is of its row until that record was acknowledged, and the last one ends the request") {
  world w;
  w.producer_started();
  auto& row = w.add(1, {reply("a"), letter("a")});
  CHECK_EQ(w.taken().size(), 2u);
  CHECK(row.published_as == row.from);
  CHECK_EQ(w.out.returned(delivered(row), w.table), &row);
  CHECK(!w.out.is_done(row, 0));
  CHECK(row.published_as != row.from); // the producer no longer knows all of it
  CHECK(w.out.returned(delivered(row), w.table) == nullptr);
  CHECK_EQ(w.out.returned(delivered(row, 1), w.table), &row);
  CHECK(w.out.is_done(row, 1));
}

TEST_CASE("a record is not sent again for a producer that is gone") {
  world w;
  w.producer_started();
  auto& row = w.add(1, {reply("a")});
  w.taken();
  auto generation = w.out.generation();
  w.out.add_again(outbox::token_of(row.ticket, 0), generation);
  CHECK_EQ(w.taken(), key_list{"a"});
  w.producer_started();
  w.taken();
  w.out.add_again(outbox::token_of(row.ticket, 0), generation);
  CHECK(w.taken().empty());
}

TEST_CASE("a topic that refuses is news once, what waits for it is sent when it takes records again") {
  world w;
  w.producer_started();
  auto& row = w.add(1, {reply("a")});
  w.taken();
  CHECK(w.out.refused(row, 0, "TOPIC_AUTHORIZATION_FAILED", start));
  CHECK(!w.out.refused(row, 0, "TOPIC_AUTHORIZATION_FAILED", start));
  w.out.hold(row, 0);
  CHECK(w.out.waits_for_topic(row));
  CHECK_EQ(w.out.held_back(), 1u);
  CHECK(w.taken().empty());
  CHECK(
    w.out.why_not(w.table, names, start).starts_with("topic text-replies refuses records (TOPIC_AUTHORIZATION_FAILED"));
  CHECK(w.out.next_trial().has_value());
  CHECK(w.out.acknowledged(destination::text_reply));
  CHECK(!w.out.acknowledged(destination::text_reply));
  CHECK(!w.out.waits_for_topic(row));
  CHECK_EQ(w.taken(), key_list{"a"});
  CHECK_EQ(w.out.why_not(w.table, names, start), "");
}

TEST_CASE("a record that is rejected again and again is at fault itself when its topic takes others meanwhile") {
  world w;
  auto& row = w.add(1, {reply("a")});
  for (int i = 0; i < 6; ++i)
    CHECK(!w.out.is_at_fault(row, 0));
  w.out.acknowledged(destination::text_reply);
  CHECK(w.out.is_at_fault(row, 0));
  auto& other = w.add(2, {reply("b")});
  for (int i = 0; i < 4; ++i) {
    CHECK(!w.out.is_at_fault(other, 0));
    w.out.acknowledged(destination::text_reply);
  }
  CHECK(w.out.is_at_fault(other, 0));
}

TEST_CASE("it is reported why nothing is published: no producer for long, its own trouble, a silent topic") {
  world w;
  CHECK_EQ(w.out.why_not(w.table, names, start + 29s), "");
  CHECK(w.out.why_not(w.table, names, start + 31s).starts_with("no producer is ready for 31 s"));
  w.producer_started();
  w.out.reported({"the brokers are down"}, start);
  CHECK_EQ(w.out.why_not(w.table, names, start + 59s), "the brokers are down");
  CHECK_EQ(w.out.why_not(w.table, names, start + 60s), "");
  w.add(1, {reply("a")});
  CHECK_EQ(w.out.why_not(w.table, names, start + 60s),
           "topic text-replies has not acknowledged a record for 60 s, 1 record(s) wait");
  w.out.producer_lost(start + 60s);
  CHECK(w.out.why_not(w.table, names, start + 90s).starts_with("no producer is ready for 30 s"));
}

TEST_CASE("a stale record waits until its request is read again") {
  world w;
  w.producer_started();
  auto& row = w.add(1, {reply("a")});
  w.taken();
  CHECK(w.out.stale(stale_of(row), false, w.table, start) == nullptr);
  CHECK(row.stage == request_stage::awaiting_redelivery);
  CHECK(w.taken().empty());
  w.out.redelivered(row, w.table);
  CHECK(row.stage == request_stage::publishing);
  CHECK_EQ(w.taken(), key_list{"a"});
  w.out.redelivered(row, w.table); // it has not waited
  CHECK(w.taken().empty());
}

TEST_CASE("a stale record whose request was read again already is sent again") {
  world w;
  w.producer_started();
  auto& row = w.add(1, {reply("a")});
  w.taken();
  auto stale = stale_of(row);
  w.table.accept({0, 2, 1}, 100, start);
  CHECK(w.out.stale(stale, false, w.table, start) == nullptr);
  CHECK(row.stage == request_stage::publishing);
  CHECK_EQ(w.taken(), key_list{"a"});
}

TEST_CASE("a stale record of a revoked partition, or during a drain, is of no use here") {
  world w;
  w.producer_started();
  auto& row = w.add(1, {reply("a")});
  CHECK_EQ(w.out.stale(stale_of(row), true, w.table, start), &row);
  row.owner = ownership::revoked;
  CHECK_EQ(w.out.stale(stale_of(row), false, w.table, start), &row);
  CHECK(row.stage == request_stage::publishing);
}

TEST_CASE("one timer runs for all that await redelivery, and it is due when the first of them has waited too long") {
  world w;
  w.producer_started();
  auto& first = w.add(1, {reply("a")});
  auto& second = w.add(2, {reply("b")});
  CHECK(!w.out.redelivery_timer(w.table, start));
  w.out.stale(stale_of(second), false, w.table, start);
  CHECK(w.out.redelivery_timer(w.table, start) == 60s);
  w.out.stale(stale_of(first), false, w.table, start + 5s);
  CHECK(!w.out.redelivery_timer(w.table, start + 5s));
  CHECK_EQ(w.out.unredelivered(w.table, start + 60s), row_list{&second});
  w.table.remove(second.ticket);
  CHECK(w.out.redelivery_timer(w.table, start + 60s) == 5s);
  CHECK_EQ(w.out.unredelivered(w.table, start + 65s), row_list{&first});
  w.table.remove(first.ticket);
  CHECK(!w.out.redelivery_timer(w.table, start + 65s));
}

TEST_CASE("an end is reported to the reader once, and remembered") {
  world w;
  auto& row = w.add(1, {reply("a")});
  CHECK(!w.out.has_ended(row.from, start));
  CHECK(!w.out.take_settlement());
  w.out.ended(row, start);
  w.out.handed_back(w.add(2, {reply("b")}));
  w.out.finished({0, 1, 3});
  auto settled = w.out.take_settlement();
  REQUIRE(settled.has_value());
  CHECK_EQ(settled->finished, (std::vector<origin>{{0, 1, 1}, {0, 1, 3}}));
  CHECK_EQ(settled->handed_back, (std::vector<origin>{{0, 1, 2}}));
  CHECK(!w.out.take_settlement());
  CHECK(w.out.has_ended({0, 7, 1}, start));
}

TEST_CASE("what the reader has heard from the producer, or does not concern it any more, is not reported") {
  world w;
  w.producer_started();
  auto& told = w.add(1, {reply("a")});
  auto& sent_otherwise = w.add(2, {reply("b")});
  auto& revoked = w.add(3, {reply("c")});
  w.taken();
  sent_otherwise.published_as = {};
  revoked.owner = ownership::revoked;
  w.out.reader_told(true);
  for (auto* each : {&told, &sent_otherwise, &revoked})
    w.out.ended(*each, start);
  w.out.handed_back(revoked);
  w.out.reader_told(false);
  auto settled = w.out.take_settlement();
  REQUIRE(settled.has_value());
  CHECK_EQ(settled->finished, (std::vector<origin>{{0, 1, 2}}));
  CHECK(settled->handed_back.empty());
}

TEST_CASE("what the producer holds of an earlier dispatcher ends there, or is given up") {
  world w;
  w.producer_started({{0, 1, 1}, {0, 1, 2}, {0, 1, 3}});
  CHECK(!w.out.take_held({0, 9, 0}));
  for (std::int64_t offset : {1, 2}) {
    auto& row = *w.table.accept({0, 1, offset}, 100, start);
    CHECK(w.out.take_held(row.from.record()));
    CHECK(!w.out.take_held(row.from.record()));
    w.table.move(row, request_stage::held_by_producer);
  }
  CHECK_EQ(w.out.ended_at_producer({0, 1, 1}, w.table, start), w.table.at({0, 1, 1}));
  CHECK(w.out.has_ended({0, 1, 1}, start));
  CHECK_EQ(w.out.take_settlement()->finished, (std::vector<origin>{{0, 1, 1}}));
  CHECK_EQ(w.out.given_up({0, 1, 2}, w.table), w.table.at({0, 1, 2}));
  CHECK(!w.out.take_settlement());
  CHECK(w.out.given_up({0, 1, 3}, w.table) == nullptr); // not read again yet
  CHECK(!w.out.take_held({0, 3, 0}));
}

TEST_CASE("an answer is kept if it has cost a call") {
  world w;
  auto& row = w.add(1, {reply("a")});
  auto& free = w.add(2, {reply("b")});
  free.attempts = 0;
  w.out.keep(row, start);
  w.out.keep(free, start);
  CHECK(w.out.kept_bytes() > 0);
  auto answer = w.out.take_kept(row.from.record(), start);
  REQUIRE(answer.has_value());
  CHECK_EQ(answer->records.at(0)->key, "a");
  CHECK(!w.out.take_kept(free.from.record(), start));
  w.out.keep(row, start);
  w.out.expire_kept(start + 61s);
  CHECK_EQ(w.out.kept_bytes(), 0u);
}
