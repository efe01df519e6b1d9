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

constexpr std::string_view some_model = "llama3:latest", other_model = "llava:latest";

std::string chosen_host(worker_pool& pool, worker_pool::ticket work, std::string_view avoid = {},
                        std::string_view model = some_model) {
  auto worker = pool.choose(work, model, avoid);
  return worker ? pool.host_of(*worker) : "none";
}

} // namespace

TEST_CASE("a worker gets work only after it asked for it") {
  worker_pool pool;
  pool.set_usable("a", true);
  pool.add(1, "a");
  CHECK(!pool.choose(10, some_model, ""));
  CHECK(pool.set_free(1));
  CHECK_EQ(pool.choose(10, some_model, ""), std::optional<worker_pool::worker_id>{1});
  CHECK(!pool.choose(11, some_model, ""));
  CHECK(pool.set_free(1));
  CHECK(pool.choose(11, some_model, "").has_value());
}

TEST_CASE("asking twice makes one free slot") {
  worker_pool pool;
  pool.set_usable("a", true);
  pool.add(1, "a");
  pool.set_free(1);
  pool.set_free(1);
  CHECK_EQ(pool.free_count(), 1u);
  pool.choose(10, some_model, "");
  CHECK(!pool.choose(11, some_model, ""));
}

TEST_CASE("a host is not usable until it is said to be") {
  worker_pool pool;
  pool.add(1, "a");
  pool.set_free(1);
  CHECK(!pool.usable("a"));
  CHECK(!pool.any_usable());
  CHECK_EQ(pool.free_count(), 0u);
  CHECK(!pool.choose(10, some_model, ""));
  pool.set_usable("a", true);
  CHECK(pool.usable("a"));
  CHECK_EQ(pool.free_count(), 1u);
  CHECK(pool.choose(10, some_model, "").has_value());
}

TEST_CASE("a host may be said to be usable before its first worker comes") {
  worker_pool pool;
  pool.set_usable("a", true);
  CHECK(pool.any_usable());
  CHECK_EQ(pool.free_count(), 0u);
  pool.add(1, "a");
  pool.set_free(1);
  CHECK(pool.choose(10, some_model, "").has_value());
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
  auto worker = pool.choose(10, some_model, "b");
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
  auto worker = *pool.choose(10, some_model, "b");
  pool.add(worker, "a");
  CHECK(!pool.worker_of(10));
  CHECK_EQ(pool.free_count(), 3u); // it has not asked for work yet
}

TEST_CASE("work that went on to another worker is no longer the first one's to lose") {
  auto pool = two_hosts();
  auto first = *pool.choose(10, some_model, "b");
  auto second = *pool.choose(10, some_model, "a"); // the first reported a timeout and still waits for its call to end
  REQUIRE_NE(first, second);
  CHECK_EQ(pool.worker_of(10), std::optional{second});
  CHECK(!pool.remove(first));
  CHECK_EQ(pool.worker_of(10), std::optional{second});
  CHECK_EQ(pool.remove(second), std::optional<worker_pool::ticket>{10});
}

TEST_CASE("a worker that is free again does not forget who works on its old work now") {
  auto pool = two_hosts();
  auto first = *pool.choose(10, some_model, "b");
  auto second = *pool.choose(10, some_model, "a");
  CHECK(pool.set_free(first));
  CHECK_EQ(pool.worker_of(10), std::optional{second});
}

TEST_CASE("what is to be alone waits for a host without work, and keeps others away until it has ended") {
  auto pool = two_hosts();
  auto beside = pool.choose(10, some_model, "b");
  REQUIRE(beside.has_value());
  CHECK_EQ(pool.host_of(*beside), "a");
  auto alone = pool.choose_alone(11, some_model, "b");
  REQUIRE(alone.has_value());
  CHECK_EQ(pool.host_of(*alone), "b"); // to be avoided, but the only one without work
  CHECK(!pool.choose_alone(12, some_model, ""));
  CHECK_EQ(chosen_host(pool, 12), "a");
  CHECK_EQ(chosen_host(pool, 13), "none");
  pool.set_free(*alone);
  CHECK_EQ(chosen_host(pool, 13), "b");
  CHECK_EQ(chosen_host(pool, 14), "b");
}

TEST_CASE("a host is open to others again when the worker that was alone there is gone") {
  auto pool = two_hosts();
  auto alone = pool.choose_alone(10, some_model, "b");
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

TEST_CASE("work goes to a host that has its model loaded before one that would have to load it") {
  auto pool = two_hosts();
  pool.set_models("b", {std::string{some_model}}, true);
  CHECK_EQ(chosen_host(pool, 10), "b");
  CHECK_EQ(chosen_host(pool, 11), "b"); // although a has less work
  CHECK_EQ(chosen_host(pool, 12), "a"); // it has room for it
}

TEST_CASE("a host that would have to swap gets no work while another has its model loaded, however busy that is") {
  auto pool = two_hosts();
  pool.set_models("a", {std::string{other_model}}, false);
  pool.set_models("b", {std::string{some_model}}, false);
  CHECK_EQ(chosen_host(pool, 10), "b");
  auto second = pool.choose(11, some_model, "b"); // to be avoided, but the only one that may
  REQUIRE(second.has_value());
  CHECK_EQ(pool.host_of(*second), "b");
  CHECK_EQ(chosen_host(pool, 12), "none");
  CHECK(pool.waits_for_its_host(some_model));
  CHECK(!pool.waits_for_its_host(other_model));
  CHECK_EQ(chosen_host(pool, 13, {}, other_model), "a");
  pool.set_free(*second);
  CHECK(!pool.waits_for_its_host(some_model));
  CHECK_EQ(chosen_host(pool, 12), "b");
}

TEST_CASE(
  "a model whose only host is not usable any more, or has no workers, is loaded by another one in place of its own") {
  auto pool = two_hosts();
  pool.set_models("a", {std::string{other_model}}, false);
  pool.set_models("b", {std::string{some_model}}, false);
  pool.set_usable("b", false);
  CHECK(!pool.waits_for_its_host(some_model));
  CHECK_EQ(chosen_host(pool, 10), "a");
  auto without = two_hosts();
  without.set_models("a", {std::string{other_model}}, false);
  without.set_models("b", {std::string{some_model}}, false);
  without.remove(3);
  without.remove(4);
  CHECK_EQ(chosen_host(without, 10), "a");
}

TEST_CASE("a model that no host has loaded is loaded by one of them, and its further work stays there") {
  auto pool = two_hosts();
  pool.set_models("a", {std::string{other_model}}, false);
  pool.set_models("b", {std::string{other_model}}, false);
  auto first = chosen_host(pool, 10);
  CHECK_EQ(chosen_host(pool, 11), first);
  CHECK_EQ(chosen_host(pool, 12), "none");
  CHECK_NE(chosen_host(pool, 13, {}, other_model), first);
}

TEST_CASE("a host of which nothing is known, or that has room, may take work for any model") {
  auto pool = two_hosts();
  pool.set_models("b", {std::string{other_model}}, true);
  CHECK_EQ(chosen_host(pool, 10), "a");
  CHECK_EQ(chosen_host(pool, 11), "b");
  CHECK_EQ(chosen_host(pool, 12), "a");
}

TEST_CASE("what is to be alone does not make a host swap, either") {
  auto pool = two_hosts();
  pool.set_models("a", {std::string{other_model}}, false);
  pool.set_models("b", {std::string{some_model}}, false);
  auto beside = pool.choose(10, some_model, "");
  REQUIRE(beside.has_value());
  CHECK(!pool.choose_alone(11, some_model, ""));
  pool.set_free(*beside);
  CHECK(pool.choose_alone(11, some_model, "").has_value());
}

TEST_CASE("of equal hosts the one on this machine is taken first") {
  auto pool = two_hosts();
  pool.set_remote("a");
  CHECK_EQ(chosen_host(pool, 10), "b");
  CHECK_EQ(chosen_host(pool, 11), "a");
}

TEST_CASE("slots that another reader uses count as in use") {
  auto pool = two_hosts();
  for (worker_pool::worker_id id : {5, 6, 7, 8, 9})
    pool.add(id, "a"); // not free
  CHECK_EQ(chosen_host(pool, 10), "b");
  CHECK_EQ(chosen_host(pool, 11), "b");
  CHECK_EQ(chosen_host(pool, 12), "a");
}
