#define CAF_SUITE fair_queue
#include "tests/support/test.hpp"

#include "actors/dispatcher/fair_queue.hpp"

#include <string>
#include <vector>

using namespace mp;

namespace {

using tickets = std::vector<fair_queue::ticket>;

tickets take(fair_queue& queue, std::size_t count) {
  tickets taken;
  for (std::size_t i = 0; i < count && queue.front(); ++i) {
    taken.push_back(*queue.front());
    queue.take(taken.back());
  }
  return taken;
}

tickets take_all(fair_queue& queue) { return take(queue, queue.size()); }

constexpr unsigned usual = 4;

} // namespace

TEST_CASE("an empty queue has no front, and nothing can be taken from it") {
  fair_queue queue;
  CHECK(queue.empty());
  CHECK_EQ(queue.front(), std::nullopt);
  CHECK(!queue.take(1));
  CHECK_EQ(queue.size(), 0u);
}

TEST_CASE("requests of one user go in the order in which they came") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 5; ++i)
    queue.push(i, "ann", usual, 1);
  CHECK_EQ(take_all(queue), (tickets{1, 2, 3, 4, 5}));
}

TEST_CASE("a user with few requests does not wait for one with many") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 5; ++i)
    queue.push(i, "ann", usual, 1);
  queue.push(6, "ben", usual, 1);
  queue.push(7, "ben", usual, 1);
  queue.push(8, "cid", usual, 1);
  CHECK_EQ(take_all(queue), (tickets{1, 6, 8, 2, 7, 3, 4, 5}));
}

TEST_CASE("a user whose requests cost more has fewer of them answered") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 3; ++i)
    queue.push(i, "photos", usual, 3);
  for (fair_queue::ticket i = 11; i <= 19; ++i)
    queue.push(i, "texts", usual, 1);
  CHECK_EQ(take_all(queue), (tickets{11, 12, 1, 13, 14, 15, 2, 16, 17, 18, 3, 19}));
}

TEST_CASE("the unit of the costs does not matter, however large they are") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 3; ++i)
    queue.push(i, "ann", usual, 4'000'000'000);
  for (fair_queue::ticket i = 11; i <= 13; ++i)
    queue.push(i, "ben", usual, 4'000'000'000);
  CHECK_EQ(take_all(queue), (tickets{1, 11, 2, 12, 3, 13}));
}

TEST_CASE("a request that costs nothing does not keep the others waiting for ever") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 3; ++i)
    queue.push(i, "ann", usual, 0);
  for (fair_queue::ticket i = 11; i <= 13; ++i)
    queue.push(i, "ben", usual, 1);
  CHECK_EQ(take_all(queue), (tickets{1, 11, 2, 12, 3, 13}));
}

TEST_CASE("a request that comes back from a retry goes before its user's younger ones") {
  fair_queue queue;
  queue.push(1, "ann", usual, 1);
  queue.push(2, "ann", usual, 1);
  queue.push(3, "ann", usual, 1);
  CHECK_EQ(take(queue, 1), tickets{1});
  queue.push(1, "ann", usual, 1);
  CHECK_EQ(take_all(queue), (tickets{1, 2, 3}));
}

TEST_CASE("a user who was away has saved nothing") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 20; ++i)
    queue.push(i, "ann", usual, 1);
  queue.push(21, "ben", usual, 1);
  CHECK_EQ(take(queue, 10), (tickets{1, 21, 2, 3, 4, 5, 6, 7, 8, 9}));
  for (fair_queue::ticket i = 31; i <= 34; ++i)
    queue.push(i, "ben", usual, 1);
  CHECK_EQ(take(queue, 6), (tickets{10, 31, 11, 32, 12, 33}));
}

TEST_CASE("asking one at a time gives a user no more than asking all at once") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 20; ++i)
    queue.push(i, "ann", usual, 1);
  std::size_t of_ben = 0;
  for (fair_queue::ticket next = 100; queue.size() > 10;) {
    if (!queue.contains(next))
      queue.push(++next, "ben", usual, 1);
    of_ben += take(queue, 1).front() >= 100;
  }
  CHECK_EQ(of_ben, 10u);
}

TEST_CASE("an endless stream of new users does not keep an old one waiting") {
  fair_queue queue;
  queue.push(1, "ann", usual, 100);
  fair_queue::ticket next = 2;
  for (; next <= 11; ++next)
    queue.push(next, "new " + std::to_string(next), usual, 100);
  std::size_t picks = 0;
  while (queue.contains(1)) {
    queue.take(*queue.front());
    queue.push(next, "new " + std::to_string(next), usual, 100);
    ++next;
    REQUIRE_LT(++picks, 12u);
  }
}

TEST_CASE("the larger priority goes first") {
  fair_queue queue;
  queue.push(1, "ann", 4, 1);
  queue.push(2, "ann", 9, 1);
  queue.push(3, "ben", 0, 1);
  queue.push(4, "ben", 5, 1);
  CHECK_EQ(take_all(queue), (tickets{2, 4, 1, 3}));
}

TEST_CASE("a priority above the largest is the largest") {
  fair_queue queue;
  queue.push(1, "ann", 9, 1);
  queue.push(2, "ben", 4'000'000'000, 1);
  CHECK_EQ(take_all(queue), (tickets{1, 2}));
}

TEST_CASE("one pick in eight goes to the class that has waited longest") {
  fair_queue queue;
  queue.push(1, "low", 0, 1);
  queue.push(2, "low", 0, 1);
  for (fair_queue::ticket i = 11; i <= 30; ++i)
    queue.push(i, "high", 9, 1);
  CHECK_EQ(take(queue, 17), (tickets{11, 12, 13, 14, 15, 16, 17, 1, 18, 19, 20, 21, 22, 23, 24, 2, 25}));
}

TEST_CASE("the pick of the oldest class is again a fair one, in its own order") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 3; ++i)
    queue.push(i, "ann", 0, 1);
  queue.push(4, "ben", 0, 1);
  for (fair_queue::ticket i = 11; i <= 40; ++i)
    queue.push(i, "high", 9, 1);
  auto taken = take(queue, 24);
  CHECK_EQ((tickets{taken[7], taken[15], taken[23]}), (tickets{1, 4, 2}));
}

TEST_CASE("the front stays the same until something changes") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 3; ++i) {
    queue.push(i, "ann", usual, 1);
    queue.push(10 + i, "ben", usual, 1);
  }
  for (int i = 0; i < 3; ++i)
    CHECK_EQ(queue.front(), std::optional<fair_queue::ticket>{1});
}

TEST_CASE("a removed request is not charged to its user") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 3; ++i) {
    queue.push(i, "ann", usual, 1);
    queue.push(10 + i, "ben", usual, 1);
  }
  CHECK(queue.remove(1));
  CHECK(!queue.remove(1));
  CHECK(!queue.contains(1));
  CHECK_EQ(take_all(queue), (tickets{2, 11, 3, 12, 13}));
}

TEST_CASE("a ticket that waits already stays as it is") {
  fair_queue queue;
  queue.push(1, "ann", usual, 1);
  queue.push(1, "ben", 9, 1);
  CHECK_EQ(queue.size(), 1u);
  CHECK_EQ(queue.accounts(), 1u);
}

TEST_CASE("users without waiting requests are forgotten") {
  fair_queue queue;
  for (fair_queue::ticket i = 1; i <= 1'000; ++i)
    queue.push(i, "user " + std::to_string(i), static_cast<unsigned>(i % 10), 1);
  CHECK_EQ(queue.accounts(), 1'000u);
  for (fair_queue::ticket i = 1; i <= 500; ++i)
    queue.remove(i);
  CHECK_EQ(queue.accounts(), 500u);
  take_all(queue);
  CHECK_EQ(queue.accounts(), 0u);
  CHECK(queue.empty());
}

TEST_CASE("requests of a group that is held back keep their place, and others go meanwhile") {
  fair_queue queue;
  constexpr std::size_t photos = 1;
  queue.push(1, "ann", usual, 1, photos);
  queue.push(2, "ben", usual, 1);
  queue.push(3, "ann", usual, 1);
  queue.push(4, "low", 0, 1);
  fair_queue::groups held;
  held.set(photos);
  CHECK_EQ(queue.front(held), std::optional<fair_queue::ticket>{3}); // it is ann's turn, with what may go
  CHECK(queue.take(3));
  CHECK_EQ(queue.front(held), std::optional<fair_queue::ticket>{2});
  CHECK_EQ(queue.front(), std::optional<fair_queue::ticket>{2}); // ann has had her turn
  CHECK(queue.take(2));
  CHECK_EQ(queue.front(held), std::optional<fair_queue::ticket>{4}); // a lower class, as the higher one may not go
  CHECK_EQ(queue.front(), std::optional<fair_queue::ticket>{1});
  CHECK(queue.take(4));
  CHECK_EQ(queue.front(held), std::nullopt);
  CHECK_EQ(queue.size(), 1u);
}
