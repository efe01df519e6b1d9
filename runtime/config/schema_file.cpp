#include "runtime/config/schema_file.hpp"

#include "actors/sanitizer/schema/schema_normalizer.hpp"
#include "messages/json/json_text.hpp"

#include <fstream>

namespace mp::config {

std::variant<schema_file, std::string> read_schema_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text(schema_limits{}.bytes_max + 1,
                   '\0'); // one more than allowed, so that compile() sees that it is too large
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad() || text.empty())
    return "cannot be read, or is empty; it has to be a file with a JSON Schema";
  auto compiled = answer_schema::compile(text);
  if (const auto* why = std::get_if<std::string>(&compiled))
    return "cannot be used as a JSON Schema: " + *why;
  return schema_file{compact_json(text), std::get<std::shared_ptr<const answer_schema>>(std::move(compiled))};
}

} // namespace mp::config
