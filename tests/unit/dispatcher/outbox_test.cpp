#define CAF_SUITE outbox
#include "tests/support/test.hpp"

#include "actors/dispatcher/outbox.hpp"

#include <utility>

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr in_flight_table::time_point start{std::chrono::hours{1}};

/// A request with records on their way to the broker.
in_flight_request& publishing(in_flight_table& table, std::int64_t offset, std::size_t records = 1) {
  auto& row = *table.accept({0, 1, offset}, 100, start);
  for (std::size_t i = 0; i < records; ++i)
    row.records.push_back(
      shared_outgoing{outgoing{destination::text_reply, std::to_string(offset) + "/" + std::to_string(i), "body", {}}});
  row.undelivered = (1u << records) - 1;
  table.move(row, request_stage::publishing);
  return row;
}

std::vector<std::string> taken(outbox& box, in_flight_table& table, destination_watch& watch,
                               std::chrono::seconds since_start = {}) {
  std::vector<std::string> keys;
  for (auto& each : box.take(table, watch, start + since_start))
    keys.push_back(each.record->key + (each.trial ? " on trial" : ""));
  return keys;
}

std::vector<std::string> taken(outbox& box, in_flight_table& table) {
  destination_watch watch;
  return taken(box, table, watch);
}

/// A reply and a dead letter.
in_flight_request& publishing_both(in_flight_table& table, std::int64_t offset) {
  auto& row = publishing(table, offset, 2);
  auto letter = *row.records[1];
  letter.to = destination::dead_letter;
  row.records[1] = shared_outgoing{letter};
  return row;
}

using keys = std::vector<std::string>;

} // namespace

TEST_CASE("a token names a request and one of its records") {
  for (std::uint64_t ticket : {1ull, 2ull, 1ull << 62})
    for (std::size_t record : {0u, 1u}) {
      auto token = outbox::token_of(ticket, record);
      CHECK_EQ(outbox::ticket_of(token), ticket);
      CHECK_EQ(outbox::record_of(token), record);
    }
}

TEST_CASE("nothing is given out without a producer") {
  in_flight_table table;
  outbox box;
  box.add(publishing(table, 1));
  CHECK(taken(box, table).empty());
  box.open(10);
  box.add(*table.in_stage(request_stage::publishing)[0]);
  box.close();
  CHECK(taken(box, table).empty());
}

TEST_CASE("records are given out in order, each once, within the producer's window") {
  in_flight_table table;
  outbox box;
  box.open(3);
  box.add(publishing(table, 1, 2));
  box.add(publishing(table, 2));
  box.add(publishing(table, 3));
  CHECK_EQ(taken(box, table), (keys{"1/0", "1/1", "2/0"}));
  CHECK(taken(box, table).empty());
  box.returned();
  CHECK_EQ(taken(box, table), (keys{"3/0"}));
}

TEST_CASE("only records that are not acknowledged are added") {
  in_flight_table table;
  outbox box;
  box.open(10);
  auto& row = publishing(table, 1, 2);
  row.undelivered = 2;
  box.add(row);
  CHECK_EQ(taken(box, table), (keys{"1/1"}));
}

TEST_CASE("a record whose request has ended meanwhile is passed over and takes no room") {
  in_flight_table table;
  outbox box;
  box.open(1);
  auto ticket = publishing(table, 1).ticket;
  box.add(*table.find(ticket));
  box.add(publishing(table, 2));
  table.remove(ticket);
  CHECK_EQ(taken(box, table), (keys{"2/0"}));
}

TEST_CASE("a new producer starts with an empty queue and its own window") {
  in_flight_table table;
  outbox box;
  box.open(1);
  box.add(publishing(table, 1));
  box.add(publishing(table, 2));
  taken(box, table);
  box.open(2);
  CHECK(taken(box, table).empty());
  for (auto* row : table.in_stage(request_stage::publishing))
    box.add(*row);
  CHECK_EQ(taken(box, table), (keys{"1/0", "2/0"}));
}

TEST_CASE("a record is sent again only to the producer that failed to deliver it") {
  in_flight_table table;
  outbox box;
  box.open(10);
  auto& row = publishing(table, 1);
  auto before = box.generation();
  box.add_again(outbox::token_of(row.ticket, 0), before);
  CHECK_EQ(taken(box, table), (keys{"1/0"}));
  box.open(10);
  box.add_again(outbox::token_of(row.ticket, 0), before);
  CHECK(taken(box, table).empty());
}

TEST_CASE("records for a topic that refuses are held back, others are not") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(10);
  watch.refused(destination::dead_letter, 0, "CODE", start);
  box.add(publishing_both(table, 1));
  box.add(publishing(table, 2));
  CHECK_EQ(taken(box, table, watch), (keys{"1/0", "2/0"}));
  CHECK_EQ(watch.held(), 1u);
}

TEST_CASE("where requests are published as a whole all records of one are held back for one topic") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(10, true);
  watch.refused(destination::dead_letter, 0, "CODE", start);
  box.add(publishing_both(table, 1));
  box.add(publishing(table, 2));
  CHECK_EQ(taken(box, table, watch), (keys{"2/0"}));
  CHECK_EQ(watch.held(), 2u);
}

TEST_CASE("one request that is held back is tried when it is time, all of its records with it") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(10, true);
  watch.refused(destination::dead_letter, 0, "CODE", start);
  box.add(publishing_both(table, 1));
  box.add(publishing_both(table, 2));
  CHECK(taken(box, table, watch).empty());
  CHECK_EQ(taken(box, table, watch, 1s), (keys{"1/0 on trial", "1/1 on trial"}));
  CHECK(taken(box, table, watch, 1s).empty());
}

TEST_CASE("what was held back goes first once its topic takes records again") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(10);
  watch.refused(destination::text_reply, 0, "CODE", start);
  box.add(publishing(table, 1));
  CHECK(taken(box, table, watch).empty());
  box.add(publishing(table, 2));
  CHECK(watch.acknowledged(destination::text_reply));
  box.add_released(watch.release(destination::text_reply));
  CHECK_EQ(taken(box, table, watch), (keys{"1/0", "2/0"}));
}

TEST_CASE("without room a trial is not taken: its turn would be lost") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(1);
  watch.refused(destination::text_reply, 0, "CODE", start);
  box.add(publishing(table, 1));
  CHECK(taken(box, table, watch).empty());
  box.close();
  CHECK(taken(box, table, watch, 5s).empty());
  CHECK_EQ(watch.held(), 1u);
}

TEST_CASE("what is held back when a trial is due already is tried at once: no later moment would come") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(10);
  watch.refused(destination::text_reply, 0, "CODE", start);
  box.add(publishing(table, 1));
  box.add(publishing(table, 2));
  CHECK_EQ(taken(box, table, watch, 60s), (keys{"1/0 on trial"}));
  CHECK_EQ(watch.held(), 1u);
  CHECK(*watch.next_trial() > start + 60s);
}

TEST_CASE("what has ended while it waited is no trial, and costs the others no time") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(10);
  watch.refused(destination::text_reply, 0, "CODE", start);
  auto ticket = publishing(table, 1).ticket;
  box.add(*table.find(ticket));
  box.add(publishing(table, 2));
  CHECK(taken(box, table, watch).empty());
  table.remove(ticket);
  CHECK_EQ(taken(box, table, watch, 1s), (keys{"2/0 on trial"}));
}

TEST_CASE("where requests are published as a whole the two records of one go together, wherever they stand") {
  in_flight_table table;
  outbox box;
  box.open(3, true);
  auto one = publishing_both(table, 1).ticket, two = publishing_both(table, 2).ticket;
  for (auto [ticket, record] : {std::pair{one, 1u}, {two, 1u}, {one, 0u}, {two, 0u}})
    box.add_again(outbox::token_of(ticket, record), box.generation());
  CHECK_EQ(taken(box, table), (keys{"1/1", "1/0"}));
  box.returned();
  CHECK_EQ(taken(box, table), (keys{"2/1", "2/0"}));
}

TEST_CASE("where requests are published as a whole a trial takes what the request has waiting for another topic") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(10, true);
  auto ticket = publishing_both(table, 1).ticket;
  watch.refused(destination::dead_letter, 0, "CODE", start);
  watch.hold(destination::dead_letter, outbox::token_of(ticket, 1));
  watch.refused(destination::text_reply, 0, "CODE", start + 1s);
  watch.hold(destination::text_reply, outbox::token_of(ticket, 0));
  CHECK_EQ(taken(box, table, watch, 1s), (keys{"1/0 on trial", "1/1 on trial"}));
}

TEST_CASE(
  "where requests are published as a whole a record waits where the other one of its request does, a trial or not") {
  in_flight_table table;
  outbox box;
  destination_watch watch;
  box.open(10, true);
  auto ticket = publishing_both(table, 1).ticket;
  watch.refused(destination::text_reply, 0, "CODE", start);
  watch.refused(destination::dead_letter, 0, "CODE", start + 1s);
  box.add(*table.find(ticket));
  CHECK_EQ(taken(box, table, watch, 1s), (keys{"1/0 on trial", "1/1 on trial"}));
  // The topic of the dead letter has looked at it first.
  watch.refused(destination::dead_letter, ticket, "CODE", start + 1s);
  watch.hold(destination::dead_letter, outbox::token_of(ticket, 1));
  box.add_again(outbox::token_of(ticket, 0), box.generation());
  CHECK(taken(box, table, watch, 1s).empty());
  CHECK_EQ(watch.held(), 2u);
}
