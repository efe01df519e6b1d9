#define CAF_SUITE poison_photos
#include "tests/support/test.hpp"

#include "actors/dispatcher/poison_photos.hpp"

#include <string>

using namespace mp;
using namespace std::chrono_literals;
using enum photo_standing;

namespace {

const poison_photos::time_point start{};

} // namespace

TEST_CASE("nothing is held against a photo that was at no death") {
  poison_photos known;
  CHECK(known.standing("a photo", start) == good);
  known.suspect("a photo", start);
  CHECK(known.standing("a photo", start) == suspect);
  CHECK(known.standing("a Photo", start) == good);
  CHECK(known.standing("a photo and more", start) == good);
  CHECK(known.standing("", start) == good);
}

TEST_CASE("a suspect is acquitted or condemned, and what is condemned is no longer suspected") {
  poison_photos known;
  known.suspect("a", start);
  known.suspect("b", start);
  known.condemn("a", start);
  known.acquit("b");
  CHECK(known.standing("a", start) == poison);
  CHECK(known.standing("b", start) == good);
  known.suspect("a", start);
  CHECK(known.standing("a", start) == poison);
  CHECK_EQ(known.size(), 1u);
  known.acquit("never heard of");
  CHECK_EQ(known.size(), 1u);
}

TEST_CASE("a photo is forgotten an hour after its last verdict") {
  poison_photos known;
  known.suspect("a", start);
  known.suspect("b", start);
  known.condemn("a", start + 10min);
  CHECK(known.standing("b", start + 1h - 1ns) == suspect);
  CHECK(known.standing("b", start + 1h) == good);
  CHECK(known.standing("a", start + 1h) == poison);
  CHECK(known.standing("a", start + 70min) == good);
}

TEST_CASE("of very many photos the oldest is forgotten first") {
  poison_photos known;
  for (std::size_t i = 0; i <= poison_photos::count_max; ++i)
    known.suspect("photo " + std::to_string(i), start);
  CHECK_EQ(known.size(), poison_photos::count_max);
  CHECK(known.standing("photo 0", start) == good);
  CHECK(known.standing("photo 1", start) == suspect);
  CHECK(known.standing("photo " + std::to_string(poison_photos::count_max), start) == suspect);
}
