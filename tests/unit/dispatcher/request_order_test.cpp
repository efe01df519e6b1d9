#define CAF_SUITE request_order
#include "tests/support/test.hpp"

#include "actors/dispatcher/request_order.hpp"

#include <chrono>
#include <string>
#include <vector>

using namespace mp;
using turn = request_order::turn;

namespace {

struct world {
  explicit world(bool by_key) : order(by_key) {}

  in_flight_request& add(const std::string& key, const std::string& prompt) {
    auto& row = *table.accept({0, 1, next_offset++}, 100, {});
    request asked;
    asked.prompt_json = text_slice{std::string{prompt}};
    row.id = key;
    row.question = shared_request{asked};
    return row;
  }

  request_order::successors leave(in_flight_request& row) {
    auto ticket = row.ticket;
    auto id = row.id;
    table.remove(ticket);
    return order.leave(id, ticket, table);
  }

  in_flight_table table;
  request_order order;
  std::int64_t next_offset = 0;
};

} // namespace

TEST_CASE("requests wait for nobody, whatever their key, as long as they differ") {
  world w{false};
  for (const auto* prompt : {"a", "b"}) {
    auto& row = w.add("key", prompt);
    CHECK(w.order.enter(row, w.table) == turn::now);
    CHECK(w.order.has_turn(row));
  }
}

TEST_CASE("the same question under the same key follows the first one and shares its end") {
  world w{false};
  auto& leader = w.add("key", "a");
  auto& duplicate = w.add("key", "a");
  auto& other = w.add("another", "a");
  CHECK(w.order.enter(leader, w.table) == turn::now);
  CHECK(w.order.enter(duplicate, w.table) == turn::follows);
  CHECK(w.order.enter(other, w.table) == turn::now);
  CHECK(duplicate.stage == request_stage::following);
  CHECK_EQ(w.order.take_followers(leader, w.table), std::vector<in_flight_request*>{&duplicate});
  CHECK(w.order.take_followers(leader, w.table).empty());
}

TEST_CASE("a request that has its end already follows no other") {
  world w{false};
  auto& leader = w.add("key", "a");
  auto& kept = w.add("key", "a");
  auto& bad = w.add("key", "a");
  kept.records.resize(1);
  bad.ended_by = fault::rate_limited;
  for (auto* each : {&leader, &kept, &bad})
    CHECK(w.order.enter(*each, w.table) == turn::now);
}

TEST_CASE("the first follower of a request that leaves without an end goes on in its place") {
  world w{false};
  auto& leader = w.add("key", "a");
  auto& first = w.add("key", "a");
  auto& second = w.add("key", "a");
  for (auto* each : {&leader, &first, &second})
    w.order.enter(*each, w.table);
  auto left = w.leave(leader);
  CHECK_EQ(left.follower, std::optional{first.ticket});
  CHECK(!left.next);
  CHECK(first.stage == request_stage::waiting);
  CHECK_EQ(w.order.take_followers(first, w.table), std::vector<in_flight_request*>{&second});
}

TEST_CASE("in the order of keys only the first request of a key has its turn") {
  world w{true};
  auto& first = w.add("key", "a");
  auto& second = w.add("key", "b");
  auto& other = w.add("another", "c");
  auto& without = w.add("", "d");
  CHECK(w.order.enter(first, w.table) == turn::now);
  CHECK(w.order.enter(second, w.table) == turn::later);
  CHECK(w.order.enter(other, w.table) == turn::now);
  CHECK(w.order.enter(without, w.table) == turn::now);
  CHECK(!w.order.has_turn(second));
  auto second_ticket = second.ticket;
  CHECK_EQ(w.leave(first).next, std::optional{second_ticket});
  CHECK(w.order.has_turn(second));
}

TEST_CASE("in the order of keys nothing is shared past a request that came in between") {
  world w{true};
  CHECK(w.order.enter(w.add("key", "a"), w.table) == turn::now);
  CHECK(w.order.enter(w.add("key", "b"), w.table) == turn::later);
  CHECK(w.order.enter(w.add("key", "a"), w.table) == turn::later);
}

TEST_CASE("in the order of keys a follower takes the place behind the one that led") {
  world w{true};
  auto& leader = w.add("key", "a");
  auto& duplicate = w.add("key", "a");
  auto& younger = w.add("key", "b");
  for (auto* each : {&leader, &duplicate, &younger})
    w.order.enter(*each, w.table);
  CHECK(!w.order.has_turn(duplicate));
  CHECK(!w.order.stop_leading("key", leader.ticket, w.table)); // it has to wait for the end of the one that led
  auto twin_ticket = duplicate.ticket;
  CHECK_EQ(w.leave(leader).next, std::optional{twin_ticket});
  CHECK(w.order.has_turn(duplicate));
  CHECK(!w.order.has_turn(younger));
}

TEST_CASE("in the order of keys younger requests wait for the ends of all that share one") {
  world w{true};
  auto& leader = w.add("key", "a");
  auto& duplicate = w.add("key", "a");
  auto& younger = w.add("key", "b");
  for (auto* each : {&leader, &duplicate, &younger})
    w.order.enter(*each, w.table);
  REQUIRE_EQ(w.order.take_followers(leader, w.table).size(), 1u);
  auto younger_ticket = younger.ticket;
  CHECK_EQ(w.leave(leader).next, std::optional{duplicate.ticket});
  CHECK_EQ(w.leave(duplicate).next, std::optional{younger_ticket});
}

TEST_CASE("what another dispatcher has handed to the producer keeps those of its key waiting") {
  world w{true};
  auto& held = w.add("key", "a");
  w.order.enter_in_front(held);
  CHECK(w.order.enter(w.add("key", "b"), w.table) == turn::later);
}
