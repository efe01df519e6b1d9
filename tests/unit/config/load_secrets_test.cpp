#define CAF_SUITE load_secrets
#include "tests/support/test.hpp"

#include "runtime/config/describe.hpp"
#include "runtime/config/load.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace mp;
using namespace mp::config;

namespace {

environment with(environment more) {
  more.emplace("BOOTSTRAP_SERVER", "kafka:9092");
  return more;
}

struct outcome {
  settings chosen;
  std::vector<std::string> complaints;
  std::vector<std::string> warnings;
};

std::vector<std::string> lines_of(const std::vector<complaint>& all) {
  std::vector<std::string> lines;
  for (const auto& each : all)
    lines.push_back(each.line());
  return lines;
}

outcome load_all(const environment& variables, const flag_values& flags = {}, kafka_use kafka = kafka_use::cluster) {
  std::vector<complaint> warnings;
  auto loaded = load(variables, flags, kafka, &warnings);
  outcome result;
  result.warnings = lines_of(warnings);
  if (auto* chosen = std::get_if<settings>(&loaded))
    result.chosen = std::move(*chosen);
  else
    result.complaints = lines_of(std::get<std::vector<complaint>>(loaded));
  return result;
}

/// A file that goes with it.
class file {
public:
  explicit file(std::string_view content) {
    static int number = 0;
    path_ = std::filesystem::temp_directory_path()
            / ("mp-secret-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    std::ofstream{path_, std::ios::binary} << content;
  }
  ~file() { std::filesystem::remove(path_); }
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  std::string path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace

TEST_CASE("every setting can stand in a file, without the line end behind it") {
  const file token{"s3cret\n"};
  const file windows{"from windows\r\n"};
  const file model{"phi3"};
  const file password{" two words \n\n"};
  const auto got = load_all(with({{"API_TOKEN_FILE", token.path()},
                                  {"OLLAMA_MODEL_FILE", model.path()},
                                  {"KAFKA_SASL_PASSWORD_FILE", password.path()},
                                  {"KAFKA_CLIENT_RACK_FILE", windows.path()}}));
  CHECK(got.complaints.empty());
  CHECK(got.warnings.empty());
  CHECK_EQ(got.chosen.api_token, "s3cret");
  CHECK_EQ(got.chosen.ollama_model, "phi3");
  CHECK_EQ(got.chosen.kafka_properties.at("sasl.password"), " two words \n");
  CHECK_EQ(got.chosen.kafka_properties.at("client.rack"), "from windows");
  for (const auto& [name, value] : settings_for_log(got.chosen))
    CHECK(value.find("s3cret") == std::string::npos && value.find("two words") == std::string::npos);
}

TEST_CASE("a required setting may stand in a file, too") {
  const file brokers{"kafka:9092\n"};
  CHECK_EQ(load_all({{"BOOTSTRAP_SERVER_FILE", brokers.path()}}).chosen.bootstrap_server, "kafka:9092");
}

TEST_CASE("a file that is of no use is one complaint that names it") {
  using all = std::vector<std::string>;
  CHECK_EQ(load_all(with({{"API_TOKEN_FILE", "/no/such/file"}})).complaints,
           all{"API_TOKEN_FILE: \"/no/such/file\" cannot be read: No such file or directory"});
  CHECK_EQ(load_all(with({{"KAFKA_SASL_PASSWORD_FILE", "/"}})).complaints,
           all{"KAFKA_SASL_PASSWORD_FILE: \"/\" cannot be read: Is a directory"});
  const file empty{"\n"};
  CHECK_EQ(load_all(with({{"API_TOKEN_FILE", empty.path()}})).complaints,
           all{"API_TOKEN_FILE: \"" + empty.path() + "\" is empty"});
  const file large{std::string(70'000, 'x')};
  CHECK_EQ(load_all(with({{"API_TOKEN_FILE", large.path()}})).complaints,
           all{"API_TOKEN_FILE: \"" + large.path() + "\" holds more than 64 KiB"});
  const file zero{std::string_view{"a\0b", 3}};
  CHECK_EQ(load_all(with({{"API_TOKEN_FILE", zero.path()}})).complaints,
           all{"API_TOKEN_FILE: \"" + zero.path() + "\" holds a NUL byte"});
  CHECK_EQ(load_all({{"BOOTSTRAP_SERVER_FILE", "/no/such/file"}}).complaints.size(), 1u);
}

TEST_CASE("a setting that is given both ways is a complaint") {
  const file token{"s3cret"};
  CHECK_EQ(load_all(with({{"API_TOKEN", "a"}, {"API_TOKEN_FILE", token.path()}})).complaints,
           std::vector<std::string>{"API_TOKEN_FILE: is set, and so is API_TOKEN; set one of them"});
  CHECK_EQ(
    load_all(with({{"KAFKA_SASL_PASSWORD", "a"}, {"KAFKA_SASL_PASSWORD_FILE", token.path()}})).complaints,
    std::vector<std::string>{"KAFKA_SASL_PASSWORD_FILE: is set, and so is KAFKA_SASL_PASSWORD; set one of them"});
  CHECK_EQ(load_all(with({{"API_TOKEN", " "}, {"API_TOKEN_FILE", token.path()}})).chosen.api_token, "s3cret");
  CHECK_EQ(load_all(with({{"API_TOKEN_FILE", token.path()}}), {{{"API_TOKEN", "flag"}}, {}}).chosen.api_token, "flag");
}

TEST_CASE("no complaint shows what a file holds") {
  const file wrong{"hidden hidden"};
  for (const auto* name :
       {"API_TOKEN_FILE", "PORT_FILE", "OLLAMA_HOST_FILE", "KAFKA_SECURITY_PROTOCOL_FILE", "KAFKA_LINGER_MS_FILE"}) {
    const auto got = load_all(with({{name, wrong.path()}}));
    CAF_REQUIRE_EQUAL(got.complaints.size(), 1u);
    CHECK(got.complaints.front().starts_with(std::string{name} + ": "));
    CHECK_EQ(got.complaints.front().find("hidden"), std::string::npos);
  }
}

TEST_CASE("a secret on the command line is taken with a warning that says what to do instead") {
  const auto got =
    load_all(with({}), {{{"API_TOKEN", "s3cret"}, {"OLLAMA_MODEL", "phi3"}}, {"sasl.password=s3cret", "linger.ms=5"}});
  CHECK_EQ(got.chosen.api_token, "s3cret");
  CHECK_EQ(got.chosen.kafka_properties.at("sasl.password"), "s3cret");
  const std::vector<std::string> expected{
    "--api-token: everybody on this machine can read command lines (ps); set API_TOKEN or API_TOKEN_FILE instead",
    "--kafka sasl.password: everybody on this machine can read command lines (ps); set KAFKA_SASL_PASSWORD or "
    "KAFKA_SASL_PASSWORD_FILE instead"};
  CHECK_EQ(got.warnings, expected);
}

TEST_CASE("actors can be crashed only by whoever has a token") {
  CHECK_EQ(load_all(with({{"CHAOS", "1"}})).complaints,
           std::vector<std::string>{
             "CHAOS: needs API_TOKEN: set it, or API_TOKEN_FILE, to what clients of /debug/crash have to show"});
  CHECK_EQ(load_all(with({{"CHAOS", "1"}, {"API_TOKEN_FILE", "/no/such/file"}})).complaints.size(), 1u);
  CHECK(load_all(with({{"CHAOS", "1"}, {"API_TOKEN", "a"}})).chosen.chaos);
}

TEST_CASE("variables of Kafka's own scripts and images are passed over with a warning") {
  for (const auto* name : {"KAFKA_HOME", "KAFKA_OPTS", "KAFKA_HEAP_OPTS", "KAFKA_VERSION", "KAFKA_LOG4J_OPTS",
                           "KAFKA_JMX_OPTS", "KAFKA_ADVERTISED_LISTENERS", "KAFKA_CFG_PROCESS_ROLES",
                           "KAFKA_ZOOKEEPER_CONNECT", "KAFKA_NO_SUCH_FILE", "KAFKA_X", "KAFKA_A__B"}) {
    const auto got = load_all(with({{name, "s3cret"}}));
    CHECK(got.complaints.empty());
    CHECK(got.chosen.kafka_properties.empty());
    CAF_REQUIRE_EQUAL(got.warnings.size(), 1u);
    CHECK(got.warnings.front().starts_with(std::string{name} + ": is passed over"));
    CHECK_EQ(got.warnings.front().find("did you mean"), std::string::npos);
    CHECK_EQ(got.warnings.front().find("s3cret"), std::string::npos);
  }
}

TEST_CASE("a variable that is nearly a property's is told with the property that was meant") {
  using pairs = std::vector<std::pair<std::string, std::string>>;
  for (const auto& [typed, meant] : pairs{{"KAFKA_SECURITY_PROTOCL", "KAFKA_SECURITY_PROTOCOL"},
                                          {"KAFKA_SECURTIY_PROTOCOL", "KAFKA_SECURITY_PROTOCOL"},
                                          {"KAFKA_SASL_PASSWORT", "KAFKA_SASL_PASSWORD"},
                                          {"KAFKA_SASL_USER_NAME", "KAFKA_SASL_USERNAME"},
                                          {"KAFKA_SSL_CA_LOCATON", "KAFKA_SSL_CA_LOCATION"}}) {
    const auto got = load_all(with({{typed, "s3cret"}}));
    CHECK(got.complaints.empty());
    CAF_REQUIRE_EQUAL(got.warnings.size(), 1u);
    CHECK_NE(got.warnings.front().find("did you mean " + meant + "?"), std::string::npos);
  }
}

TEST_CASE("a command without Kafka's clients reads none of their variables") {
  const environment variables{
    {"KAFKA_LINGER_MS", "soon"}, {"KAFKA_HOME", "/opt"}, {"PORT", "0"}, {"LOCAL_MODEL_KAFKA_TOPIC", "a"}};
  const auto got = load_all(variables, {}, kafka_use::none);
  CHECK(got.complaints.empty());
  CHECK(got.warnings.empty());
  CHECK(got.chosen.kafka_properties.empty());
  CHECK_EQ(got.chosen.bootstrap_server, "");
  CHECK_EQ(got.chosen.request_topic, "a");
  CHECK_EQ(load_all(with(variables)).complaints.size(), 1u); // linger.ms
}
