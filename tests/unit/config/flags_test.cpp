#define CAF_SUITE flags
#include "tests/support/test.hpp"

#include "runtime/config/flags.hpp"
#include "runtime/config/settings_table.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <sstream>

using namespace mp;
using namespace mp::config;

namespace {

struct command_line {
  CLI::App app;
  flag_values values;

  command_line() { add_flags(app, values); }

  void parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them from the back
    app.parse(std::move(arguments));
  }
};

} // namespace

TEST_CASE("every setting is a flag") {
  for (const auto& row : setting_table()) {
    command_line line;
    line.parse({flag_name(row.name), "value"});
    CHECK_EQ(line.values.settings.size(), 1u);
    CHECK_EQ(line.values.settings[std::string{row.name}], "value");
  }
}

TEST_CASE("flags that are not given leave no value behind") {
  command_line line;
  line.parse({});
  CHECK(line.values.settings.empty());
  CHECK(line.values.kafka.empty());
}

TEST_CASE("a value may begin with a minus, be empty, or stand behind an equals sign") {
  command_line line;
  line.parse({"--ollama-keep-alive", "-1", "--ollama-model=m:1", "--expected-user-email", ""});
  CHECK_EQ(line.values.settings["OLLAMA_KEEP_ALIVE"], "-1");
  CHECK_EQ(line.values.settings["OLLAMA_MODEL"], "m:1");
  CHECK(line.values.settings.contains("EXPECTED_USER_EMAIL"));
  CHECK_EQ(line.values.settings["EXPECTED_USER_EMAIL"], "");
}

TEST_CASE("lists with commas stay one value") {
  command_line line;
  line.parse({"--ollama-host", "a,b", "--bootstrap-server", "[::1]:9092,kafka:9092"});
  CHECK_EQ(line.values.settings["OLLAMA_HOST"], "a,b");
  CHECK_EQ(line.values.settings["BOOTSTRAP_SERVER"], "[::1]:9092,kafka:9092");
}

TEST_CASE("of a flag given twice the last value counts") {
  command_line line;
  line.parse({"--port", "1", "--port", "2"});
  CHECK_EQ(line.values.settings["PORT"], "2");
}

TEST_CASE("librdkafka's properties can be given several times, and none takes what follows it") {
  command_line line;
  line.app.add_subcommand("run");
  line.parse({"--kafka", "linger.ms=5", "--kafka", "sasl.oauthbearer.config=a=b, c=d", "run"});
  const std::vector<std::string> expected{"linger.ms=5", "sasl.oauthbearer.config=a=b, c=d"};
  CHECK_EQ(line.values.kafka, expected);
  CHECK(line.app.got_subcommand("run"));
}

TEST_CASE("help shows every group, and each setting with its meaning, bounds, default and variable") {
  command_line line;
  const auto help = line.app.help();
  for (const auto group : group_names)
    CHECK_NE(help.find("\n" + std::string{group} + ":\n"), std::string::npos);
  for (const auto& row : setting_table()) {
    CHECK_NE(help.find(flag_name(row.name) + " " + row.kind.type), std::string::npos);
    CHECK_NE(help.find("[" + std::string{row.name} + "]"), std::string::npos);
  }
  CHECK_NE(help.find("Calls per request at most; then it gets an error reply and a dead letter. Allowed: 1 to 100. "
                     "Default: 3. [MAX_ATTEMPTS]"),
           std::string::npos);
  CHECK_NE(help.find("--kafka NAME=VALUE"), std::string::npos);
}

TEST_CASE("complaints are printed one per line") {
  const std::vector<complaint> complaints{{"PORT", "is wrong"}, {"--batch-size", "is wrong too"}};
  std::ostringstream out;
  print_complaints(out, complaints);
  CHECK_EQ(out.str(), "PORT: is wrong\n--batch-size: is wrong too\n");
}
