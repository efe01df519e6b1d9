#include "runtime/kafka/topic_names.hpp"

#include <algorithm>

namespace mp::kafka {
namespace {

std::string as_metric(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

} // namespace

std::vector<odd_name> odd_names(const std::vector<std::string>& topics) {
  std::vector<odd_name> odd;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const auto& name = topics[i];
    if (std::find(topics.begin(), topics.begin() + static_cast<std::ptrdiff_t>(i), name)
        != topics.begin() + static_cast<std::ptrdiff_t>(i))
      continue; // told already
    if (name == "." || name == "..")
      odd.push_back({name, "Kafka takes no such name"});
    if (name.starts_with("__"))
      odd.push_back({name, "names that begin with two underscores are Kafka's own"});
    for (std::size_t j = 0; j < i; ++j)
      if (name != topics[j] && as_metric(name) == as_metric(topics[j]))
        odd.push_back({name, "differs from " + topics[j] + " only by . and _: Kafka takes only one of them"});
  }
  return odd;
}

} // namespace mp::kafka
