#define CAF_SUITE pending_publications
#include "tests/support/test.hpp"

#include "actors/producer/pending_publications.hpp"

using namespace mp;

namespace {

constexpr origin here{0, 1, 7};

} // namespace

TEST_CASE("a request with one record ends when it is acknowledged") {
  pending_publications book;
  auto number = book.take(here, 0b1);
  auto ended = book.acknowledged(here, number, 0);
  REQUIRE(ended);
  CHECK(ended->from == here);
  CHECK(!ended->orphaned);
  CHECK_EQ(book.size(), 0u);
}

TEST_CASE("another record at the same place is another request") {
  pending_publications book;
  origin old{0, 1, 7, 77}, fresh{0, 2, 7, 78};
  auto first = book.take(old, 0b1);
  auto second = book.take(fresh, 0b1);
  CHECK_EQ(book.size(), 2u);
  auto ended = book.acknowledged(old, first, 0);
  REQUIRE(ended);
  CHECK(ended->from == old);
  CHECK(book.acknowledged(fresh, second, 0));
}

TEST_CASE("a request with two records ends with the second, whichever that is") {
  for (std::uint8_t first : {0, 1}) {
    pending_publications book;
    auto number = book.take(here, 0b11);
    CHECK_EQ(book.take(here, 0b11), number);
    CHECK(!book.acknowledged(here, number, first));
    CHECK(book.acknowledged(here, number, static_cast<std::uint8_t>(1 - first)));
  }
}

TEST_CASE("a record sent again because the broker did not take it still completes its request") {
  pending_publications book;
  auto number = book.take(here, 0b11);
  book.take(here, 0b11);
  CHECK(!book.acknowledged(here, number, 0));
  CHECK(!book.refused(here, number));
  number = book.take(here, 0b10);
  CHECK(book.acknowledged(here, number, 1));
}

TEST_CASE("nothing is promised of a request whose only record was refused and not sent again") {
  pending_publications book;
  auto number = book.take(here, 0b1);
  CHECK(!book.refused(here, number));
  book.mark_all_orphaned();
  CHECK(book.origins().empty());
}

TEST_CASE("an acknowledgement of something unknown says nothing") {
  pending_publications book;
  CHECK(!book.acknowledged(here, 1, 0));
  auto number = book.take(here, 0b1);
  CHECK(!book.acknowledged(here, number + 1, 0));
  CHECK_EQ(book.size(), 1u);
}

TEST_CASE("requests of a dispatcher that is gone are still known and end as orphans") {
  pending_publications book;
  auto number = book.take(here, 0b1);
  book.mark_all_orphaned();
  CHECK(book.origins() == std::vector<origin>{here});
  auto ended = book.acknowledged(here, number, 0);
  REQUIRE(ended);
  CHECK(ended->orphaned);
}

TEST_CASE("an orphan that is not published is given up") {
  pending_publications book;
  auto number = book.take(here, 0b1);
  book.mark_all_orphaned();
  auto lost = book.refused(here, number);
  REQUIRE(lost);
  CHECK(lost->from == here);
  CHECK_EQ(book.size(), 0u);
}

TEST_CASE("the same request handed over anew is not ended by the fate of its orphan") {
  pending_publications book;
  auto old = book.take(here, 0b1);
  book.mark_all_orphaned();
  auto fresh = book.take({0, 2, 7}, 0b1);
  CHECK_NE(fresh, old);
  CHECK(!book.acknowledged(here, old, 0));
  auto ended = book.acknowledged({0, 2, 7}, fresh, 0);
  REQUIRE(ended);
  CHECK_EQ(ended->from.assignment, 2u);
  CHECK(!ended->orphaned);
}

TEST_CASE("an orphan whose other record was refused before is given up when the rest of it is acknowledged") {
  pending_publications book;
  auto number = book.take(here, 0b11);
  book.take(here, 0b11);
  CHECK(!book.refused(here, number));
  book.mark_all_orphaned();
  auto lost = book.acknowledged(here, number, 1);
  REQUIRE(lost);
  CHECK(lost->orphaned);
  CHECK(!lost->whole);
  CHECK_EQ(book.size(), 0u);
}
