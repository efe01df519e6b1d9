#define CAF_SUITE replay
#include "tests/support/test.hpp"

#include "tests/simulation/world.hpp"

using namespace mp::sim;

TEST_CASE("a seed gives the same world each time, message by message") {
  for (bool exactly_once : {false, true})
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      world_options options{.seed = seed, .requests = 60, .exactly_once = exactly_once};
      auto one = run_world(options);
      auto two = run_world(options);
      CHECK_EQ(one.trace, two.trace);
      CHECK_EQ(one.steps, two.steps);
      CHECK_EQ(one.faults, two.faults);
    }
}

TEST_CASE("two seeds give different worlds") { CHECK_NE(run_world({.seed = 1}).trace, run_world({.seed = 2}).trace); }
