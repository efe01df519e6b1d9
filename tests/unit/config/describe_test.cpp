#define CAF_SUITE describe
#include "tests/support/test.hpp"

#include "runtime/config/describe.hpp"
#include "runtime/config/load.hpp"
#include "runtime/config/settings_table.hpp"

#include <algorithm>
#include <sstream>

using namespace mp;
using namespace mp::config;

TEST_CASE("the table in Markdown has one line of four cells for every setting") {
  const auto table = markdown_table();
  for (const auto& row : setting_table())
    CHECK_NE(table.find("| `" + std::string{row.name} + "` | "), std::string::npos);
  CHECK_NE(table.find("| `OLLAMA_REQUEST_TIMEOUT` | `60 s` | 10 ms to 24 h | "), std::string::npos);
  CHECK_NE(table.find("| `BOOTSTRAP_SERVER` | required | "), std::string::npos);
  CHECK_NE(table.find("| `OLLAMA_TEMPERATURE` | not set | 0 to 2 | "), std::string::npos);
  std::istringstream lines{table};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| "))
      CHECK_EQ(std::count(line.begin(), line.end(), '|'), 5);
}

TEST_CASE("the log is told what differs from the defaults, and nothing else") {
  CHECK(settings_for_log(default_settings()).empty());
  const auto loaded = load({{"BOOTSTRAP_SERVER", "kafka"},
                            {"OLLAMA_HOST", "a,b"},
                            {"PORT", "5000"},
                            {"KAFKA_LINGER_MS", "7"},
                            {"RETRY_BACKOFF", "0.1"}},
                           {});
  const std::vector<std::pair<std::string, std::string>> expected{{"BOOTSTRAP_SERVER", "kafka:9092"},
                                                                  {"OLLAMA_HOST", "http://a:11434,http://b:11434"},
                                                                  {"RETRY_BACKOFF", "100 ms"},
                                                                  {"KAFKA_LINGER_MS", "7"}};
  CHECK(settings_for_log(std::get<settings>(loaded)) == expected);
}

TEST_CASE("the log is told no secret and no e-mail address") {
  auto s = default_settings();
  s.expected_user_email = "hidden@example.org";
  s.consumer_group = "hidden@example.org";
  s.kafka_properties = {{"sasl.password", "hidden"}, {"client.id", "hidden@host"}, {"sasl.username", "hidden"}};
  const auto pairs = settings_for_log(s);
  CHECK_EQ(pairs.size(), 5u);
  for (const auto& [name, value] : pairs)
    CHECK_EQ(value, "***");
}
