#pragma once
// Files of the repository that a test compares with.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace mp::test {

/// The text of a file, its path given from the repository's root. Throws std::runtime_error when it cannot be read.
inline std::string source_file(const std::filesystem::path& path) {
  std::ifstream file{std::filesystem::path{MP_SOURCE_DIR} / path};
  if (!file)
    throw std::runtime_error{path.string() + " cannot be read"};
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

} // namespace mp::test
