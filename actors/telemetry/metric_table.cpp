#include "actors/telemetry/metric_table.hpp"

namespace mp {
namespace {

constexpr std::string_view hard_to_print = "\"\\\n";

std::string_view name_of(metric_kind kind) {
  switch (kind) {
    case metric_kind::counter: return "counter";
    case metric_kind::gauge:
    case metric_kind::real_gauge: return "gauge";
    case metric_kind::histogram:
    case metric_kind::whole_histogram: return "histogram";
  }
  return "gauge";
}

bool take_end(std::string_view& name, std::string_view end) {
  if (!name.ends_with(end))
    return false;
  name.remove_suffix(end.size());
  return true;
}

} // namespace

metric_name parts_of(std::string_view name) {
  constexpr std::string_view own = "models_processor", conventions = "gen_ai";
  metric_name parts{name.starts_with(own) ? own : conventions, name, "1", false};
  parts.name.remove_prefix(parts.prefix.size() + 1);
  parts.is_sum = take_end(parts.name, "_total");
  for (std::string_view end : {"_seconds", "_bytes"})
    if (take_end(parts.name, end))
      parts.unit = end.substr(1);
  return parts;
}

label_value::label_value(std::string_view value) : text_(value) {
  if (value.find_first_of(hard_to_print) == std::string_view::npos)
    return;
  copy_ = value;
  std::ranges::replace_if(copy_, [](char c) { return hard_to_print.find(c) != std::string_view::npos; }, '_');
  text_ = copy_;
}

std::string metrics_markdown() {
  std::string table = "| metric | kind | labels | meaning |\n|---|---|---|---|\n";
  for (const auto& row : metric_table) {
    table.append("| `").append(row.name).append("` | ").append(name_of(row.kind)).append(" | ");
    for (std::size_t i = 0; i < row.label_count(); ++i)
      table.append(i > 0 ? ", `" : "`").append(row.labels[i]).append("`");
    table.append(" | ").append(row.help).append(" |\n");
  }
  return table;
}

} // namespace mp
