#define CAF_SUITE in_flight_table
#include "tests/support/test.hpp"

#include "actors/dispatcher/in_flight_table.hpp"

#include <random>

using namespace mp;
using namespace std::chrono_literals;
using stage = request_stage;

namespace {

constexpr in_flight_table::time_point start{1h};

in_flight_request& add(in_flight_table& table, std::int64_t offset, std::size_t bytes = 100, std::int32_t partition = 0,
                       std::uint32_t assignment = 1) {
  auto* row = table.accept({partition, assignment, offset}, bytes, start);
  CAF_REQUIRE(row != nullptr);
  table.queue(*row);
  return *row;
}

/// The offsets in the order in which they would be assigned.
std::vector<std::int64_t> assigned_order(in_flight_table& table) {
  std::vector<std::int64_t> offsets;
  while (auto* row = table.next_waiting()) {
    offsets.push_back(row->from.offset);
    table.move(*row, stage::assigned);
  }
  return offsets;
}

std::vector<origin> origins(const std::vector<in_flight_request*>& rows) {
  std::vector<origin> all;
  for (auto* row : rows)
    all.push_back(row->from);
  return all;
}

} // namespace

TEST_CASE("requests wait in the order of their arrival") {
  in_flight_table table;
  for (std::int64_t offset : {5, 3, 9})
    add(table, offset);
  CHECK_EQ(assigned_order(table), (std::vector<std::int64_t>{5, 3, 9}));
  CHECK_EQ(table.count(stage::waiting), 0u);
  CHECK_EQ(table.count(stage::assigned), 3u);
}

TEST_CASE("the next waiting request stays the next one until it is moved") {
  in_flight_table table;
  auto& row = add(table, 5);
  add(table, 6);
  CHECK_EQ(table.next_waiting(), &row);
  CHECK_EQ(table.next_waiting(), &row);
}

TEST_CASE("a record read again by a new reader is the same request and answers to the new origin") {
  in_flight_table table;
  auto& row = add(table, 5, 100, 2, 1);
  row.owner = ownership::revoked;
  table.move(row, stage::publishing);
  CHECK(table.accept({2, 7, 5}, 100, start) == nullptr);
  CHECK_EQ(table.size(), 1u);
  CHECK_EQ(table.bytes(), 100u);
  CHECK_EQ(row.from, (origin{2, 7, 5}));
  CHECK(row.owner == ownership::assigned);
  CHECK(row.stage == stage::publishing);
}

TEST_CASE("another record at the same partition and offset is another request") {
  in_flight_table table;
  auto* old = table.accept({2, 1, 5, 77}, 100, start);
  auto* fresh = table.accept({2, 7, 5, 78}, 100, start);
  REQUIRE(fresh != nullptr);
  CHECK_NE(fresh->ticket, old->ticket);
  CHECK_EQ(old->from, (origin{2, 1, 5, 77}));
  CHECK_EQ(table.at({2, 9, 5, 77}), old);
  CHECK_EQ(table.at({2, 9, 5, 78}), fresh);
  table.remove(old->ticket);
  CHECK_EQ(table.at({2, 9, 5, 78}), fresh);
  CHECK(table.at({2, 9, 5, 77}) == nullptr);
}

TEST_CASE("the same offset of another partition is another request") {
  in_flight_table table;
  add(table, 5, 100, 0);
  add(table, 5, 100, 1);
  CHECK_EQ(table.size(), 2u);
}

TEST_CASE("an offset may come again once its request has had its end") {
  in_flight_table table;
  auto ticket = add(table, 5).ticket;
  table.remove(ticket);
  CHECK(table.empty());
  CHECK_NE(add(table, 5).ticket, ticket);
}

TEST_CASE("a message about another assignment or another stage finds nothing") {
  in_flight_table table;
  auto& row = add(table, 5);
  row.assignments = 2;
  table.move(row, stage::assigned);
  CHECK_EQ(table.find(row.ticket, stage::assigned, 2), &row);
  CHECK(table.find(row.ticket, stage::assigned, 1) == nullptr);
  CHECK(table.find(row.ticket, stage::cleaning, 2) == nullptr);
  CHECK(table.find(row.ticket + 1, stage::assigned, 2) == nullptr);
}

TEST_CASE("a parked request comes back when it is due, in front of younger ones") {
  in_flight_table table;
  auto& first = add(table, 1);
  auto& second = add(table, 2);
  auto& third = add(table, 3);
  add(table, 4);
  table.park(third, start + 3s);
  table.park(first, start + 1s);
  table.park(second, start + 2s);
  CHECK_EQ(table.count(stage::parked), 3u);
  CHECK_EQ(table.unpark(start), std::optional{start + 1s});
  CHECK_EQ(table.unpark(start + 2s), std::optional{start + 3s});
  CHECK_EQ(assigned_order(table), (std::vector<std::int64_t>{1, 2, 4}));
  CHECK_EQ(table.unpark(start + 3s), std::nullopt);
  CHECK_EQ(assigned_order(table), std::vector<std::int64_t>{3});
}

TEST_CASE("requests that come back after all others were taken stand in front of what came meanwhile") {
  in_flight_table table;
  auto& first = add(table, 1);
  auto& second = add(table, 2);
  REQUIRE_EQ(assigned_order(table).size(), 2u);
  table.park(second, start + 1s);
  table.park(first, start + 2s);
  add(table, 3);
  table.unpark(start + 2s);
  CHECK_EQ(assigned_order(table), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_CASE("a parked request may become due earlier") {
  in_flight_table table;
  auto& row = add(table, 1);
  table.park(row, start + 1h);
  table.park(row, start + 1s);
  CHECK_EQ(table.unpark(start), std::optional{start + 1s});
  CHECK_EQ(table.unpark(start + 1s), std::nullopt);
  CHECK_EQ(table.count(stage::waiting), 1u);
}

TEST_CASE("a parked request may become due later") {
  in_flight_table table;
  auto& row = add(table, 1);
  table.park(row, start + 1s);
  table.park(row, start + 1h);
  CHECK_EQ(table.unpark(start + 1s), std::optional{start + 1h});
  CHECK_EQ(table.count(stage::parked), 1u);
}

TEST_CASE("a request removed while it was parked does not come back") {
  in_flight_table table;
  auto ticket = add(table, 1).ticket;
  table.park(*table.find(ticket), start + 1s);
  table.remove(ticket);
  CHECK_EQ(table.unpark(start + 1s), std::nullopt);
  CHECK(table.next_waiting() == nullptr);
  CHECK_EQ(table.count(stage::waiting), 0u);
}

TEST_CASE("removing twice or something unknown is harmless") {
  in_flight_table table;
  auto ticket = add(table, 1, 100).ticket;
  add(table, 2, 50);
  table.remove(ticket);
  table.remove(ticket);
  table.remove(999);
  CHECK_EQ(table.size(), 1u);
  CHECK_EQ(table.bytes(), 50u);
}

TEST_CASE("what nobody works on is known by origin") {
  in_flight_table table;
  table.park(add(table, 2), start + 1s);
  add(table, 1);
  table.move(add(table, 3), stage::assigned);
  table.move(add(table, 4), stage::cleaning);
  table.move(add(table, 5), stage::publishing);
  CHECK_EQ(origins(table.unbegun()), (std::vector<origin>{{0, 1, 1}, {0, 1, 2}}));
}

TEST_CASE("a request that is not queued waits, and no worker gets it") {
  in_flight_table table;
  auto* row = table.accept({0, 1, 1}, 100, start);
  CHECK_EQ(table.count(stage::waiting), 1u);
  CHECK_EQ(table.queued(), 0u);
  CHECK(table.next_waiting() == nullptr);
  table.queue(*row);
  CHECK_EQ(table.queued(), 1u);
  CHECK_EQ(table.next_waiting(), row);
}

TEST_CASE("users take turns, and a retry comes before the younger requests of its user") {
  in_flight_table table;
  auto ask = [&](std::int64_t offset, const char* user) -> in_flight_request& {
    auto* row = table.accept({0, 1, offset}, 100, start);
    request asked;
    asked.user_email = user;
    row->question = shared_request{std::move(asked)};
    table.queue(*row);
    return *row;
  };
  auto& first = ask(1, "many@example.org");
  ask(2, "many@example.org");
  ask(3, "many@example.org");
  ask(4, "few@example.org");
  table.move(first, stage::assigned);
  table.park(first, start + 1s);
  table.unpark(start + 1s);
  CHECK_EQ(assigned_order(table), (std::vector<std::int64_t>{4, 1, 2, 3}));
}

TEST_CASE("a request whose deadline has come is given once, and only while nobody works on it") {
  in_flight_table table;
  auto& waiting = add(table, 1);
  auto& assigned = add(table, 2);
  auto& parked = add(table, 3);
  auto& later = add(table, 4);
  table.move(assigned, stage::assigned);
  table.park(parked, start + 1h);
  for (auto* row : {&waiting, &assigned, &parked})
    table.set_deadline(*row, start + 1s);
  table.set_deadline(later, start + 2s);
  std::optional<in_flight_table::time_point> next;
  CHECK(table.expired(start, next).empty());
  CHECK(next == start + 1s);
  CHECK_EQ(origins(table.expired(start + 1s, next)), (std::vector<origin>{{0, 1, 1}, {0, 1, 3}}));
  CHECK(next == start + 2s);
  CHECK(table.expired(start + 1s, next).empty());
  table.remove(later.ticket);
  CHECK(table.expired(start + 3s, next).empty());
  CHECK(!next);
}

TEST_CASE("what awaits redelivery is counted apart until it is redelivered or removed") {
  in_flight_table table;
  auto& first = add(table, 1, 100);
  auto& second = add(table, 2, 20);
  add(table, 3, 3);
  for (auto* each : {&first, &second})
    table.move(*each, stage::publishing);
  table.await_redelivery(first, start);
  table.await_redelivery(first, start + 1s);
  CHECK(first.awaiting_since == start + 1s);
  table.await_redelivery(second, start);
  CHECK_EQ(table.count(stage::awaiting_redelivery), 2u);
  CHECK_EQ(table.awaiting_redelivery_bytes(), 120u);
  CHECK_EQ(table.ended_count(), 2u);
  CHECK_EQ(table.unbegun_count(), 1u);
  table.redelivered(second);
  table.redelivered(second);
  CHECK(second.stage == stage::publishing);
  CHECK_EQ(table.awaiting_redelivery_bytes(), 100u);
  table.resize(first, 7);
  CHECK_EQ(table.awaiting_redelivery_bytes(), 7u);
  table.remove(first.ticket);
  CHECK_EQ(table.count(stage::awaiting_redelivery), 0u);
  CHECK_EQ(table.awaiting_redelivery_bytes(), 0u);
}

TEST_CASE("a request that follows another one is unbegun, and no worker gets it") {
  in_flight_table table;
  auto& row = add(table, 1);
  table.move(row, stage::following);
  CHECK(table.next_waiting() == nullptr);
  CHECK_EQ(table.unbegun(), std::vector<in_flight_request*>{&row});
  table.set_deadline(row, start);
  std::optional<in_flight_table::time_point> next;
  CHECK_EQ(table.expired(start, next), std::vector<in_flight_request*>{&row});
  table.move(row, stage::waiting);
  CHECK_EQ(table.queued(), 0u);
}

TEST_CASE("a row that means nothing is found") {
  in_flight_table table;
  add(table, 1);
  auto& row = add(table, 2);
  CHECK(table.inconsistent() == nullptr);
  row.undelivered = 1;
  CHECK_EQ(table.inconsistent(), &row);
}

TEST_CASE("rows are found by partition and assignment, and by stage from the oldest on") {
  in_flight_table table;
  auto& first = add(table, 1, 100, 0, 1);
  auto& second = add(table, 2, 100, 0, 1);
  add(table, 1, 100, 1, 1);
  table.move(second, stage::publishing);
  CHECK_EQ(table.of_partition(0, 1).size(), 2u);
  CHECK(table.of_partition(0, 2).empty());
  table.move(first, stage::publishing);
  CHECK_EQ(table.in_stage(stage::publishing), (std::vector<in_flight_request*>{&first, &second}));
}

TEST_CASE("the size of a request that became a reply is the reply's") {
  in_flight_table table;
  auto& row = add(table, 1, 200'000);
  add(table, 2, 1);
  table.resize(row, 300);
  CHECK_EQ(table.bytes(), 301u);
  table.remove(row.ticket);
  CHECK_EQ(table.bytes(), 1u);
}

TEST_CASE("counts and bytes agree with the rows after any sequence of moves") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    in_flight_table table;
    std::map<std::uint64_t, in_flight_request*> rows;
    auto now = start;
    std::int64_t next_offset = 0;
    bool sound = true;
    for (int step = 0; step < 3'000 && sound; ++step) {
      auto any = [&] {
        auto i = rows.begin();
        std::advance(i, static_cast<std::ptrdiff_t>(random() % rows.size()));
        return i->second;
      };
      switch (random() % 8) {
        case 0:
        case 1: {
          auto& row = add(table, next_offset++, random() % 1000);
          rows[row.ticket] = &row;
          break;
        }
        case 2:
          if (auto* row = table.next_waiting())
            table.move(*row, stage::assigned);
          break;
        case 3:
          if (!rows.empty() && any()->stage == stage::assigned)
            table.park(*any(), now + std::chrono::milliseconds{random() % 100});
          break;
        case 4: now += 10ms, table.unpark(now); break;
        case 5:
          if (!rows.empty())
            table.resize(*any(), random() % 1000);
          break;
        case 6:
          if (!rows.empty()) {
            auto ticket = any()->ticket;
            rows.erase(ticket);
            table.remove(ticket);
          }
          break;
        case 7:
          if (random() % 100 == 0) {
            for (auto* row : table.unbegun()) {
              auto ticket = row->ticket;
              rows.erase(ticket);
              table.remove(ticket);
            }
          }
          break;
      }
      std::map<stage, std::size_t> counts;
      std::size_t bytes = 0;
      for (auto& [ticket, row] : rows) {
        sound = sound && table.find(ticket) == row;
        ++counts[row->stage];
        bytes += row->bytes;
      }
      sound = sound && table.size() == rows.size() && table.bytes() == bytes;
      for (auto each : {stage::waiting, stage::parked, stage::assigned, stage::cleaning, stage::publishing})
        sound = sound && table.count(each) == counts[each];
    }
    // Nothing that waits is ever forgotten.
    table.unpark(now + 1h);
    auto waiting = table.count(stage::waiting);
    sound = sound && assigned_order(table).size() == waiting && table.count(stage::waiting) == 0;
    if (!sound)
      CAF_FAIL("seed " << seed);
  }
}
