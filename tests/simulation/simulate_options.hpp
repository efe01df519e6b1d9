#pragma once
// The command line of `simulate`.

#include "tests/simulation/sim_kafka/control_arm.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp::sim {

struct simulate_options {
  std::string program;
  std::uint64_t first = 1, last = 100;
  std::size_t requests = 200;
  bool exactly_once = false;
  bool nodes = false;
  control_arm arm = control_arm::none;
  bool tracing = false;
  bool twice = false;
  unsigned jobs = 1;
  bool done = false; ///< help or a list was asked for and printed
};

/// Nothing when it is wrong; then what is wrong has been printed.
std::optional<simulate_options> parse_simulate_options(const std::vector<std::string>& arguments);

} // namespace mp::sim
