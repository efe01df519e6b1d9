#define CAF_SUITE short_key
#include "tests/support/test.hpp"

#include "actors/dispatcher/fair_queue.hpp"
#include "actors/dispatcher/key_order.hpp"
#include "actors/dispatcher/request_coalescing.hpp"
#include "actors/dispatcher/short_key.hpp"

using namespace mp;

namespace {

const std::string long_key(4'000'000, 'k');

} // namespace

TEST_CASE("a key of up to a kilobyte stands for itself, of a longer one a kilobyte and a hash") {
  const std::string whole(short_key::whole_bytes_max, 'k');
  const auto longer = whole + "1";
  const auto other = whole + "2";
  CHECK_EQ(short_key{whole}.text(), whole);
  CHECK(&short_key{whole}.text() == &whole); // and is not copied
  CHECK(short_key{longer}.text() != short_key{other}.text());
  CHECK_EQ(short_key{longer}.text(), short_key{longer}.text());
  CHECK(short_key{long_key}.text().size() < short_key::whole_bytes_max + 32);
}

TEST_CASE("requests of a long key keep their order, and those of another one go their own way") {
  key_order order;
  const auto other = long_key + "x";
  CHECK(order.enter(long_key, 1));
  CHECK(!order.enter(long_key, 2));
  CHECK(order.enter(other, 3));
  CHECK_EQ(order.count(long_key), 2u);
  CHECK(!order.may_go(long_key, 2));
  CHECK_EQ(order.leave(long_key, 1), std::optional<key_order::ticket>{2});
  CHECK(order.may_go(long_key, 2));
}

TEST_CASE("a leader with a long key is found, the caller compares the keys") {
  request_coalescing same;
  CHECK_EQ(same.join(long_key, 1, [](auto) { return true; }), std::nullopt);
  CHECK_EQ(same.join(long_key, 2, [](auto) { return true; }), std::optional<request_coalescing::ticket>{1});
  CHECK_EQ(same.join(long_key, 3, [](auto) { return false; }), std::nullopt);
}

TEST_CASE("users with names longer than any address are told apart by their beginning") {
  fair_queue queue;
  const std::string name(fair_queue::user_bytes_max, 'u');
  queue.push(1, name + "a", 4, 1);
  queue.push(2, name + std::string(4'000'000, 'b'), 4, 1);
  CHECK_EQ(queue.accounts(), 1u);
  queue.push(3, "other", 4, 1);
  CHECK_EQ(queue.accounts(), 2u);
  queue.take(*queue.front());
  CHECK_EQ(queue.front(), std::optional<fair_queue::ticket>{3});
}
