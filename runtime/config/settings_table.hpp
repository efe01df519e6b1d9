#pragma once
// The one table of settings. --help, the README's table, the complaints about wrong values and the defaults all come
// from here.

#include "runtime/config/setting_kinds.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mp::config {

enum class setting_group : std::uint8_t { kafka, ollama, flow, answers, service, nodes };

inline constexpr std::array<std::string_view, 6> group_names{"Kafka", "Ollama", "Flow", "Answers", "Service", "Nodes"};

inline std::string_view to_string(setting_group g) { return group_names[static_cast<std::size_t>(g)]; }

struct setting {
  std::string_view name; ///< of the environment variable
  setting_group group;
  std::string_view fallback; ///< the default, as one would write it; empty: none
  setting_kind kind;
  std::string_view meaning; ///< one sentence: what it does, or why one would change it
  bool required = false;    ///< there is no default and no way without a value
  bool secret = false;      ///< the value is never printed
};

/// In the order of the groups.
const std::vector<setting>& setting_table();

/// OLLAMA_HOST -> --ollama-host.
std::string flag_name(std::string_view setting_name);

} // namespace mp::config
