#pragma once
// The settings in words: for the README and for the log.

#include "runtime/config/settings.hpp"

#include <string>
#include <utility>
#include <vector>

namespace mp::config {

/// All settings as tables in Markdown, one per group.
std::string markdown_table();

/// What differs from the defaults, by the names of the environment variables, in the order of the table, then
/// librdkafka's properties as KAFKA_<NAME>. Secrets, and anything with an @ in it, are shown as "***". Fit for the log.
std::vector<std::pair<std::string, std::string>> settings_for_log(const settings& all);

} // namespace mp::config
