// Parses the command line and runs a command.

#include "actors/telemetry/event_table.hpp"
#include "actors/telemetry/log.hpp"
#include "actors/telemetry/metric_table.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/config/describe.hpp"
#include "runtime/config/flags.hpp"
#include "runtime/config/load.hpp"
#include "runtime/config/values.hpp"
#include "runtime/kafka/rd_handle.hpp"
#include "runtime/node/signals.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

using namespace mp;

/// Settings from the environment and the flags. The log goes to file descriptor `log_to`: to standard error where
/// standard output belongs to a command's result.
std::optional<settings> load_settings(const config::flag_values& flags, config::kafka_use kafka, int log_to) {
  std::vector<config::complaint> warnings;
  auto loaded = config::load(config::process_environment(), flags, kafka, &warnings);
  if (auto* complaints = std::get_if<std::vector<config::complaint>>(&loaded)) {
    config::print_complaints(std::cerr, *complaints);
    return std::nullopt;
  }
  auto chosen = std::get<settings>(loaded);
  log::configure(chosen.log_level, chosen.log_format, log_to);
  for (const auto& each : warnings)
    log::warning("setting_doubtful", {{"name", each.name}, {"reason", each.text}});
  return chosen;
}

/// Gives `code` once the Kafka clients that the command left behind are destroyed. Their threads use what returning
/// from main destroys (OpenSSL's tables, static objects): a `send` ended by SIGSEGV after it had printed its reply.
/// Where a client still waits for a broker after clients_end_max the process ends here, without destructors.
int after_clients_end(int code) {
  constexpr auto clients_end_max = std::chrono::seconds{2};
  if (kafka::background()->wait(clients_end_max))
    return code;
  log::flush();
  std::cout.flush();
  std::_Exit(code);
}

/// The command line: its subcommands, and what their options were set to.
class command_line {
public:
  command_line() {
    app_.name("models-processor");
    app_.set_version_flag("--version", MP_VERSION);
    app_.fallthrough(); // settings may stand behind the command too
    app_.require_subcommand(0, 1);
    config::add_flags(app_, flags);
    app_.add_subcommand("run", "the service (also without a command)");
    add_worker();
    add_check();
    add_send();
    add_demo();
    add_clean();
    settings_table = app_.add_subcommand("settings", "print all settings as tables in Markdown");
    telemetry_tables = app_.add_subcommand("telemetry", "print all metrics and log events as tables in Markdown");
  }

  command_line(const command_line&) = delete;
  command_line& operator=(const command_line&) = delete;

  /// Nothing when a command is to be run, else the exit code: after --help and --version, and after a complaint.
  std::optional<int> parse(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& printed) {
      return app_.exit(printed);
    } catch (const CLI::ParseError& problem) {
      std::cerr << problem.what() << "; see models-processor --help\n";
      return exit_wrong_settings;
    }
    if (!join_.empty())
      flags.settings["NODE_JOIN"] = join_;
    return *send ? complaint_about_send() : std::nullopt;
  }

  config::flag_values flags{};
  check_options checking{};
  send_options sending{};
  demo_options demonstrating{};
  clean_options cleaning{};
  CLI::App* worker = nullptr; ///< of these, the one that was given is true
  CLI::App* check = nullptr;
  CLI::App* send = nullptr;
  CLI::App* demo = nullptr;
  CLI::App* clean = nullptr;
  CLI::App* settings_table = nullptr;
  CLI::App* telemetry_tables = nullptr;

private:
  void add_worker() {
    worker = app_.add_subcommand("worker", "a worker node: its models work for readers on other machines, which have "
                                           "NODE_PORT set; it needs no Kafka");
    worker->add_option("--join", join_, "the readers, HOST:PORT, several separated by commas (NODE_JOIN)");
  }

  void add_check() {
    check =
      app_.add_subcommand("check", "test every setting, Kafka (of a worker node its readers) and each model host, "
                                   "and say what to do about failures");
    auto* create = check->add_flag("--create-topics", checking.create_topics,
                                   "create the topics of requests, replies and dead letters that are not there");
    check->add_option("--join", join_, "as for `worker`: test what that needs (NODE_JOIN)")->excludes(create);
    check->add_option("--partitions", checking.partitions, "of a topic that is created")
      ->check(CLI::Range(1, 10'000))
      ->needs(create)
      ->capture_default_str();
    check
      ->add_option("--replication-factor", checking.replication_factor,
                   "of a topic that is created; by default as the broker is set up")
      ->check(CLI::Range(1, 100))
      ->needs(create);
  }

  void add_send() {
    send = app_.add_subcommand("send", "publish one request, wait for its reply, print it");
    auto* photo = send->add_option("--photo", sending.photo_file, "image file to ask about")->check(CLI::ExistingFile);
    send->add_option("--prompt", sending.prompt, "what to ask about the photo")->needs(photo);
    send->add_option("--text", sending.text, "text to ask")->excludes(photo);
    send->add_option("--email", sending.user_email, "user_email of the request")->capture_default_str();
    send->add_option("--key", sending.key, "record key; a random one by default");
    send->add_option("--timeout", send_timeout_, "how long to wait for the reply")->capture_default_str();
  }

  void add_demo() {
    demo = app_.add_subcommand("demo", "the whole path in one process with an embedded broker; deploy/demo calls it");
    demo->add_flag("--once", demonstrating.once, "end after the replies");
    demo->add_option("--photo", demonstrating.photo_file, "image file to send")->check(CLI::ExistingFile)->required();
  }

  void add_clean() {
    clean = app_.add_subcommand(
      "clean", "read a model's text from standard input, print the answer that the service would publish");
    clean->add_flag("--json", cleaning.json,
                    "print one line {\"outcome\",\"answer\",\"repairs\"} instead of the answer alone");
    auto* as_text = clean->add_flag("--text", cleaning.text, "the answer is a text; by default it has to be JSON");
    clean->add_flag("--cut", cleaning.cut,
                    "the model ended at its length limit: what is not whole is refused, never mended");
    clean->add_option("--schema", cleaning.schema_file, "file of a JSON Schema that the answer has to follow")
      ->excludes(as_text);
  }

  std::optional<int> complaint_about_send() {
    auto timeout = config::parse_duration(send_timeout_);
    if (!timeout || timeout->count() == 0) {
      std::cerr << "--timeout: \"" << send_timeout_
                << "\" is not allowed; allowed: a duration above 0 such as 30 or 2m\n";
      return exit_wrong_settings;
    }
    sending.timeout = *timeout;
    if (sending.photo_file.empty() && sending.text.empty()) {
      std::cerr << "send: give --photo FILE with --prompt, or --text\n";
      return exit_wrong_settings;
    }
    if (!sending.photo_file.empty() && sending.prompt.empty()) {
      std::cerr << "send: a photo needs --prompt\n";
      return exit_wrong_settings;
    }
    return std::nullopt;
  }

  CLI::App app_{"models-processor: reads AI requests from Kafka, has local Ollama models answer them, publishes the "
                "cleaned answers to Kafka.\n"
                "Every setting is an environment variable and a flag; flags win."};
  std::string join_;
  std::string send_timeout_ = "120";
};

} // namespace

int main(int argc, char** argv) {
  block_stop_signals();
  command_line line;
  if (auto code = line.parse(argc, argv))
    return *code;
  if (*line.settings_table) {
    std::cout << config::markdown_table();
    return exit_well;
  }
  if (*line.telemetry_tables) {
    std::cout << "**Metrics**\n\n" << metrics_markdown() << "\n**Log events**\n\n" << log::events_markdown();
    return exit_well;
  }
  auto is_tool = *line.check || *line.send || *line.demo || *line.clean;
  auto is_node =
    *line.worker
    || (*line.check
        && (line.flags.settings.contains("NODE_JOIN") || config::process_environment().contains("NODE_JOIN")));
  auto kafka = *line.clean || is_node ? config::kafka_use::none
               : *line.demo           ? config::kafka_use::own
                                      : config::kafka_use::cluster;
  auto chosen = load_settings(line.flags, kafka, is_tool ? STDERR_FILENO : STDOUT_FILENO);
  if (!chosen)
    return exit_wrong_settings;
  line.demonstrating.port_chosen =
    line.flags.settings.contains("PORT") || config::process_environment().contains("PORT");
  try {
    if (*line.check)
      return after_clients_end(check_command(*chosen, line.checking));
    if (*line.send)
      return after_clients_end(send_command(*chosen, line.sending));
    if (*line.clean)
      return clean_command(*chosen, line.cleaning, std::cin, std::cout, std::cerr);
    if (*line.demo)
      return after_clients_end(demo_command(*chosen, line.demonstrating));
    if (*line.worker && chosen->node_join.empty()) {
      std::cerr << "worker: give --join HOST:PORT, or set NODE_JOIN, to the NODE_PORT of a reader\n";
      return exit_wrong_settings;
    }
    return after_clients_end(run_command(*chosen, *line.worker ? node_role::worker : node_role::reader));
  } catch (const std::exception& problem) {
    log::flush();
    std::cerr << "models-processor: " << problem.what() << "\n";
    return after_clients_end(exit_failed);
  }
}
