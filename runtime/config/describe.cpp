#include "runtime/config/describe.hpp"

#include "runtime/config/kafka_properties.hpp"
#include "runtime/config/load.hpp"
#include "runtime/config/settings_table.hpp"

namespace mp::config {
namespace {

constexpr std::string_view hidden = "***";

std::string masked(const std::string& value, bool secret) {
  return secret || value.find('@') != std::string::npos ? std::string{hidden} : value;
}

void append_group(std::string& out, setting_group group, const settings& defaults) {
  out.append("**")
    .append(to_string(group))
    .append("**\n\n| setting | default | allowed | meaning |\n|---|---|---|---|\n");
  for (const auto& row : setting_table()) {
    if (row.group != group)
      continue;
    const auto fallback = row.kind.write(defaults);
    out.append("| `").append(row.name).append("` | ");
    out.append(row.required ? "required" : fallback.empty() ? "not set" : '`' + fallback + '`');
    out.append(" | ").append(row.kind.allowed).append(" | ").append(row.meaning).append(" |\n");
  }
  if (group == setting_group::kafka)
    out +=
      "| `KAFKA_<PROPERTY>` | not set | any property of librdkafka, dots as underscores: `KAFKA_SECURITY_PROTOCOL` is "
      "`security.protocol` | What the Kafka clients are told beyond this table; properties that the service's promises "
      "depend on are refused. |\n";
  if (group == setting_group::service)
    out += "| `<SETTING>_FILE` | not set | the path of a file | Any setting of this page, `KAFKA_<PROPERTY>` too, can "
           "be read from a file, "
           "without the line end behind it, for secrets: `API_TOKEN_FILE`, `KAFKA_SASL_PASSWORD_FILE`. Variables only, "
           "no flags. |\n";
}

} // namespace

std::string markdown_table() {
  const auto defaults = default_settings();
  std::string out;
  for (std::size_t group = 0; group < group_names.size(); ++group) {
    if (group > 0)
      out += '\n';
    append_group(out, static_cast<setting_group>(group), defaults);
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> settings_for_log(const settings& all) {
  const auto defaults = default_settings();
  std::vector<std::pair<std::string, std::string>> differing;
  for (const auto& row : setting_table())
    if (auto value = row.kind.write(all); value != row.kind.write(defaults))
      differing.emplace_back(row.name, masked(value, row.secret));
  for (const auto& [property, value] : all.kafka_properties)
    differing.emplace_back(variable_of_property(property), masked(value, is_secret_property(property)));
  return differing;
}

} // namespace mp::config
