#define CAF_SUITE poison_pills
#include "tests/support/test.hpp"

#include "actors/dispatcher/poison_pills.hpp"

#include <string>

using namespace mp;
using namespace std::chrono_literals;
using enum photo_state;

namespace {

const poison_pills::time_point start{};

} // namespace

TEST_CASE("nothing is held against a photo that was at no death") {
  poison_pills known;
  CHECK(known.state_of("a photo", start) == unknown);
  known.mark_suspected("a photo", start);
  CHECK(known.state_of("a photo", start) == suspected);
  CHECK(known.state_of("a Photo", start) == unknown);
  CHECK(known.state_of("a photo and more", start) == unknown);
  CHECK(known.state_of("", start) == unknown);
}

TEST_CASE("a suspected photo is cleared or marked as poison, and poison is no longer suspected") {
  poison_pills known;
  known.mark_suspected("a", start);
  known.mark_suspected("b", start);
  known.mark_poison("a", start);
  known.clear("b");
  CHECK(known.state_of("a", start) == poison);
  CHECK(known.state_of("b", start) == unknown);
  known.mark_suspected("a", start);
  CHECK(known.state_of("a", start) == poison);
  CHECK_EQ(known.size(), 1u);
  known.clear("never heard of");
  CHECK_EQ(known.size(), 1u);
}

TEST_CASE("a photo is forgotten an hour after its last verdict") {
  poison_pills known;
  known.mark_suspected("a", start);
  known.mark_suspected("b", start);
  known.mark_poison("a", start + 10min);
  CHECK(known.state_of("b", start + 1h - 1ns) == suspected);
  CHECK(known.state_of("b", start + 1h) == unknown);
  CHECK(known.state_of("a", start + 1h) == poison);
  CHECK(known.state_of("a", start + 70min) == unknown);
}

TEST_CASE("of very many photos the oldest is forgotten first") {
  poison_pills known;
  for (std::size_t i = 0; i <= poison_pills::count_max; ++i)
    known.mark_suspected("photo " + std::to_string(i), start);
  CHECK_EQ(known.size(), poison_pills::count_max);
  CHECK(known.state_of("photo 0", start) == unknown);
  CHECK(known.state_of("photo 1", start) == suspected);
  CHECK(known.state_of("photo " + std::to_string(poison_pills::count_max), start) == suspected);
}
