#include "runtime/config/setting_kinds.hpp"

#include "messages/json/ascii.hpp"
#include "messages/model_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mp::config {
namespace {

constexpr std::size_t topic_length_max = 249; // Kafka's own limit
constexpr std::size_t name_length_max = model_name_bytes_max;
constexpr std::size_t user_filter_length_max = 320; // the longest e-mail address: 64 @ 255 (RFC 5321, section 4.5.3.1)

std::string decimal_text(double value) {
  std::array<char, 32> digits;
  return {digits.data(),
          std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed).ptr};
}

/// A field that `parse` makes from the text and that `allowed` bounds.
template <class Field, class Parse, class Write>
setting_kind ranged(Field settings::* field, Field min, Field max, std::string type, Parse parse, Write write_value) {
  return {std::move(type), write_value(min) + " to " + write_value(max),
          [=](std::string_view text, settings& to) {
            const auto value = parse(text);
            if (!value || *value < min || *value > max)
              return false;
            to.*field = static_cast<Field>(*value);
            return true;
          },
          [=](const settings& from) { return write_value(from.*field); }};
}

} // namespace

setting_kind text(std::string settings::* field, const text_rule& rule) {
  return {"TEXT", std::string{rule.allowed},
          [field, accepts = rule.accepts](std::string_view text, settings& to) {
            if (!accepts(text))
              return false;
            to.*field = text;
            return true;
          },
          [field](const settings& from) { return from.*field; }};
}

bool is_topic(std::string_view text) {
  const auto fits = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; };
  return !text.empty() && text.size() <= topic_length_max && std::all_of(text.begin(), text.end(), fits) && text != "."
         && text != "..";
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_length_max
         && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

bool is_user_filter(std::string_view text) {
  return text.size() <= user_filter_length_max && std::none_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte <= ' ' || byte == 0x7F;
         });
}

bool is_path(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
}

namespace {

/// Of one of Go's units of time; 0 where it is none.
double nanoseconds_of(std::string_view unit) {
  constexpr std::pair<std::string_view, double> units[] = {{"ns", 1},  {"us", 1e3}, {"ms", 1e6},
                                                           {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
  for (const auto& [name, size] : units)
    if (name == unit)
      return size;
  return 0;
}

} // namespace

bool is_keep_alive(std::string_view text) {
  if (const auto seconds = parse_integer(text))
    return *seconds != 0;
  if (text.starts_with('-'))
    text.remove_prefix(1);
  if (text.empty())
    return false;
  auto nanoseconds = 0.0;
  while (!text.empty()) { // Go's time.ParseDuration: numbers, each with a unit
    const auto number_end = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = parse_decimal(text.substr(0, number_end));
    if (!number)
      return false;
    text.remove_prefix(number_end);
    const auto unit = text.substr(0, text.find_first_of("0123456789."));
    const auto size = nanoseconds_of(unit);
    if (size == 0)
      return false;
    nanoseconds += *number * size;
    text.remove_prefix(unit.size());
  }
  return nanoseconds >= 1;
}

setting_kind duration(std::chrono::milliseconds settings::* field, std::chrono::milliseconds min,
                      std::chrono::milliseconds max) {
  return ranged(field, min, max, "DURATION", parse_duration, duration_text);
}

setting_kind bytes(std::size_t settings::* field, std::size_t min, std::size_t max) {
  return ranged(field, min, max, "BYTES", parse_bytes, bytes_text);
}

setting_kind optional_decimal(std::optional<double> settings::* field, double min, double max) {
  return {"NUMBER", decimal_text(min) + " to " + decimal_text(max),
          [=](std::string_view text, settings& to) {
            const auto value = parse_decimal(text);
            if (!text.empty() && (!value || *value < min || *value > max))
              return false;
            to.*field = value;
            return true;
          },
          [=](const settings& from) { return from.*field ? decimal_text(*(from.*field)) : std::string{}; }};
}

setting_kind hosts(std::vector<host_address> settings::* field) {
  return {"LIST",
          "different hosts, separated by commas: HOST, HOST:PORT, http://HOST:PORT or https://HOST:PORT, IPv6 in "
          "brackets, no path "
          "and no password",
          [=](std::string_view text, settings& to) {
            auto list = parse_host_list(text);
            if (list)
              to.*field = std::move(*list);
            return list.has_value();
          },
          [=](const settings& from) {
            std::string list;
            for (const auto& host : from.*field)
              list += (list.empty() ? "" : ",") + host.url();
            return list;
          },
          true};
}

setting_kind joins(std::vector<std::string> settings::* field) {
  return {"LIST", "HOST:PORT, several separated by commas, port 1 to 65535 (7400 by default), IPv6 in brackets",
          [=](std::string_view text, settings& to) {
            auto list = text.empty() ? std::optional{std::vector<std::string>{}} : parse_reader_list(text);
            if (list)
              to.*field = std::move(*list);
            return list.has_value();
          },
          [=](const settings& from) {
            std::string list;
            for (const auto& each : from.*field)
              list += (list.empty() ? "" : ",") + each;
            return list;
          },
          true};
}

setting_kind brokers(std::string settings::* field) {
  return {"LIST", "HOST:PORT, several separated by commas, port 1 to 65535, IPv6 in brackets",
          [=](std::string_view text, settings& to) {
            auto list = parse_broker_list(text);
            if (list)
              to.*field = std::move(*list);
            return list.has_value();
          },
          [=](const settings& from) { return from.*field; }, true};
}

namespace {

/// A field with a parser and its counterpart.
template <class Value>
setting_kind parsed(Value settings::* field, std::string allowed, std::optional<Value> (*parse)(std::string_view),
                    std::string (*to_text)(const Value&)) {
  return {"LIST", std::move(allowed),
          [=](std::string_view text, settings& to) {
            auto value = parse(text);
            if (value)
              to.*field = std::move(*value);
            return value.has_value();
          },
          [=](const settings& from) { return to_text(from.*field); }};
}

} // namespace

setting_kind models(std::vector<std::string> settings::* field) {
  return parsed(field, "empty, *, or different models separated by commas", parse_models, models_text);
}

setting_kind routes(name_pairs settings::* field) {
  return parsed(field, "empty, or TASK=MODEL, several with different tasks separated by commas", parse_model_routes,
                pairs_text);
}

setting_kind digests(name_pairs settings::* field) {
  return parsed(
    field, "empty, or MODEL=DIGEST, several separated by commas; 12 to 64 hexadecimal digits, with or without sha256:",
    parse_digests, pairs_text);
}

} // namespace mp::config
