#pragma once
// What is odd about the names of topics. Plain values in, values out.

#include <string>
#include <vector>

namespace mp::kafka {

struct odd_name {
  std::string topic;
  std::string why; ///< for people
};

/// Names that are allowed, but make trouble: two that differ only by . and _, of which a broker takes the first only,
/// because its metrics could not tell them apart; names with two underscores in front, which are Kafka's own; "." and
/// "..".
std::vector<odd_name> odd_names(const std::vector<std::string>& topics);

} // namespace mp::kafka
