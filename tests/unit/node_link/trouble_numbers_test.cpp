#define CAF_SUITE trouble_numbers
#include "tests/support/test.hpp"

#include "actors/node_link/trouble_numbers.hpp"

using namespace mp;

TEST_CASE("a probe answers the troubles of each reader that were reported before it began") {
  trouble_numbers numbers;
  auto first = numbers.reported(1, 5);
  auto second = numbers.reported(2, 1);
  auto third = numbers.reported(1, 6);
  CHECK(first < second);
  CHECK(second < third);
  CHECK_EQ(numbers.answered(1, second), 5u);
  CHECK_EQ(numbers.answered(2, second), 1u);
  CHECK_EQ(numbers.answered(1, third), 6u);
  CHECK_EQ(numbers.answered(1, third), 6u);
}

TEST_CASE("a reader that has reported nothing is answered nothing") {
  trouble_numbers numbers;
  auto own = numbers.reported(1, 5);
  CHECK_EQ(numbers.answered(2, own), 0u);
  CHECK_EQ(numbers.answered(1, 0), 0u);
  numbers.remove(1);
  CHECK_EQ(numbers.answered(1, own), 0u);
}
