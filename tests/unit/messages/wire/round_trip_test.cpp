#define CAF_SUITE round_trip
#include "tests/support/test.hpp"

#include "messages/wire/reply_json.hpp"
#include "tests/unit/messages/wire/decode.hpp"
#include "tests/unit/messages/wire/ended.hpp"

#include <random>

using namespace mp;
using namespace mp::wire_test;
using namespace std::string_literals;

namespace {

const reply_facts facts{1, "m", "h", std::chrono::milliseconds{5}, "stop", ""};

/// The member of the reply's value, as written.
std::string member_of(const outgoing& reply, std::string_view name) {
  std::string found = "nothing";
  for_each_member(reply.body, [&](const json_member& outer) {
    if (is_named(outer, "value"))
      for_each_member(outer.value_raw, [&](const json_member& member) {
        if (is_named(member, name))
          found = member.value_raw;
      });
  });
  return found;
}

/// JSON values that a parser into numbers and strings would write differently.
const std::vector<std::string> delicate_values{
  "12345678901234567890123",
  "1e400",
  "-1E-400",
  "-0",
  "-0.0",
  "1.10",
  "0.1000000000000000055511151231257827",
  "18446744073709551616",
  "1E+2",
  "true",
  "null",
  R"("\ud83c\udf55")",
  "\"\xF0\x9F\x8D\x95\"",
  R"("\u0000\u001f\u007f")",
  R"("\/ / \" \\ \b\f\n\r\t")",
  "\"\xE2\x80\xA8\xE2\x80\xA9\"",
  R"({"b":1,"a":2,"b":3,"":[]})",
  "{ \"spaced\" : [ 1 , 2 ] }",
  '"' + std::string(100'000, 'x') + '"',
  "{\"" + std::string(100'000, 'k') + "\":0}",
};

} // namespace

TEST_CASE("what is passed through comes back byte for byte in every kind of reply") {
  for (const auto& json : delicate_values) {
    const auto text = asked(decode(with(R"("prompt":"Hi","timestamp":)" + json + R"(,"image_id" : )" + json)));
    for (const auto& reply :
         {photo_reply(text, "{}", facts), text_reply(text, "x", "", facts),
          text_reply(text, "x", R"({"timestamp":0})", facts), error_reply(ended(text, fault::expired), facts)}) {
      CHECK(is_valid_json(reply.body, 64));
      CHECK(member_of(reply, "timestamp") == json);
      CHECK(member_of(reply, "image_id") == json);
    }
    const auto bad = refused(decode(with(R"("prompt":"","date":)" + json)));
    CHECK(member_of(error_reply(bad, facts), "date") == json);
  }
}

TEST_CASE("an analysis comes back byte for byte out of its string") {
  for (const auto& json : delicate_values) {
    const auto analysis = R"({"answer":)" + json + "}";
    CHECK(unescape(member_of(photo_reply({}, analysis, facts), "analysis")) == analysis);
  }
}

TEST_CASE("the members of an answer come back byte for byte") {
  for (const auto& json : delicate_values)
    CHECK(member_of(text_reply({}, "x", R"({"answer":)" + json + "}", facts), "answer") == json);
}

TEST_CASE("the question and the system prompt come as they were written") {
  for (const auto& json : delicate_values)
    if (json.starts_with('"') && !json.starts_with("\"\\u0000") && !json.starts_with("\"\xE2\x80\xA8")) {
      const auto text = asked(decode(with(R"("prompt":)" + json + R"(,"system":)" + json)));
      CHECK(text.prompt_json.view() == json);
      CHECK(text.system_json.view() == json);
    }
}

TEST_CASE("random senders, ids and answers come back as the same text") {
  std::mt19937 random{3};
  const auto random_text = [&] {
    static const std::vector<std::string> pieces{"a",
                                                 "Z",
                                                 "0",
                                                 " ",
                                                 "\"",
                                                 "\\",
                                                 "/",
                                                 "\n",
                                                 "\x01",
                                                 "\x7F",
                                                 "\xC3\xA9",
                                                 "\xE2\x82\xAC",
                                                 "\xF0\x9F\x8D\x95",
                                                 "\xEF\xBB\xBF",
                                                 "\\u0041",
                                                 "\0"s,
                                                 "{",
                                                 "}",
                                                 "'"};
    auto text = "x"s;
    for (auto length = random() % 40; length > 0; --length)
      text += pieces[random() % pieces.size()];
    return text;
  };
  for (int round = 0; round < 2'000; ++round) {
    const auto email = random_text();
    const auto answer = random_text();
    const auto id = random_text();
    const auto text = asked(decode(R"({"key":)" + string_literal(id) + R"(,"value":{"prompt":"Hi","user_email":)"
                                     + string_literal(email) + "}}",
                                   {}, {}, ""));
    CHECK(text.id == id);
    const auto reply = text_reply(text, answer, "", facts);
    CHECK(is_valid_json(reply.body, 8));
    CHECK(unescape(member_of(reply, "user_email")) == email);
    CHECK(unescape(member_of(reply, "response")) == answer);
    CHECK(unescape(member_of(reply, "analysis")) == answer);
    // A reply has the shape of a request but for its question: so it can be read as one.
    const auto again = asked(decode(text_reply(text, answer, R"({"prompt":"Hi"})", facts).body, {}, {}, ""));
    CHECK(again.id == id);
    CHECK(again.user_email == email);
  }
}
