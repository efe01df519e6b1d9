#pragma once
// The kinds of values a setting can have. Each factory binds one field of `settings` to how its value is written and
// bounded.

#include "messages/json/ascii.hpp"
#include "runtime/config/model_lists.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/config/values.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mp::config {

/// How one field is read and written.
struct setting_kind {
  std::string type;                                              ///< one word for --help
  std::string allowed;                                           ///< what may be written, for people
  std::function<bool(std::string_view text, settings& to)> read; ///< false, and `to` as before, when it is not allowed
  std::function<std::string(const settings& from)> write; ///< `read` takes it back
  bool has_hosts = false; ///< what somebody writes behind a host may be a key
};

/// A text with a rule.
struct text_rule {
  std::string_view allowed;
  bool (*accepts)(std::string_view text);
};
setting_kind text(std::string settings::* field, const text_rule& rule);

bool is_topic(std::string_view text); ///< as Kafka has it: letters, digits, . _ -, at most 249, not . or ..
bool is_name(std::string_view text); ///< 1 to 255 printable ASCII characters without blanks
/// Whole seconds, or a Go duration such as 30m or 1h30m; not zero: a load with that is an order to unload.
bool is_keep_alive(std::string_view text);
bool is_user_filter(std::string_view text); ///< at most 320 bytes without blanks and control characters, or empty
bool is_path(std::string_view text); ///< no control characters; whether there is such a file is not asked
inline bool is_empty_or_host(std::string_view text) { return text.empty() || is_host(text); }
inline bool is_empty_or_name(std::string_view text) { return text.empty() || is_name(text); }
inline bool is_empty_or_topic(std::string_view text) { return text.empty() || is_topic(text); }

setting_kind duration(std::chrono::milliseconds settings::* field, std::chrono::milliseconds min,
                      std::chrono::milliseconds max);

setting_kind bytes(std::size_t settings::* field, std::size_t min, std::size_t max);

setting_kind optional_decimal(std::optional<double> settings::* field, double min, double max);

setting_kind hosts(std::vector<host_address> settings::* field);

/// Readers of a worker node.
setting_kind joins(std::vector<std::string> settings::* field);

setting_kind brokers(std::string settings::* field);

setting_kind models(std::vector<std::string> settings::* field);

setting_kind routes(name_pairs settings::* field);

setting_kind digests(name_pairs settings::* field);

/// A whole number. `note` is added to what is allowed.
template <class Number>
setting_kind count(Number settings::* field, Number min, Number max, std::string_view note = "") {
  return {"NUMBER", (std::to_string(min) + " to " + std::to_string(max)).append(note),
          [=](std::string_view text, settings& to) {
            const auto value = parse_integer(text);
            if (!value || *value < std::int64_t{min} || *value > std::int64_t{max})
              return false;
            to.*field = static_cast<Number>(*value);
            return true;
          },
          [=](const settings& from) { return std::to_string(from.*field); }};
}

/// One of several words, in any case. Several words may mean the same; the first of them is the one that is written.
template <class Enum>
setting_kind choice(Enum settings::* field, std::vector<std::pair<std::string_view, Enum>> words) {
  std::string allowed;
  for (std::size_t i = 0; i < words.size(); ++i)
    allowed.append(i == 0 ? "" : i + 1 < words.size() ? ", " : " or ").append(words[i].first);
  return {"WORD", std::move(allowed),
          [=](std::string_view text, settings& to) {
            for (const auto& [word, value] : words)
              if (same_ignoring_case(word, text)) {
                to.*field = value;
                return true;
              }
            return false;
          },
          [=](const settings& from) {
            for (const auto& [word, value] : words)
              if (value == from.*field)
                return std::string{word};
            return std::string{};
          }};
}

} // namespace mp::config
