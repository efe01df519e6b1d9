#define CAF_SUITE access
#include "tests/support/test.hpp"

#include "runtime/status/access.hpp"

using namespace mp;

namespace {

status::caller from(std::string address, std::string authorization = {}) {
  status::caller who;
  who.address = std::move(address);
  who.host = "127.0.0.1:5000";
  who.authorization = std::move(authorization);
  return who;
}

status::caller changed(void (*change)(status::caller&), std::string authorization = {}) {
  auto who = from("127.0.0.1", std::move(authorization));
  change(who);
  return who;
}

} // namespace

TEST_CASE("details are for programs on this machine, by each of its own addresses") {
  for (const auto* address : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
    CHECK(status::access_to_details(from(address), "") == status::access::granted);
    CHECK(status::access_to_details(from(address), "token") == status::access::granted);
  }
  for (const auto* address : {"10.0.0.1", "128.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "::", "", "127.evil", "::2"}) {
    CHECK(status::access_to_details(from(address), "") == status::access::unauthenticated);
    CHECK(status::access_to_details(from(address), "token") == status::access::unauthenticated);
  }
}

TEST_CASE("who comes by a proxy, as a web page or under a foreign name is not from this machine") {
  for (const auto& who : {changed([](status::caller& c) { c.is_forwarded = true; }),
                          changed([](status::caller& c) { c.has_origin = true; }),
                          changed([](status::caller& c) { c.host = "evil.example"; }),
                          changed([](status::caller& c) { c.host = "evil.example:5000"; })})
    for (const auto* token : {"", "token"})
      CHECK(status::access_to_details(who, token) == status::access::unauthenticated);
  CHECK(status::access_to_details(changed([](status::caller& c) { c.is_forwarded = true; }, "Bearer token"), "token")
        == status::access::granted);
}

TEST_CASE("the token opens details from everywhere, and only the right one") {
  for (const auto* given : {"Bearer token", "bearer token", "BEARER  token ", "Bearer \ttoken"})
    CHECK(status::access_to_details(from("10.0.0.1", given), "token") == status::access::granted);
  for (const auto* given : {"Bearer", "Bearer ", "Bearer tokem", "Bearer token2", "Bearer toke", "Bearer TOKEN",
                            "token", "Basic token", "Bearertoken", "Bearer token token", ""})
    CHECK(status::access_to_details(from("10.0.0.1", given), "token") == status::access::unauthenticated);
  CHECK(status::access_to_details(from("127.0.0.1", "Bearer wrong"), "token") == status::access::unauthenticated);
  CHECK(status::access_to_details(from("127.0.0.1", "Bearer whatever"), "") == status::access::granted);
}

TEST_CASE("without a token there is nothing that opens by an empty one") {
  for (const auto* given : {"Bearer ", "Bearer", "", "Bearer  "}) {
    CHECK(status::access_to_details(from("10.0.0.1", given), "") == status::access::unauthenticated);
    CHECK(status::access_to_crashes(from("127.0.0.1", given), "") == status::access::unauthenticated);
  }
}

TEST_CASE("crashes need the token from everywhere, and are never for web pages") {
  CHECK(status::access_to_crashes(from("127.0.0.1"), "token") == status::access::unauthenticated);
  CHECK(status::access_to_crashes(from("127.0.0.1", "Bearer token"), "token") == status::access::granted);
  CHECK(status::access_to_crashes(from("10.0.0.1", "Bearer token"), "token") == status::access::granted);
  CHECK(status::access_to_crashes(changed([](status::caller& c) { c.has_origin = true; }, "Bearer token"), "token")
        == status::access::refused);
  CHECK(status::access_to_crashes(changed([](status::caller& c) { c.host = "evil.example"; }, "Bearer token"), "token")
        == status::access::refused);
}

TEST_CASE("a host is this machine by address, as localhost and by a short name") {
  for (const auto* host : {"", "127.0.0.1", "10.1.2.3:5000", "[::1]", "[2001:db8::1]:5000", "localhost",
                           "LOCALHOST:5000", "a.localhost", "gpu-1:5000", "x"})
    CHECK(status::is_own_host(host));
  for (const auto* host :
       {"evil.example", "evil.example:5000", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "[evil]",
        "::1", "a:b", "a b", "x:5000x", "user@localhost", "127.0.0.1:80:80", "evil.example."})
    CHECK(!status::is_own_host(host));
}

TEST_CASE("headers by which proxies tell for whom they ask are known in any case") {
  for (const auto* name : {"X-Forwarded-For", "x-forwarded-proto", "FORWARDED", "Via", "X-Real-IP", "CF-Connecting-IP",
                           "True-Client-Ip", "X-Envoy-External-Address"})
    CHECK(status::is_forwarding_header(name));
  for (const auto* name : {"Host", "User-Agent", "Accept", "Authorization", "X-Forward", "X-Request-Id", ""})
    CHECK(!status::is_forwarding_header(name));
}
