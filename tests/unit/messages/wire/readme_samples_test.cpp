#define CAF_SUITE readme_samples
#include "tests/support/source_file.hpp"
#include "tests/support/test.hpp"

#include "messages/wire/reply_json.hpp"
#include "messages/wire/request_headers.hpp"
#include "messages/wire/value_fields.hpp"
#include "tests/unit/messages/wire/decode.hpp"
#include "tests/unit/messages/wire/ended.hpp"

using namespace mp;
using namespace mp::wire_test;
using namespace std::string_literals;

namespace {

/// The JSON block under `<!-- sample: name -->`, compact.
std::string sample(std::string_view name) {
  const auto text = test::source_file("messages/README.md");
  const auto mark = text.find("<!-- sample: " + std::string{name} + " -->\n```json\n");
  if (mark == std::string::npos)
    throw std::runtime_error{"no sample " + std::string{name}};
  const auto begin = text.find("```json\n", mark) + 8;
  return compact_json(std::string_view{text}.substr(begin, text.find("```", begin) - begin));
}

request asked_by(std::string_view name, std::string_view key) { return asked(decode(sample(name), {}, {}, key)); }

const reply_facts facts{1, "llama3:latest", "http://localhost:11434", std::chrono::milliseconds{812}, "stop", ""};

} // namespace

TEST_CASE("the README's requests are understood") {
  const auto photo = asked_by("photo-request", "");
  CHECK(photo.kind == request_kind::photo);
  CHECK_EQ(photo.id, "order-17");
  const auto text = asked_by("text-request", "");
  CHECK(text.kind == request_kind::text);
  CHECK_EQ(text.prompt_json.view(), "\"How many calories has it?\"");
  CHECK(!text.history_json.empty());
}

TEST_CASE("the README's replies are what the requests get") {
  const auto photo = asked_by("photo-request", "order-17");
  const auto text = asked_by("text-request", "chat-4");
  CHECK_EQ(photo_reply(photo,
                       R"({"dish_name":"Pizza","estimated_avg_calories":285,"contains":{"protein":12.0,"carbs":36.0}})",
                       facts)
             .body,
           sample("photo-reply"));
  CHECK_EQ(text_reply(text, "About 285 a slice.", "", facts).body, sample("text-reply"));
  const auto object = R"({"calories":285,"model":"a guess"})"s;
  CHECK_EQ(text_reply(text, object, object, facts).body, sample("text-reply-object"));
}

TEST_CASE("the README's error replies are what broken requests get") {
  CHECK_EQ(error_reply(ended(asked_by("photo-request", "order-17"), fault::photo_truncated), {}).body,
           sample("photo-error"));
  CHECK_EQ(error_reply(ended(asked_by("text-request", "chat-4"), fault::expired), facts).body, sample("text-error"));
}

TEST_CASE("the README lists every code with its class and message") {
  const auto text = test::source_file("messages/README.md");
  for (const auto& each : faults()) {
    const auto letter = dead_letter(ended({}, each.kind), {});
    const auto row =
      "| `" + std::string{each.code} + "` | `" + letter.headers.at(1).second + "` | " + std::string{each.text} + " |\n";
    CHECK_EQ(text.find(row) == std::string::npos ? "missing: " + row : "", "");
  }
}

TEST_CASE("the README lists every member that is read") {
  const auto text = test::source_file("messages/README.md");
  for (const auto name : field_names)
    CHECK_EQ(text.find('`' + std::string{name} + '`') == std::string::npos ? "missing: " + std::string{name} : "", "");
}

TEST_CASE("the README lists every header that is read") {
  const auto text = test::source_file("messages/README.md");
  for (const auto& known : request_headers)
    CHECK_EQ(text.find('`' + std::string{known.name} + '`') == std::string::npos ? "missing: " + std::string{known.name}
                                                                                 : "",
             "");
}
