#pragma once
// Values of settings that stand in files, as containers are given their secrets.

#include <string>
#include <variant>

namespace mp::config {

struct value_in_file {
  std::string value; ///< without the line end behind it
};

/// Reads a file of at most 64 KiB: its value, or why there is none, for people ("cannot be read: Permission denied").
std::variant<value_in_file, std::string> read_value_file(const std::string& path);

} // namespace mp::config
