#define CAF_SUITE connection_limits
#include "tests/support/test.hpp"

#include "runtime/status/client_connection.hpp"
#include "runtime/status/connection_limits.hpp"

using namespace mp;

TEST_CASE("there is room for everybody until an address has its share, then its oldest connection goes") {
  status::connection_limits limits{100, 3};
  for (status::connection_limits::id which = 10; which < 13; ++which) {
    CHECK(!limits.crowded_out_by("a").has_value());
    limits.add(which, "a");
  }
  CHECK(limits.crowded_out_by("a") == 10u);
  CHECK(!limits.crowded_out_by("b").has_value());
  limits.remove(10, "a");
  CHECK(!limits.crowded_out_by("a").has_value());
}

TEST_CASE("when all are too many the oldest of the address that has the most goes, not that of a client with one") {
  status::connection_limits limits{5, 4};
  limits.add(1, "probe");
  for (status::connection_limits::id which = 2; which < 6; ++which)
    limits.add(which, "many");
  CHECK(limits.crowded_out_by("new") == 2u);
  CHECK(limits.crowded_out_by("probe") == 2u);
  CHECK_EQ(limits.size(), 5u);
}

TEST_CASE("a connection whose request is under way cannot be crowded out") {
  status::connection_limits limits{2, 2};
  limits.add(1, "a");
  limits.add(2, "a");
  limits.remove(1, "a");
  CHECK(!limits.crowded_out_by("a").has_value());
  limits.add(3, "a");
  CHECK(limits.crowded_out_by("a") == 2u);
  limits.add(1, "a"); // its answer waits for the client now
  CHECK(limits.crowded_out_by("a") == 1u);
}

TEST_CASE("what is not there goes without a trace") {
  status::connection_limits limits{2, 2};
  limits.remove(1, "a");
  limits.add(1, "a");
  limits.add(1, "a");
  CHECK_EQ(limits.size(), 1u);
  limits.remove(1, "b");
  CHECK_EQ(limits.size(), 1u);
  limits.remove(1, "a");
  CHECK_EQ(limits.size(), 0u);
  CHECK(!limits.oldest_of_most().has_value());
}

TEST_CASE("a client is counted by its IPv4 address or its network of IPv6") {
  CHECK_EQ(status::counted_address("10.0.0.1"), "10.0.0.1");
  CHECK_EQ(status::counted_address("::ffff:10.0.0.1"), "10.0.0.1");
  CHECK_EQ(status::counted_address("2001:db8:1:2:3:4:5:6"), status::counted_address("2001:db8:1:2::1"));
  CHECK_NE(status::counted_address("2001:db8:1:2::1"), status::counted_address("2001:db8:1:3::1"));
}

TEST_CASE("a head ends with an empty line, wherever a piece of it ended before") {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    CHECK_EQ(status::end_of_head(head.substr(0, cut), 0), std::string::npos);
    CHECK_EQ(status::end_of_head(head + "more", cut), head.size());
  }
  CHECK_EQ(status::end_of_head("GET / HTTP/1.1\nHost: x\n\n", 0), 24u);
  CHECK_EQ(status::end_of_head("a\n\r\n", 0), 4u);
  CHECK_EQ(status::end_of_head("\r\r\n\r", 0), std::string::npos);
}
