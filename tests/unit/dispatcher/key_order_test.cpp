#define CAF_SUITE key_order
#include "tests/support/test.hpp"

#include "actors/dispatcher/key_order.hpp"

using namespace mp;

namespace {

using maybe = std::optional<key_order::ticket>;

} // namespace

TEST_CASE("the first request of a key goes at once, the others wait for it one after the other") {
  key_order order;
  CHECK(order.enter("a", 1));
  CHECK(!order.enter("a", 2));
  CHECK(!order.enter("a", 3));
  CHECK_EQ(order.leave("a", 1), maybe{2});
  CHECK_EQ(order.leave("a", 2), maybe{3});
  CHECK_EQ(order.leave("a", 3), maybe{});
}

TEST_CASE("requests of different keys do not wait for each other") {
  key_order order;
  CHECK(order.enter("a", 1));
  CHECK(order.enter("b", 2));
  CHECK(!order.enter("a", 3));
  CHECK_EQ(order.leave("b", 2), maybe{});
  CHECK_EQ(order.leave("a", 1), maybe{3});
}

TEST_CASE("requests without a key know no order") {
  key_order order;
  CHECK(order.enter("", 1));
  CHECK(order.enter("", 2));
  CHECK_EQ(order.size(), 0u);
  CHECK_EQ(order.leave("", 1), maybe{});
}

TEST_CASE("a request that is removed while it waits lets nobody go") {
  key_order order;
  order.enter("a", 1);
  order.enter("a", 2);
  order.enter("a", 3);
  CHECK_EQ(order.leave("a", 2), maybe{});
  CHECK_EQ(order.leave("a", 1), maybe{3});
}

TEST_CASE("the order is that of entering, whatever the tickets are") {
  key_order order;
  order.enter("a", 9);
  order.enter("a", 7);
  order.enter("a", 8);
  CHECK_EQ(order.leave("a", 9), maybe{7});
  CHECK_EQ(order.leave("a", 7), maybe{8});
}

TEST_CASE("a request that enters twice keeps its place") {
  key_order order;
  order.enter("a", 1);
  order.enter("a", 2);
  CHECK(order.enter("a", 1));
  CHECK(!order.enter("a", 2));
  CHECK_EQ(order.size(), 2u);
  CHECK_EQ(order.leave("a", 1), maybe{2});
}

TEST_CASE("a request that is in no queue leaves none") {
  key_order order;
  order.enter("a", 1);
  order.enter("a", 2);
  CHECK_EQ(order.leave("a", 3), maybe{});
  CHECK_EQ(order.leave("b", 1), maybe{});
  order.enter("b", 4);
  CHECK_EQ(order.leave("b", 1), maybe{});
  CHECK_EQ(order.size(), 3u);
  CHECK_EQ(order.leave("a", 1), maybe{2});
}

TEST_CASE("a key whose requests have all ended is forgotten") {
  key_order order;
  order.enter("a", 1);
  order.leave("a", 1);
  CHECK_EQ(order.size(), 0u);
  CHECK(order.enter("a", 2));
}

TEST_CASE("an heir stands right behind its leader, before those who came later") {
  key_order order;
  order.enter("k", 1);
  order.enter("k", 3);
  order.enter_behind("k", 1, 2);
  CHECK(order.leave("k", 1) == 2u);
  CHECK(order.leave("k", 2) == 3u);
}

TEST_CASE("without a leader in the queue there is no place behind it") {
  key_order order;
  order.enter("k", 3);
  order.enter_behind("k", 1, 2);
  CHECK_EQ(order.count("k"), 1u);
  order.enter_behind("other", 3, 2);
  CHECK_EQ(order.size(), 1u);
}

TEST_CASE("whose turn it is can be asked") {
  key_order order;
  order.enter("k", 1);
  order.enter("k", 2);
  CHECK(order.may_go("k", 1));
  CHECK(!order.may_go("k", 2));
  CHECK(order.may_go("", 9));
}
