#define CAF_SUITE settings_table
#include "tests/support/test.hpp"

#include "runtime/config/settings_table.hpp"

#include <set>

using namespace mp;
using namespace mp::config;

TEST_CASE("every default is allowed by its own setting and is what the setting then writes") {
  for (const auto& row : setting_table()) {
    settings s;
    CHECK(row.required != row.kind.read(row.fallback, s));
    settings again;
    CHECK(row.required || row.kind.read(row.kind.write(s), again));
    CHECK_EQ(row.kind.write(again), row.kind.write(s));
  }
}

TEST_CASE("every setting stands once, in its group, with a meaning that is a sentence") {
  std::set<std::string_view> names;
  auto group = setting_group::kafka;
  for (const auto& row : setting_table()) {
    CHECK(names.insert(row.name).second);
    CHECK(row.group >= group);
    group = row.group;
    CHECK(row.meaning.ends_with('.'));
    CHECK(row.meaning.front() >= 'A' && row.meaning.front() <= 'Z');
    CHECK(!row.kind.allowed.empty());
    CHECK(row.name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos);
  }
  CHECK(group == setting_group::nodes);
}

TEST_CASE("a value that is not allowed leaves the settings as they were") {
  for (const auto& row : setting_table()) {
    settings s;
    row.kind.read(row.fallback, s);
    const auto before = row.kind.write(s);
    CHECK(!row.kind.read("no \x01 value", s));
    CHECK_EQ(row.kind.write(s), before);
  }
}

TEST_CASE("the settings of the original service are there") {
  std::set<std::string_view> names;
  for (const auto& row : setting_table())
    names.insert(row.name);
  for (const auto* name : {"OLLAMA_HOST", "OLLAMA_MODEL", "OLLAMA_REQUEST_TIMEOUT", "OLLAMA_HEALTH_TIMEOUT",
                           "BOOTSTRAP_SERVER", "LOCAL_MODEL_KAFKA_TOPIC", "CONSUMER_GROUP", "EXPECTED_USER_EMAIL",
                           "LOG_LEVEL", "PORT", "CONCURRENT_REQUESTS", "BATCH_SIZE"})
    CHECK(names.contains(name));
}

TEST_CASE("a flag is the setting's name in small letters with hyphens") {
  CHECK_EQ(flag_name("OLLAMA_HOST"), "--ollama-host");
  CHECK_EQ(flag_name("PORT"), "--port");
}
