#include "runtime/config/load.hpp"

#include "runtime/config/kafka_properties.hpp"
#include "runtime/config/schema_file.hpp"
#include "runtime/config/settings_table.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <unistd.h>

namespace mp::config {
namespace {

/// A value and the name under which it was given.
struct given {
  std::string name;
  std::string value;
};

/// One line without control characters, whatever somebody wrote.
std::string one_line(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
      c = '?';
  return text;
}

/// A wrong value as a complaint may show it: short, no secret.
std::string shown(std::string_view value, bool secret) {
  constexpr std::size_t shown_bytes_max = 100;
  if (secret || value.find('@') != std::string_view::npos)
    return "the value (not shown)";
  return std::string{"\""}
    .append(value.substr(0, shown_bytes_max))
    .append(value.size() > shown_bytes_max ? "...\"" : "\"");
}

std::optional<given> find(const setting& row, const environment& variables, const flag_values& flags) {
  if (const auto flag = flags.settings.find(row.name); flag != flags.settings.end())
    return given{flag_name(row.name), std::string{trimmed(flag->second)}};
  if (const auto variable = variables.find(row.name); variable != variables.end() && !trimmed(variable->second).empty())
    return given{std::string{row.name}, std::string{trimmed(variable->second)}};
  return std::nullopt;
}

class loader {
public:
  loader(const environment& variables, const flag_values& flags) : variables_(variables), flags_(flags) {}

  std::variant<settings, std::vector<complaint>> run() {
    for (const auto& row : setting_table())
      read(row);
    read_kafka_properties();
    check_sizes_and_pauses();
    check_topics();
    check_transactional_id();
    read_response_schema();
    if (!complaints_.empty())
      return std::move(complaints_);
    // A call ends at its time limit anyway: longer limits inside of it mean nothing.
    for (auto* inner :
         {&loaded_.ollama_connect_timeout, &loaded_.ollama_first_byte_timeout, &loaded_.ollama_idle_timeout})
      *inner = std::min(*inner, loaded_.ollama_request_timeout);
    return std::move(loaded_);
  }

private:
  void complain(std::string name, std::string text) {
    complaints_.push_back({one_line(std::move(name)), one_line(std::move(text))});
  }

  void read(const setting& row) {
    row.kind.read(row.fallback, loaded_);
    const auto found = find(row, variables_, flags_);
    if (found && !(row.required && found->value.empty())) {
      names_[row.name] = found->name;
      if (row.kind.read(found->value, loaded_))
        return;
      complain(found->name, shown(found->value, row.secret) + " is not allowed; allowed: " + row.kind.allowed);
      refused_.insert(row.name);
    } else if (row.required) {
      complain(std::string{row.name}, "is not set; set it, or " + flag_name(row.name) + ", to " + row.kind.allowed);
      refused_.insert(row.name);
    }
  }

  void read_kafka_properties() {
    std::map<std::string, given> properties;
    for (const auto& [variable, value] : variables_)
      if (!value.empty())
        if (const auto property = property_of_variable(variable))
          properties[*property] = {variable, value};
    for (const auto& flag : flags_.kafka) {
      const auto split = flag.find('=');
      if (split == std::string::npos || split == 0)
        complain("--kafka", shown(flag, false) + " is not allowed; allowed: NAME=VALUE with a property of librdkafka");
      else
        properties[flag.substr(0, split)] = {"--kafka " + flag.substr(0, split), flag.substr(split + 1)};
    }
    auto all_good = true;
    for (auto& [property, source] : properties) {
      if (auto problem = property_problem(property, source.value)) {
        complain(source.name, std::move(*problem));
        all_good = false;
      }
      loaded_.kafka_properties[property] = std::move(source.value);
    }
    if (!all_good)
      return;
    if (auto problem = client_problem(loaded_.kafka_properties))
      complain("KAFKA_ properties", "librdkafka refuses them together: " + *problem);
  }

  /// The setting's name as it was given, for complaints about two settings.
  std::string name_of(std::string_view setting) const {
    const auto found = names_.find(setting);
    return found == names_.end() ? std::string{setting} : found->second;
  }

  /// A contradiction, unless one of the two was complained about already.
  void contradict(bool wrong, std::string_view setting, std::string_view other, std::string_view text) {
    if (wrong && !refused_.contains(setting) && !refused_.contains(other))
      complain(name_of(setting), std::string{text});
  }

  void check_sizes_and_pauses() {
    contradict(loaded_.max_request_bytes > loaded_.max_in_flight_bytes, "MAX_REQUEST_BYTES", "MAX_IN_FLIGHT_BYTES",
               bytes_text(loaded_.max_request_bytes) + " is more than MAX_IN_FLIGHT_BYTES ("
                 + bytes_text(loaded_.max_in_flight_bytes) + "): such a request could never be read");
    contradict(loaded_.retry_backoff > loaded_.retry_backoff_max, "RETRY_BACKOFF", "RETRY_BACKOFF_MAX",
               duration_text(loaded_.retry_backoff) + " is more than RETRY_BACKOFF_MAX ("
                 + duration_text(loaded_.retry_backoff_max) + ")");
  }

  /// Two instances with one id would fence each other for ever, and one whose id changes leaves its last transaction open.
  void check_transactional_id() {
    auto named = !loaded_.transactional_id.empty() || !loaded_.group_instance_id.empty();
    if (loaded_.delivery == delivery_mode::exactly_once && loaded_.port == 0 && !named)
      complain("TRANSACTIONAL_ID", "is not set, and with PORT=0 there is nothing to make it of; set it or GROUP_INSTANCE_ID to a "
                                   "name that this instance alone has, also after a restart");
  }

  void read_response_schema() {
    if (loaded_.response_schema.empty())
      return;
    auto read = read_schema_file(loaded_.response_schema);
    if (const auto* problem = std::get_if<std::string>(&read))
      complain(name_of("RESPONSE_SCHEMA"), shown(loaded_.response_schema, false) + " " + *problem);
    else
      loaded_.response_schema_json = std::get<schema_file>(std::move(read)).compact;
  }

  void check_topics() {
    constexpr std::string_view requests = "LOCAL_MODEL_KAFKA_TOPIC";
    constexpr std::string_view letters = "DEAD_LETTER_TOPIC";
    constexpr std::string_view loop =
      "is the topic of the requests too (LOCAL_MODEL_KAFKA_TOPIC): the service would read what it writes";
    constexpr std::string_view mixed = "is a topic of replies too: dead letters would be taken for replies";
    contradict(loaded_.photo_reply_topic == loaded_.request_topic, "PHOTO_REPLY_TOPIC", requests, loop);
    contradict(loaded_.text_reply_topic == loaded_.request_topic, "TEXT_REPLY_TOPIC", requests, loop);
    contradict(loaded_.dead_letter_topic == loaded_.request_topic, letters, requests, loop);
    contradict(loaded_.dead_letter_topic == loaded_.photo_reply_topic, letters, "PHOTO_REPLY_TOPIC", mixed);
    contradict(loaded_.dead_letter_topic == loaded_.text_reply_topic, letters, "TEXT_REPLY_TOPIC", mixed);
  }

  const environment& variables_;
  const flag_values& flags_;
  settings loaded_;
  std::vector<complaint> complaints_;
  std::map<std::string_view, std::string> names_;
  std::set<std::string_view> refused_;
};

} // namespace

environment process_environment() {
  environment variables;
  for (auto* entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (const auto split = text.find('='); split != std::string_view::npos)
      variables.emplace(text.substr(0, split), text.substr(split + 1));
  }
  return variables;
}

std::variant<settings, std::vector<complaint>> load(const environment& variables, const flag_values& flags) {
  return loader{variables, flags}.run();
}

settings default_settings() {
  settings defaults;
  for (const auto& row : setting_table())
    row.kind.read(row.fallback, defaults);
  return defaults;
}

} // namespace mp::config
