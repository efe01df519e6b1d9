#pragma once
// A JSON Schema in a file, for RESPONSE_SCHEMA and `clean --schema`.

#include "actors/sanitizer/schema/answer_schema.hpp"

#include <memory>
#include <string>
#include <variant>

namespace mp::config {

struct schema_file {
  std::string compact;                            ///< on one line
  std::shared_ptr<const answer_schema> compiled; ///< never null
};

/// Reads and compiles the file, or says what is wrong with it in words that follow its path: "cannot be read, ...".
std::variant<schema_file, std::string> read_schema_file(const std::string& path);

} // namespace mp::config
