#include "runtime/config/load.hpp"

#include "runtime/config/kafka_properties.hpp"
#include "runtime/config/schema_file.hpp"
#include "runtime/config/settings_table.hpp"
#include "runtime/config/value_file.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <unistd.h>

namespace mp::config {
namespace {

constexpr std::string_view file_suffix = "_FILE";

/// A value and the name under which it was given.
struct given {
  std::string name;
  std::string value;
  bool is_hidden = false; ///< it came from a file, so it is somebody's secret
};

/// One line without control characters, whatever somebody wrote.
std::string one_line(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
      c = '?';
  return text;
}

/// A list of addresses with what stands behind the host of each left out: a path may hold a key.
std::string without_paths(std::string_view list) {
  std::string out;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    const auto address = list.substr(0, end);
    const auto scheme = address.find("://");
    const auto path = address.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
    out += address.substr(0, path);
    if (path != std::string_view::npos)
      out += path + 1 < address.size() ? "/..." : "/";
    out += list.substr(end, 1);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

/// A wrong value as a complaint may show it: short, no secret. Passwords stand before an @, keys behind a question
/// mark.
std::string shown(std::string_view value, bool secret) {
  constexpr std::size_t shown_bytes_max = 100;
  if (secret || value.find_first_of("@?#&") != std::string_view::npos)
    return "the value (not shown)";
  return std::string{"\""}
    .append(value.substr(0, shown_bytes_max))
    .append(value.size() > shown_bytes_max ? "...\"" : "\"");
}

class loader {
public:
  loader(const environment& variables, const flag_values& flags, kafka_use kafka, std::vector<complaint>& warnings)
    : variables_(variables), flags_(flags), kafka_(kafka), warnings_(warnings) {}

  std::variant<settings, std::vector<complaint>> run() {
    for (const auto& row : setting_table())
      read(row);
    read_kafka_properties();
    check_sizes_and_pauses();
    check_topics();
    check_transactional_id();
    check_chaos();
    check_nodes();
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

  void warn(std::string name, std::string text) {
    warnings_.push_back({one_line(std::move(name)), one_line(std::move(text))});
  }

  void warn_of_command_line(const std::string& flag, const std::string& variable) {
    warn(flag, "everybody on this machine can read command lines (ps); set " + variable + " or " + variable
                 + std::string{file_suffix} + " instead");
  }

  /// A variable that is set, or null.
  const std::string* variable(std::string_view name) const {
    const auto found = variables_.find(name);
    return found != variables_.end() && !trimmed(found->second).empty() ? &found->second : nullptr;
  }

  /// The content of the file that `name` is set to; nothing, with a complaint, where it cannot be had.
  std::optional<given> from_file(const std::string& name, const std::string& path) {
    auto read = read_value_file(std::string{trimmed(path)});
    if (auto* problem = std::get_if<std::string>(&read)) {
      complain(name, shown(trimmed(path), false) + ' ' + *problem);
      return std::nullopt;
    }
    return given{name, std::move(std::get<value_in_file>(read).value), true};
  }

  /// True when both are set, with a complaint.
  bool given_twice(const std::string& name, const std::string& file_name) {
    const auto twice = variable(name) != nullptr && variable(file_name) != nullptr;
    if (twice)
      complain(file_name, "is set, and so is " + name + "; set one of them");
    return twice;
  }

  /// Nothing when the setting is not given; `refused_` has it when its file is of no use.
  std::optional<given> find(const setting& row) {
    const std::string name{row.name};
    if (const auto flag = flags_.settings.find(row.name); flag != flags_.settings.end()) {
      if (row.secret)
        warn_of_command_line(flag_name(row.name), name);
      return given{flag_name(row.name), std::string{trimmed(flag->second)}};
    }
    const auto file_name = name + std::string{file_suffix};
    if (given_twice(name, file_name)) {
      refused_.insert(row.name);
      return std::nullopt;
    }
    if (const auto* path = variable(file_name)) {
      auto found = from_file(file_name, *path);
      if (found)
        found->value = trimmed(found->value);
      else
        refused_.insert(row.name);
      return found;
    }
    if (const auto* value = variable(name))
      return given{name, std::string{trimmed(*value)}};
    return std::nullopt;
  }

  void read(const setting& row) {
    row.kind.read(row.fallback, loaded_);
    const auto found = find(row);
    if (!found && refused_.contains(row.name))
      return;
    const auto is_required = row.required && kafka_ == kafka_use::cluster; // a broker is all that is
    if (found && !(is_required && found->value.empty())) {
      names_[row.name] = found->name;
      if (row.kind.read(found->value, loaded_))
        return;
      const auto open = row.kind.has_hosts ? without_paths(found->value) : found->value;
      complain(found->name,
               shown(open, row.secret || found->is_hidden) + " is not allowed; allowed: " + row.kind.allowed);
      refused_.insert(row.name);
    } else if (is_required) {
      complain(std::string{row.name}, "is not set; set it, or " + flag_name(row.name) + ", to " + row.kind.allowed);
      refused_.insert(row.name);
    }
  }

  /// The property that the variable sets, with its value; nothing, with a warning, where the library has no such
  /// property.
  void read_kafka_variable(const std::string& name, const std::string& value,
                           std::map<std::string, given>& properties) {
    const auto property = property_of_variable(name);
    if (!property || value.empty())
      return;
    if (is_known_property(*property)) {
      properties.insert_or_assign(*property, given{name, value});
      return;
    }
    if (name.ends_with(file_suffix)) {
      const auto plain = name.substr(0, name.size() - file_suffix.size());
      const auto of_file = property_of_variable(plain);
      if (of_file && is_known_property(*of_file)) {
        if (given_twice(plain, name))
          return;
        if (auto found = from_file(name, value))
          properties.insert_or_assign(*of_file, std::move(*found));
        return;
      }
    }
    const auto similar = similar_property(*property);
    warn(name, "is passed over: librdkafka has no property " + *property
                 + (similar ? "; did you mean " + variable_of_property(*similar) + "?" : std::string{}));
  }

  void read_kafka_properties() {
    std::map<std::string, given> properties;
    if (kafka_ != kafka_use::none)
      for (const auto& [variable, value] : variables_)
        read_kafka_variable(variable, value, properties);
    for (const auto& flag : flags_.kafka) {
      const auto split = flag.find('=');
      if (split == std::string::npos || split == 0)
        complain("--kafka", shown(flag, false) + " is not allowed; allowed: NAME=VALUE with a property of librdkafka");
      else
        properties[flag.substr(0, split)] = {"--kafka " + flag.substr(0, split), flag.substr(split + 1)};
      if (const auto property = flag.substr(0, split); split != std::string::npos && is_secret_property(property))
        warn_of_command_line("--kafka " + property, variable_of_property(property));
    }
    auto all_good = true;
    for (auto& [property, source] : properties) {
      if (auto problem = property_problem(property, source.value)) {
        if (source.is_hidden && problem->find(source.value) != std::string::npos)
          problem = "librdkafka refuses the value (not shown)";
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

  /// Two instances with one id would fence each other for ever, and one whose id changes leaves its last transaction
  /// open.
  void check_transactional_id() {
    auto named = !loaded_.transactional_id.empty() || !loaded_.group_instance_id.empty();
    if (loaded_.delivery == delivery_mode::exactly_once && loaded_.port == 0 && !named)
      complain("TRANSACTIONAL_ID",
               "is not set, and with PORT=0 there is nothing to make it of; set it or GROUP_INSTANCE_ID to a "
               "name that this instance alone has, also after a restart");
  }

  /// Whoever may crash actors has to show something that no web page has.
  void check_chaos() {
    if (loaded_.chaos && loaded_.api_token.empty() && !refused_.contains("API_TOKEN"))
      complain(name_of("CHAOS"),
               "needs API_TOKEN: set it, or API_TOKEN_FILE, to what clients of /debug/crash have to show");
  }

  /// Nobody could tell a worker node from a stranger whose messages do what they like.
  void check_nodes() {
    const auto files = {loaded_.node_cert.empty(), loaded_.node_key.empty(), loaded_.node_ca.empty()};
    const auto missing = std::count(files.begin(), files.end(), true);
    if (missing == 1 || missing == 2)
      complain("NODE_CERT", "NODE_CERT, NODE_KEY and NODE_CA go together: set all of them or none");
    const auto is_local = loaded_.node_address.empty() || loaded_.node_address == "127.0.0.1"
                          || loaded_.node_address == "::1" || loaded_.node_address == "localhost";
    if (loaded_.node_port > 0 && missing > 0 && !is_local)
      complain(name_of("NODE_ADDRESS"), "needs NODE_CERT, NODE_KEY and NODE_CA: without them NODE_PORT is for this "
                                        "machine only");
    // A reader whose worker nodes do all the work has no model server of its own.
    const auto no_hosts = variables_.find("OLLAMA_HOST");
    const auto no_hosts_flag = flags_.settings.find("OLLAMA_HOST");
    const auto has_flag = no_hosts_flag != flags_.settings.end();
    const auto is_empty = has_flag ? trimmed(no_hosts_flag->second).empty()
                                   : no_hosts != variables_.end() && trimmed(no_hosts->second).empty();
    if (is_empty && loaded_.node_port > 0) {
      loaded_.ollama_hosts.clear();
      std::erase_if(complaints_, [](const complaint& each) { return each.name == "--ollama-host"; });
    }
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
  const kafka_use kafka_;
  std::vector<complaint>& warnings_;
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

std::variant<settings, std::vector<complaint>> load(const environment& variables, const flag_values& flags,
                                                    kafka_use kafka, std::vector<complaint>* warnings) {
  std::vector<complaint> nobody_reads;
  return loader{variables, flags, kafka, warnings != nullptr ? *warnings : nobody_reads}.run();
}

settings default_settings() {
  settings defaults;
  for (const auto& row : setting_table())
    row.kind.read(row.fallback, defaults);
  return defaults;
}

} // namespace mp::config
