#include "actors/telemetry/event_table.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace mp::log {
namespace {

constexpr std::string_view others = "...";

std::vector<std::string_view> fields_of(const event_row& row) {
  std::vector<std::string_view> fields;
  for (auto rest = row.fields; !rest.empty();) {
    auto end = std::min(rest.find(' '), rest.size());
    fields.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fields;
}

} // namespace

std::string_view to_string(level l) {
  switch (l) {
    case level::debug: return "DEBUG";
    case level::info: return "INFO";
    case level::warning: return "WARNING";
    case level::error: return "ERROR";
  }
  return "ERROR";
}

bool has_field(const event_row& row, std::string_view field) {
  return std::ranges::any_of(fields_of(row), [field](auto known) { return known == field || known == others; });
}

void require_field(const event_row& row, std::string_view field) {
  if (has_field(row, field))
    return;
  std::fprintf(stderr, "event_table.hpp: %.*s has no field %.*s\n", static_cast<int>(row.name.size()), row.name.data(),
               static_cast<int>(field.size()), field.data());
  std::abort();
}

std::string events_markdown() {
  std::string table = "| event | level | fields | meaning |\n|---|---|---|---|\n";
  for (const auto& row : event_table) {
    table.append("| `")
      .append(row.name)
      .append("` | ")
      .append(row.severity ? to_string(*row.severity) : "any")
      .append(" | ");
    const auto* separator = "";
    for (auto field : fields_of(row)) {
      if (field == others)
        table.append(separator).append(others);
      else
        table.append(separator).append("`").append(field).append("`");
      separator = ", ";
    }
    table.append(" | ").append(row.meaning).append(" |\n");
  }
  return table;
}

} // namespace mp::log
