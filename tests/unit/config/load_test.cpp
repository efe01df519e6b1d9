#define CAF_SUITE load
#include "tests/support/test.hpp"

#include "runtime/config/load.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace mp;
using namespace mp::config;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

const environment broker{{"BOOTSTRAP_SERVER", "kafka:9092"}};

environment with(environment more) {
  more.insert(broker.begin(), broker.end());
  return more;
}

/// The settings; fails the test when there are complaints.
settings loaded(const environment& variables, const flag_values& flags = {}) {
  auto result = load(variables, flags);
  if (const auto* complaints = std::get_if<std::vector<complaint>>(&result))
    for (const auto& c : *complaints)
      CAF_FAIL(c.line());
  return std::get<settings>(std::move(result));
}

/// The complaints' lines; none when everything is fine.
std::vector<std::string> complaints_of(const environment& variables, const flag_values& flags = {}) {
  std::vector<std::string> lines;
  const auto result = load(variables, flags);
  if (const auto* complaints = std::get_if<std::vector<complaint>>(&result))
    for (const auto& c : *complaints)
      lines.push_back(c.line());
  return lines;
}

/// The only complaint's line.
std::string complaint_of(const environment& variables, const flag_values& flags = {}) {
  const auto lines = complaints_of(variables, flags);
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  return lines.front();
}

} // namespace

TEST_CASE("with a broker alone everything has its default") {
  const auto s = loaded(broker);
  CHECK_EQ(s.bootstrap_server, "kafka:9092");
  CHECK_EQ(s.request_topic, "eater-send-photo");
  CHECK_EQ(s.photo_reply_topic, "photo-analysis-response");
  CHECK_EQ(s.text_reply_topic, "gemini-response");
  CHECK_EQ(s.dead_letter_topic, "models-processor-dead-letter");
  CHECK(s.dead_letter_payload == dead_letter_payload::none);
  CHECK_EQ(s.consumer_group, "models-processor-group");
  CHECK_EQ(s.group_instance_id, "");
  CHECK_EQ(s.commit_interval, 100ms);
  CHECK_EQ(s.rebalance_grace, milliseconds{2s});
  CHECK(s.kafka_properties.empty());
  CHECK(!s.chaos);
  CHECK_EQ(s.api_token, "");
  CHECK(loaded(with({{"CHAOS", "1"}, {"API_TOKEN", "t"}})).chaos);
  CAF_REQUIRE_EQUAL(s.ollama_hosts.size(), 1u);
  CHECK_EQ(s.ollama_hosts[0].url(), "http://localhost:11434");
  CHECK_EQ(s.ollama_model, "llava:latest");
  CHECK_EQ(s.ollama_request_timeout, milliseconds{60s});
  CHECK_EQ(s.ollama_connect_timeout, milliseconds{1s});
  CHECK_EQ(s.ollama_first_byte_timeout, milliseconds{60s});
  CHECK_EQ(s.ollama_idle_timeout, milliseconds{15s});
  CHECK_EQ(s.ollama_load_timeout, milliseconds{300s});
  CHECK_EQ(s.ollama_health_timeout, milliseconds{5s});
  CHECK_EQ(s.ollama_health_interval, milliseconds{10s});
  CHECK_EQ(s.ollama_num_ctx, 0u);
  CHECK_EQ(s.ollama_num_predict, 2048u);
  CHECK(!s.ollama_temperature);
  CHECK_EQ(s.ollama_keep_alive, "-1");
  CHECK_EQ(s.concurrent_requests, 5u);
  CHECK_EQ(s.batch_size, 10u);
  CHECK_EQ(s.max_request_bytes, std::size_t{12} << 20);
  CHECK_EQ(s.max_in_flight_bytes, std::size_t{64} << 20);
  CHECK_EQ(s.max_attempts, 3u);
  CHECK_EQ(s.retry_backoff, 500ms);
  CHECK_EQ(s.retry_backoff_max, milliseconds{30s});
  CHECK_EQ(s.drain_timeout, milliseconds{30s});
  CHECK_EQ(s.expected_user_email, "");
  CHECK_EQ(s.max_answer_bytes, std::size_t{1} << 20);
  CHECK_EQ(s.port, 5000);
  CHECK_EQ(s.listen_address, "0.0.0.0");
  CHECK(s.log_level == log::level::info);
  CHECK(s.log_format == log::line_format::logfmt);
}

TEST_CASE("the broker is required, and an empty one is none") {
  for (const auto& variables : {environment{}, environment{{"BOOTSTRAP_SERVER", " "}}}) {
    const auto line = complaint_of(variables);
    CHECK(line.starts_with("BOOTSTRAP_SERVER: is not set; set it, or --bootstrap-server, to HOST:PORT"));
  }
  CHECK(complaint_of({}, {{{"BOOTSTRAP_SERVER", ""}}, {}}).starts_with("BOOTSTRAP_SERVER: is not set"));
}

TEST_CASE("a command that brings a broker of its own needs none, and takes one that is named") {
  for (const auto& variables : {environment{}, environment{{"BOOTSTRAP_SERVER", " "}}}) {
    const auto result = load(variables, {}, kafka_use::own);
    REQUIRE(std::holds_alternative<settings>(result));
    CHECK_EQ(std::get<settings>(result).bootstrap_server, "");
  }
  CHECK_EQ(std::get<settings>(load(broker, {}, kafka_use::own)).bootstrap_server, "kafka:9092");
  CHECK(std::holds_alternative<std::vector<complaint>>(load({{"BOOTSTRAP_SERVER", "no address"}}, {}, kafka_use::own)));
  CHECK(std::holds_alternative<std::vector<complaint>>(load({{"KAFKA_LINGER_MS", "soon"}}, {}, kafka_use::own)));
}

TEST_CASE("a flag beats the environment and the environment beats the default") {
  const auto variables = with({{"OLLAMA_MODEL", "from-environment"}, {"PORT", "1"}});
  const auto s = loaded(variables, {{{"OLLAMA_MODEL", "from-flag"}}, {}});
  CHECK_EQ(s.ollama_model, "from-flag");
  CHECK_EQ(s.port, 1);
  CHECK_EQ(s.batch_size, 10u);
}

TEST_CASE("an empty variable is not set, an empty flag takes a value away") {
  CHECK_EQ(loaded(with({{"PORT", ""}, {"OLLAMA_MODEL", "  "}})).port, 5000);
  const auto variables = with({{"EXPECTED_USER_EMAIL", "a@example.org"}, {"OLLAMA_TEMPERATURE", "1"}});
  const auto s = loaded(variables, {{{"EXPECTED_USER_EMAIL", ""}, {"OLLAMA_TEMPERATURE", ""}}, {}});
  CHECK_EQ(s.expected_user_email, "");
  CHECK(!s.ollama_temperature);
  CHECK_EQ(complaint_of(broker, {{{"PORT", ""}}, {}}),
           "--port: \"\" is not allowed; allowed: 0 to 65535; 0 is any free port");
}

TEST_CASE("values are read with their units and without white space around them") {
  const auto s = loaded(with({{"OLLAMA_REQUEST_TIMEOUT", " 90\n"},
                              {"RETRY_BACKOFF", "250ms"},
                              {"MAX_REQUEST_BYTES", "1MiB"},
                              {"OLLAMA_TEMPERATURE", "0.2"},
                              {"LOG_LEVEL", "warn"},
                              {"LOG_FORMAT", "JSON"},
                              {"DEAD_LETTER_PAYLOAD", "full"},
                              {"OLLAMA_KEEP_ALIVE", "1h30m"},
                              {"OLLAMA_HOST", "a,b:1"}}));
  CHECK_EQ(s.ollama_request_timeout, milliseconds{90s});
  CHECK_EQ(s.retry_backoff, 250ms);
  CHECK_EQ(s.max_request_bytes, std::size_t{1} << 20);
  CHECK_EQ(s.ollama_temperature, 0.2);
  CHECK(s.log_level == log::level::warning);
  CHECK(s.log_format == log::line_format::json);
  CHECK(s.dead_letter_payload == dead_letter_payload::full);
  CHECK_EQ(s.ollama_keep_alive, "1h30m");
  CHECK_EQ(s.ollama_hosts.size(), 2u);
  CHECK(loaded(with({{"LOG_LEVEL", "Critical"}})).log_level == log::level::error);
}

TEST_CASE("a complaint has the name as it was given, the value and what is allowed") {
  CHECK_EQ(complaint_of(with({{"PORT", "abc"}})),
           "PORT: \"abc\" is not allowed; allowed: 0 to 65535; 0 is any free port");
  CHECK_EQ(complaint_of(broker, {{{"BATCH_SIZE", "0"}}, {}}),
           "--batch-size: \"0\" is not allowed; allowed: 1 to 10000");
  CHECK_EQ(complaint_of(with({{"RETRY_BACKOFF_MAX", "2 days"}})),
           "RETRY_BACKOFF_MAX: \"2 days\" is not allowed; allowed: 0 s to 24 h");
  CHECK_EQ(complaint_of(with({{"LOG_LEVEL", "LOUD"}})),
           "LOG_LEVEL: \"LOUD\" is not allowed; allowed: DEBUG, INFO, WARNING, ERROR, WARN or CRITICAL");
}

TEST_CASE("all complaints come together") {
  const auto lines =
    complaints_of({{"PORT", "-1"}, {"OLLAMA_HOST", "a,a"}, {"KAFKA_LINGER_MS", "soon"}, {"MAX_ATTEMPTS", "0"}});
  CAF_REQUIRE_EQUAL(lines.size(), 5u);
  CHECK(lines[0].starts_with("BOOTSTRAP_SERVER: is not set"));
  CHECK(lines[1].starts_with("OLLAMA_HOST: \"a,a\" is not allowed; allowed: different hosts"));
  CHECK(lines[2].starts_with("MAX_ATTEMPTS: "));
  CHECK(lines[3].starts_with("PORT: "));
  CHECK(lines[4].starts_with("KAFKA_LINGER_MS: "));
}

TEST_CASE("each setting refuses what lies outside of its bounds") {
  const std::vector<std::pair<std::string, std::string>> wrong{{"BOOTSTRAP_SERVER", "kafka:0"},
                                                               {"LOCAL_MODEL_KAFKA_TOPIC", "a b"},
                                                               {"LOCAL_MODEL_KAFKA_TOPIC", ".."},
                                                               {"PHOTO_REPLY_TOPIC", "caf\xC3\xA9"},
                                                               {"TEXT_REPLY_TOPIC", "a/b"},
                                                               {"DEAD_LETTER_TOPIC", std::string(250, 'a')},
                                                               {"DEAD_LETTER_PAYLOAD", "some"},
                                                               {"CONSUMER_GROUP", "a b"},
                                                               {"GROUP_INSTANCE_ID", "a/b"},
                                                               {"COMMIT_INTERVAL", "0"},
                                                               {"REBALANCE_GRACE", "61"},
                                                               {"OLLAMA_HOST", "ftp://a"},
                                                               {"OLLAMA_MODEL", "two words"},
                                                               {"OLLAMA_REQUEST_TIMEOUT", "9ms"},
                                                               {"OLLAMA_REQUEST_TIMEOUT", "25h"},
                                                               {"OLLAMA_CONNECT_TIMEOUT", "61"},
                                                               {"OLLAMA_FIRST_BYTE_TIMEOUT", "-1"},
                                                               {"OLLAMA_IDLE_TIMEOUT", "0"},
                                                               {"OLLAMA_LOAD_TIMEOUT", "0"},
                                                               {"OLLAMA_HEALTH_TIMEOUT", "six"},
                                                               {"OLLAMA_HEALTH_INTERVAL", "10ms"},
                                                               {"OLLAMA_NUM_CTX", "-1"},
                                                               {"OLLAMA_NUM_CTX", "2000000"},
                                                               {"OLLAMA_NUM_PREDICT", "0"},
                                                               {"OLLAMA_TEMPERATURE", "2.1"},
                                                               {"OLLAMA_TEMPERATURE", "warm"},
                                                               {"OLLAMA_KEEP_ALIVE", "for ever"},
                                                               {"OLLAMA_KEEP_ALIVE", "0"},
                                                               {"OLLAMA_KEEP_ALIVE", "-0"},
                                                               {"OLLAMA_KEEP_ALIVE", "00"},
                                                               {"OLLAMA_KEEP_ALIVE", "0s"},
                                                               {"OLLAMA_KEEP_ALIVE", "0h0m"},
                                                               {"OLLAMA_KEEP_ALIVE", "-0m"},
                                                               {"OLLAMA_KEEP_ALIVE", "0.5ns"},
                                                               {"OLLAMA_KEEP_ALIVE", "-"},
                                                               {"OLLAMA_KEEP_ALIVE", "5 m"},
                                                               {"OLLAMA_KEEP_ALIVE", "1.5"},
                                                               {"CONCURRENT_REQUESTS", "0"},
                                                               {"CONCURRENT_REQUESTS", "257"},
                                                               {"CONCURRENT_REQUESTS", "4294967297"},
                                                               {"BATCH_SIZE", "10001"},
                                                               {"MAX_REQUEST_BYTES", "1"},
                                                               {"MAX_REQUEST_BYTES", "65MiB"},
                                                               {"MAX_IN_FLIGHT_BYTES", "65GiB"},
                                                               {"MAX_ATTEMPTS", "101"},
                                                               {"RETRY_BACKOFF", "x"},
                                                               {"DRAIN_TIMEOUT", "2h"},
                                                               {"MAX_ANSWER_BYTES", "0"},
                                                               {"PORT", "65536"},
                                                               {"LISTEN_ADDRESS", "all of them"},
                                                               {"LOG_FORMAT", "xml"},
                                                               {"API_TOKEN", "two words"},
                                                               {"EXPECTED_USER_EMAIL", "a b"}};
  for (const auto& [name, value] : wrong) {
    auto variables = broker;
    variables[name] = value;
    CHECK(complaint_of(variables).starts_with(name + ": "));
  }
}

TEST_CASE("unlimited answers are refused with the reason") {
  CHECK_EQ(complaint_of(with({{"OLLAMA_NUM_PREDICT", "-1"}})),
           "OLLAMA_NUM_PREDICT: \"-1\" is not allowed; allowed: 1 to 1048576; unlimited (-1) lets one answer run on "
           "for ten contexts");
}

TEST_CASE("no complaint shows a secret, an e-mail address or a password in an address") {
  for (const auto& variables :
       {with({{"EXPECTED_USER_EMAIL", "hidden text"}}), with({{"OLLAMA_HOST", "http://hidden:hidden@gpu"}}),
        with({{"CONSUMER_GROUP", "hidden@example.org x"}}), with({{"OLLAMA_HOST", "http://gpu/?key=hidden"}}),
        with({{"OLLAMA_HOST", "http://gpu:11434/v1/hidden"}}),
        with({{"OLLAMA_HOST", "gpu, http://gpu/hidden,http://b/hidden/"}}),
        with({{"OLLAMA_HOST", "http://gpu#hidden"}}), with({{"OLLAMA_HOST", "gpu/hidden"}}),
        with({{"OLLAMA_HOST", "gpu:1/hidden,b"}}), with({{"API_TOKEN", "hidden hidden"}}),
        with({{"KAFKA_SASL_PASSWORD", "hidden"}}), with({{"KAFKA_SASL_PASSWORT", "hidden"}})})
    for (const auto& line : complaints_of(variables)) {
      CHECK_EQ(line.find("hidden"), std::string::npos);
      CHECK_EQ(line.find('@'), std::string::npos);
    }
  CHECK_EQ(complaints_of(with({{"EXPECTED_USER_EMAIL", "hidden text"}})).size(), 1u);
  CHECK(complaint_of(with({{"OLLAMA_HOST", "http://gpu:11434/api/chat,b"}}))
          .starts_with("OLLAMA_HOST: \"http://gpu:11434/...,b\" is not allowed"));
}

TEST_CASE("a complaint stays one short line whatever the value is") {
  const auto line = complaint_of(with({{"PORT", "1\n2\x1b" + std::string(5000, 'x')}}));
  CHECK_EQ(line.find('\n'), std::string::npos);
  CHECK_EQ(line.find('\x1b'), std::string::npos);
  CHECK(line.size() < 250);
  const auto property = complaint_of(broker, {{}, {"no\nsuch=1"}});
  CHECK_EQ(property, "--kafka no?such: No such configuration property: \"no?such\"");
}

TEST_CASE("limits inside of a call are never longer than the call's") {
  const auto s = loaded(with({{"OLLAMA_REQUEST_TIMEOUT", "0.5"}}));
  CHECK_EQ(s.ollama_first_byte_timeout, 500ms);
  CHECK_EQ(s.ollama_idle_timeout, 500ms);
  CHECK_EQ(s.ollama_connect_timeout, 500ms);
  CHECK_EQ(s.ollama_load_timeout, milliseconds{300s});
}

TEST_CASE("a request that is larger than all that may be held is a contradiction") {
  CHECK_EQ(complaint_of(with({{"MAX_IN_FLIGHT_BYTES", "1MiB"}})),
           "MAX_REQUEST_BYTES: 12 MiB is more than MAX_IN_FLIGHT_BYTES (1 MiB): such a request could never be read");
  CHECK_EQ(loaded(with({{"MAX_IN_FLIGHT_BYTES", "1MiB"}, {"MAX_REQUEST_BYTES", "1MiB"}})).max_request_bytes,
           std::size_t{1} << 20);
}

TEST_CASE("a first pause longer than the longest is a contradiction") {
  CHECK_EQ(complaint_of(broker, {{{"RETRY_BACKOFF", "60"}}, {}}),
           "--retry-backoff: 60 s is more than RETRY_BACKOFF_MAX (30 s)");
}

TEST_CASE("topics that would make a loop or mix dead letters with replies are contradictions") {
  for (const auto* name : {"PHOTO_REPLY_TOPIC", "TEXT_REPLY_TOPIC", "DEAD_LETTER_TOPIC"})
    CHECK(complaint_of(with({{name, "eater-send-photo"}}))
            .starts_with(std::string{name} + ": is the topic of the requests too"));
  CHECK(complaint_of(with({{"DEAD_LETTER_TOPIC", "gemini-response"}}))
          .starts_with("DEAD_LETTER_TOPIC: is a topic of replies too"));
  CHECK_EQ(loaded(with({{"TEXT_REPLY_TOPIC", "photo-analysis-response"}})).text_reply_topic, "photo-analysis-response");
}

TEST_CASE("a refused value makes no contradiction on top of its complaint") {
  CHECK(complaint_of(with({{"MAX_IN_FLIGHT_BYTES", "1MiB"}, {"MAX_REQUEST_BYTES", "lots"}}))
          .starts_with("MAX_REQUEST_BYTES: \"lots\""));
}

TEST_CASE("librdkafka's properties come from variables and flags, and the flag counts") {
  const auto s = loaded(
    with(
      {{"KAFKA_LINGER_MS", "7"}, {"KAFKA_SOCKET_TIMEOUT_MS", "30000"}, {"KAFKA_LOG_LEVEL", "3"}, {"KAFKA_DEBUG", ""}}),
    {{}, {"linger.ms=8", "client.rack=a=b", "linger.ms=9"}});
  const std::map<std::string, std::string> expected{
    {"linger.ms", "9"}, {"socket.timeout.ms", "30000"}, {"log_level", "3"}, {"client.rack", "a=b"}};
  CHECK(s.kafka_properties == expected);
}

TEST_CASE("a wrong property is a complaint with its name as it was given") {
  CHECK_EQ(complaint_of(broker, {{}, {"no.such.thing=1"}}),
           "--kafka no.such.thing: No such configuration property: \"no.such.thing\"");
  CHECK_EQ(complaint_of(broker, {{}, {"socket.timeout.ms=5"}}),
           "--kafka socket.timeout.ms: Configuration property \"socket.timeout.ms\" value 5 is outside allowed range "
           "10..300000");
  CHECK_EQ(complaint_of(broker, {{}, {"linger.ms"}}),
           "--kafka: \"linger.ms\" is not allowed; allowed: NAME=VALUE with a property of librdkafka");
  CHECK_EQ(complaint_of(with({{"KAFKA_BOOTSTRAP_SERVERS", "kafka:9092"}})),
           "KAFKA_BOOTSTRAP_SERVERS: bootstrap.servers is set by BOOTSTRAP_SERVER");
}

TEST_CASE("properties that only together are wrong are one complaint") {
  const auto line =
    complaint_of(with({{"KAFKA_SECURITY_PROTOCOL", "ssl"}, {"KAFKA_SSL_CA_LOCATION", "/no/such/file.pem"}}));
  CHECK(line.starts_with("KAFKA_ properties: librdkafka refuses them together: ssl.ca.location failed"));
}

TEST_CASE("variables that are not meant for the service are left alone") {
  CHECK(loaded(with({{"KAFKA_SERVICE_HOST", "10.0.0.1"},
                     {"KAFKA_PORT", "tcp://10.0.0.1:9092"},
                     {"HOME", "/"},
                     {"OLLAMA_NUM_PARALLEL", "4"}}))
          .kafka_properties.empty());
}

TEST_CASE("the process's own environment is read whole") {
  const std::string text = "a=b=c";
  ::setenv("LOAD_TEST_VARIABLE", text.c_str(), 1);
  const auto variables = process_environment();
  ::unsetenv("LOAD_TEST_VARIABLE");
  const auto found = variables.find("LOAD_TEST_VARIABLE");
  CAF_REQUIRE(found != variables.end());
  CHECK_EQ(found->second, text);
}

TEST_CASE("a response schema is read and looked at when the program starts") {
  const auto path = std::filesystem::temp_directory_path() / ("response_schema_" + std::to_string(getpid()) + ".json");
  const auto write = [&](std::string_view text) { std::ofstream{path} << text; };
  const auto set = with({{"RESPONSE_SCHEMA", path.string()}});
  write("{ \"type\" : \"object\" }\n");
  CHECK_EQ(loaded(set).response_schema_json, R"({"type":"object"})");
  write("{\"type\": \"text\"}");
  CHECK_EQ(complaint_of(set),
           "RESPONSE_SCHEMA: \"" + path.string()
             + "\" cannot be used as a JSON Schema: \"type\" in it names a type that JSON does not have");
  write(R"({"$ref":"http://example.org/schema.json"})");
  CHECK_NE(complaint_of(set).find("a $ref in it leads out of the schema"), std::string::npos);
  write("");
  CHECK_NE(complaint_of(set).find("cannot be read, or is empty"), std::string::npos);
  std::filesystem::remove(path);
  CHECK_NE(complaint_of(set).find("cannot be read, or is empty"), std::string::npos);
  CHECK_NE(complaint_of(with({{"RESPONSE_SCHEMA", "/"}})).find("cannot be read, or is empty"), std::string::npos);
  CHECK_EQ(loaded(broker).response_schema_json, "");
}

TEST_CASE("one repair round unless told otherwise, three at most") {
  CHECK_EQ(loaded(broker).reask_rounds, 1u);
  CHECK_EQ(loaded(with({{"REPAIR_ROUNDS", "0"}})).reask_rounds, 0u);
  CHECK(!complaint_of(with({{"REPAIR_ROUNDS", "4"}})).empty());
}

TEST_CASE("models are told apart by kind and task, and listed where requests may ask for them") {
  const auto s = loaded(with({{"OLLAMA_VISION_MODEL", "bakllava"},
                              {"OLLAMA_TEXT_MODEL", "llama3:latest"},
                              {"MODEL_ROUTES", "code=codellama,chat=mistral"},
                              {"ALLOWED_MODELS", "phi3,llava:13b"}}));
  CHECK_EQ(s.ollama_vision_model, "bakllava");
  CHECK_EQ(s.ollama_text_model, "llama3:latest");
  REQUIRE_EQ(s.model_routes.size(), 2u);
  CHECK_EQ(s.model_routes[1].first, "chat");
  CHECK_EQ(s.model_routes[1].second, "mistral");
  CHECK_EQ(s.allowed_models, (std::vector<std::string>{"phi3", "llava:13b"}));
  CHECK(loaded(broker).allowed_models.empty());
  CHECK_EQ(complaint_of(with({{"MODEL_ROUTES", "codellama"}})).substr(0, 12), "MODEL_ROUTES");
}
