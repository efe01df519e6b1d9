#define CAF_SUITE key_lanes
#include "tests/support/test.hpp"

#include "actors/dispatcher/key_lanes.hpp"

using namespace mp;

namespace {

using maybe = std::optional<key_lanes::ticket>;

} // namespace

TEST_CASE("the first request of a key goes at once, the others wait for it one after the other") {
  key_lanes lanes;
  CHECK(lanes.enter("a", 1));
  CHECK(!lanes.enter("a", 2));
  CHECK(!lanes.enter("a", 3));
  CHECK_EQ(lanes.leave("a", 1), maybe{2});
  CHECK_EQ(lanes.leave("a", 2), maybe{3});
  CHECK_EQ(lanes.leave("a", 3), maybe{});
}

TEST_CASE("requests of different keys do not wait for each other") {
  key_lanes lanes;
  CHECK(lanes.enter("a", 1));
  CHECK(lanes.enter("b", 2));
  CHECK(!lanes.enter("a", 3));
  CHECK_EQ(lanes.leave("b", 2), maybe{});
  CHECK_EQ(lanes.leave("a", 1), maybe{3});
}

TEST_CASE("requests without a key know no order") {
  key_lanes lanes;
  CHECK(lanes.enter("", 1));
  CHECK(lanes.enter("", 2));
  CHECK_EQ(lanes.size(), 0u);
  CHECK_EQ(lanes.leave("", 1), maybe{});
}

TEST_CASE("a request that is removed while it waits lets nobody go") {
  key_lanes lanes;
  lanes.enter("a", 1);
  lanes.enter("a", 2);
  lanes.enter("a", 3);
  CHECK_EQ(lanes.leave("a", 2), maybe{});
  CHECK_EQ(lanes.leave("a", 1), maybe{3});
}

TEST_CASE("the order is that of entering, whatever the tickets are") {
  key_lanes lanes;
  lanes.enter("a", 9);
  lanes.enter("a", 7);
  lanes.enter("a", 8);
  CHECK_EQ(lanes.leave("a", 9), maybe{7});
  CHECK_EQ(lanes.leave("a", 7), maybe{8});
}

TEST_CASE("a request that enters twice keeps its place") {
  key_lanes lanes;
  lanes.enter("a", 1);
  lanes.enter("a", 2);
  CHECK(lanes.enter("a", 1));
  CHECK(!lanes.enter("a", 2));
  CHECK_EQ(lanes.size(), 2u);
  CHECK_EQ(lanes.leave("a", 1), maybe{2});
}

TEST_CASE("a request that is in no lane leaves none") {
  key_lanes lanes;
  lanes.enter("a", 1);
  lanes.enter("a", 2);
  CHECK_EQ(lanes.leave("a", 3), maybe{});
  CHECK_EQ(lanes.leave("b", 1), maybe{});
  lanes.enter("b", 4);
  CHECK_EQ(lanes.leave("b", 1), maybe{});
  CHECK_EQ(lanes.size(), 3u);
  CHECK_EQ(lanes.leave("a", 1), maybe{2});
}

TEST_CASE("a key whose requests have all ended is forgotten") {
  key_lanes lanes;
  lanes.enter("a", 1);
  lanes.leave("a", 1);
  CHECK_EQ(lanes.size(), 0u);
  CHECK(lanes.enter("a", 2));
}

TEST_CASE("an heir stands right behind its leader, before those who came later") {
  key_lanes lanes;
  lanes.enter("k", 1);
  lanes.enter("k", 3);
  lanes.enter_behind("k", 1, 2);
  CHECK(lanes.leave("k", 1) == 2u);
  CHECK(lanes.leave("k", 2) == 3u);
}

TEST_CASE("without a leader in the lane there is nothing to inherit") {
  key_lanes lanes;
  lanes.enter("k", 3);
  lanes.enter_behind("k", 1, 2);
  CHECK_EQ(lanes.count("k"), 1u);
  lanes.enter_behind("other", 3, 2);
  CHECK_EQ(lanes.size(), 1u);
}

TEST_CASE("whose turn it is can be asked") {
  key_lanes lanes;
  lanes.enter("k", 1);
  lanes.enter("k", 2);
  CHECK(lanes.may_go("k", 1));
  CHECK(!lanes.may_go("k", 2));
  CHECK(lanes.may_go("", 9));
}
