#define CAF_SUITE worker_pool
#include "tests/support/test.hpp"

#include "actors/dispatcher/worker_pool.hpp"

#include <map>

using namespace mp;

namespace {

/// Workers 1 and 2 on host a, 3 and 4 on host b, all free, both hosts usable.
worker_pool two_hosts() {
  worker_pool pool;
  for (worker_pool::worker_id id : {1, 2, 3, 4}) {
    pool.add(id, id < 3 ? "a" : "b");
    pool.set_free(id);
  }
  pool.set_usable("a", true);
  pool.set_usable("b", true);
  return pool;
}

std::string chosen_host(worker_pool& pool, worker_pool::ticket work, std::string_view avoid = {}) {
  auto worker = pool.choose(work, avoid);
  return worker ? pool.host_of(*worker) : "none";
}

} // namespace

TEST_CASE("a worker gets work only after it asked for it") {
  worker_pool pool;
  pool.set_usable("a", true);
  pool.add(1, "a");
  CHECK(!pool.choose(10, ""));
  CHECK(pool.set_free(1));
  CHECK_EQ(pool.choose(10, ""), std::optional<worker_pool::worker_id>{1});
  CHECK(!pool.choose(11, ""));
  CHECK(pool.set_free(1));
  CHECK(pool.choose(11, "").has_value());
}

TEST_CASE("asking twice makes one free slot") {
  worker_pool pool;
  pool.set_usable("a", true);
  pool.add(1, "a");
  pool.set_free(1);
  pool.set_free(1);
  CHECK_EQ(pool.free_count(), 1u);
  pool.choose(10, "");
  CHECK(!pool.choose(11, ""));
}

TEST_CASE("a host is not usable until it is said to be") {
  worker_pool pool;
  pool.add(1, "a");
  pool.set_free(1);
  CHECK(!pool.usable("a"));
  CHECK(!pool.any_usable());
  CHECK_EQ(pool.free_count(), 0u);
  CHECK(!pool.choose(10, ""));
  pool.set_usable("a", true);
  CHECK(pool.usable("a"));
  CHECK_EQ(pool.free_count(), 1u);
  CHECK(pool.choose(10, "").has_value());
}

TEST_CASE("a host may be said to be usable before its first worker comes") {
  worker_pool pool;
  pool.set_usable("a", true);
  CHECK(pool.any_usable());
  CHECK_EQ(pool.free_count(), 0u);
  pool.add(1, "a");
  pool.set_free(1);
  CHECK(pool.choose(10, "").has_value());
}

TEST_CASE("work goes to the host with the least of it") {
  auto pool = two_hosts();
  auto first = chosen_host(pool, 10);
  auto second = chosen_host(pool, 11);
  CHECK_NE(first, second);
  CHECK_NE(chosen_host(pool, 12), chosen_host(pool, 13));
  CHECK_EQ(chosen_host(pool, 14), "none");
}

TEST_CASE("the host to avoid is taken only when there is no other") {
  auto pool = two_hosts();
  CHECK_EQ(chosen_host(pool, 10, "a"), "b");
  CHECK_EQ(chosen_host(pool, 11, "a"), "b"); // although a has less work
  CHECK_EQ(chosen_host(pool, 12, "a"), "a");
  auto other = two_hosts();
  CHECK_EQ(chosen_host(other, 10, "b"), "a");
  CHECK_EQ(chosen_host(other, 11, "b"), "a");
  CHECK_EQ(chosen_host(other, 12, "b"), "b");
}

TEST_CASE("the host to avoid is taken when the other one is not usable") {
  auto pool = two_hosts();
  pool.set_usable("b", false);
  CHECK_EQ(chosen_host(pool, 10, "a"), "a");
}

TEST_CASE("a removed worker gives back what it worked on and gets nothing more") {
  auto pool = two_hosts();
  auto worker = pool.choose(10, "b");
  REQUIRE(worker.has_value());
  CHECK_EQ(pool.worker_of(10), worker);
  CHECK_EQ(pool.remove(*worker), std::optional<worker_pool::ticket>{10});
  CHECK(!pool.worker_of(10));
  CHECK(!pool.remove(*worker));
  CHECK(!pool.set_free(*worker));
  CHECK_EQ(pool.free_count(), 3u);
}

TEST_CASE("a removed free worker has nothing to give back") {
  auto pool = two_hosts();
  CHECK(!pool.remove(1));
  CHECK_EQ(pool.free_count(), 3u);
}

TEST_CASE("a free worker of an unknown number is refused") {
  worker_pool pool;
  CHECK(!pool.set_free(99));
}

TEST_CASE("a worker that is added again starts without work") {
  auto pool = two_hosts();
  auto worker = *pool.choose(10, "b");
  pool.add(worker, "a");
  CHECK(!pool.worker_of(10));
  CHECK_EQ(pool.free_count(), 3u); // it has not asked for work yet
}

TEST_CASE("work that went on to another worker is no longer the first one's to lose") {
  auto pool = two_hosts();
  auto first = *pool.choose(10, "b");
  auto second = *pool.choose(10, "a"); // the first reported a timeout and still waits for its call to end
  REQUIRE_NE(first, second);
  CHECK_EQ(pool.worker_of(10), std::optional{second});
  CHECK(!pool.remove(first));
  CHECK_EQ(pool.worker_of(10), std::optional{second});
  CHECK_EQ(pool.remove(second), std::optional<worker_pool::ticket>{10});
}

TEST_CASE("a worker that is free again does not forget who works on its old work now") {
  auto pool = two_hosts();
  auto first = *pool.choose(10, "b");
  auto second = *pool.choose(10, "a");
  CHECK(pool.set_free(first));
  CHECK_EQ(pool.worker_of(10), std::optional{second});
}

TEST_CASE("what is to be alone waits for a host without work, and keeps others away until it has ended") {
  auto pool = two_hosts();
  auto beside = pool.choose(10, "b");
  REQUIRE(beside.has_value());
  CHECK_EQ(pool.host_of(*beside), "a");
  auto alone = pool.choose_alone(11, "b");
  REQUIRE(alone.has_value());
  CHECK_EQ(pool.host_of(*alone), "b"); // to be avoided, but the only one without work
  CHECK(!pool.choose_alone(12, ""));
  CHECK_EQ(chosen_host(pool, 12), "a");
  CHECK_EQ(chosen_host(pool, 13), "none");
  pool.set_free(*alone);
  CHECK_EQ(chosen_host(pool, 13), "b");
  CHECK_EQ(chosen_host(pool, 14), "b");
}

TEST_CASE("a host is open to others again when the worker that was alone there is gone") {
  auto pool = two_hosts();
  auto alone = pool.choose_alone(10, "b");
  REQUIRE(alone.has_value());
  CHECK_EQ(pool.host_of(*alone), "a");
  pool.remove(*alone);
  CHECK_EQ(chosen_host(pool, 11, "b"), "a");
}

TEST_CASE("a slower host is given work when the faster one has that many times more") {
  worker_pool pool;
  for (worker_pool::worker_id id = 1; id <= 16; ++id) {
    pool.add(id, id <= 8 ? "slow" : "fast");
    pool.set_free(id);
  }
  pool.set_usable("slow", true);
  pool.set_usable("fast", true);
  pool.set_speed("slow", 0.5);
  std::string order;
  for (worker_pool::ticket work = 1; work <= 6; ++work)
    order += chosen_host(pool, work)[0];
  CHECK_EQ(order, "fsffsf");
}

TEST_CASE("a slower host has fewer calls under way at once, by as much as it is slower") {
  worker_pool pool;
  for (worker_pool::worker_id id = 1; id <= 16; ++id) {
    pool.add(id, id <= 8 ? "slow" : "fast");
    pool.set_free(id);
  }
  pool.set_usable("slow", true);
  pool.set_usable("fast", true);
  pool.set_speed("slow", 0.5);
  CHECK_EQ(pool.free_count(), 12u);
  std::map<std::string, int> given;
  for (worker_pool::ticket work = 1; work <= 16; ++work)
    ++given[chosen_host(pool, work)];
  CHECK_EQ(given["fast"], 8);
  CHECK_EQ(given["slow"], 4);
  CHECK_EQ(given["none"], 4);
  CHECK_EQ(pool.free_count(), 0u);
}

TEST_CASE("a slow host alone, or among equals, has all of its slots") {
  auto pool = two_hosts();
  pool.set_speed("a", 0.3);
  CHECK_EQ(pool.free_count(), 3u);
  pool.set_speed("b", 0.3);
  CHECK_EQ(pool.free_count(), 4u);
  pool.set_speed("b", 1);
  pool.set_usable("b", false);
  CHECK_EQ(pool.free_count(), 2u);
  CHECK_EQ(chosen_host(pool, 10), "a");
  CHECK_EQ(chosen_host(pool, 11), "a");
}

TEST_CASE("a host without a GPU still has a quarter of the work, and never none") {
  auto pool = two_hosts();
  pool.set_speed("a", 0);
  CHECK_EQ(pool.free_count(), 3u);
  CHECK_EQ(chosen_host(pool, 10, "b"), "a");
  CHECK_EQ(chosen_host(pool, 11, "b"), "b");
}
