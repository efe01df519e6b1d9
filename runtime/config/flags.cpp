#include "runtime/config/flags.hpp"

#include "runtime/config/settings_table.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <ostream>

namespace mp::config {
namespace {

std::string help_of(const setting& row, const settings& defaults) {
  std::string help{row.meaning};
  help.append(" Allowed: ").append(row.kind.allowed).append(". ");
  const auto fallback = row.kind.write(defaults);
  if (row.required)
    help += "Required.";
  else
    help.append("Default: ").append(fallback.empty() ? "not set" : fallback).append(".");
  return help.append(" [").append(row.name).append("]");
}

} // namespace

void add_flags(CLI::App& app, flag_values& values) {
  const auto defaults = default_settings();
  for (const auto& row : setting_table())
    app
      .add_option_function<std::string>(
        flag_name(row.name),
        [&values, name = std::string{row.name}](const std::string& value) { values.settings[name] = value; },
        help_of(row, defaults))
      ->group(std::string{to_string(row.group)})
      ->type_name(row.kind.type)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app
    .add_option("--kafka", values.kafka,
                "A property of librdkafka; may be given several times. [KAFKA_<PROPERTY_WITH_UNDERSCORES>]")
    ->group(std::string{to_string(setting_group::kafka)})
    ->type_name("NAME=VALUE")
    ->allow_extra_args(false);
}

void print_complaints(std::ostream& out, std::span<const complaint> complaints) {
  for (const auto& c : complaints)
    out << c.line() << '\n';
}

} // namespace mp::config
