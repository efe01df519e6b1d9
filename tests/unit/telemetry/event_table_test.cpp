#define CAF_SUITE event_table
#include "tests/support/test.hpp"

#include "actors/telemetry/event_table.hpp"

#include <set>

using namespace mp;

namespace {

/// The row of `name` in the Markdown.
std::string line_of(std::string_view name) {
  auto table = log::events_markdown();
  auto begin = table.find("| `" + std::string{name} + "` |");
  return begin == std::string::npos ? "none" : table.substr(begin, table.find('\n', begin) - begin);
}

bool is_known(std::string_view name) {
  try {
    return log::row_of(name).name == name;
  } catch (const char*) {
    return false;
  }
}

} // namespace

TEST_CASE("each event stands in the table once and has a meaning") {
  std::set<std::string_view> names;
  for (const auto& row : log::event_table) {
    CHECK(names.insert(row.name).second);
    CHECK(!row.meaning.empty());
    CHECK_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  }
}

TEST_CASE("an event that the table does not have is refused") {
  CHECK(is_known("call_failed"));
  CHECK(!is_known("call_faild"));
  CHECK(!is_known(""));
}

TEST_CASE("an event has the fields of its row, and any where the row ends in dots") {
  const auto& failed = log::row_of("call_failed");
  for (auto field : {"id", "fault", "host", "status", "attempt"})
    CHECK(log::has_field(failed, field));
  for (auto field : {"hos", "host_", "id fault", ""})
    CHECK(!log::has_field(failed, field));
  CHECK(!log::has_field(log::row_of("intake_resumed"), "id"));
  CHECK(log::has_field(log::row_of("service_started"), "MAX_ANSWER_BYTES"));
}

TEST_CASE("the README's row has name, level, fields and meaning") {
  CHECK_EQ(
    line_of("call_failed"),
    "| `call_failed` | INFO | `id`, `fault`, `host`, `status`, `attempt` | A model call without a usable answer. |");
  CHECK(line_of("kafka_client_log").starts_with("| `kafka_client_log` | any | `client`, "));
  CHECK(line_of("service_started").find(" `model`, ... | ") != std::string::npos);
  CHECK(line_of("intake_resumed").starts_with("| `intake_resumed` | INFO |  | "));
}
