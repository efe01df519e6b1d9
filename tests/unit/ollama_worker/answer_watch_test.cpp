#define CAF_SUITE answer_watch
#include "tests/support/test.hpp"

#include "actors/ollama_worker/answer_watch.hpp"

#include <vector>

using namespace mp;

namespace {

/// An answer as its pieces come.
class written {
public:
  explicit written(bool wants_json) : watch_(wants_json) {}

  answer_sign add(std::string_view piece) {
    text_ += piece;
    return watch_.added(text_, piece.size());
  }

  /// Adds `piece` until there is a sign, `most` times at most. How often it was added.
  int add_until_sign(std::string_view piece, int most, answer_sign& sign) {
    for (int i = 1; i <= most; ++i)
      if ((sign = add(piece)) != answer_sign::none)
        return i;
    return 0;
  }

  answer_sign cut_off() const { return watch_.cut_off(text_); }
  std::size_t size() const { return text_.size(); }

private:
  answer_watch watch_;
  std::string text_;
};

answer_sign json_sign(const std::vector<std::string>& pieces, std::string_view then, int most) {
  written answer{true};
  for (const auto& each : pieces)
    CHECK(answer.add(each) == answer_sign::none);
  auto sign = answer_sign::none;
  answer.add_until_sign(then, most, sign);
  return sign;
}

std::string many(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i)
    text += piece;
  return text;
}

} // namespace

TEST_CASE("a whole JSON value followed by blank pieces is a complete answer, after a few of them") {
  CHECK(json_sign({"{\"a\"", ":[1,{}]", "}"}, "\n", 7) == answer_sign::none);
  CHECK(json_sign({"{\"a\"", ":[1,{}]", "}"}, "\n", 8) == answer_sign::complete);
  CHECK(json_sign({"[1,2]"}, " \t", 8) == answer_sign::complete);
  CHECK(json_sign({"{}"}, std::string(256, ' '), 1) == answer_sign::complete);
}

TEST_CASE("blanks within an open value, or before it, are no end") {
  CHECK(json_sign({"{\"a\":1,"}, "\n", 20) == answer_sign::none);
  CHECK(json_sign({"{\"a\":\"}"}, " ", 20) == answer_sign::none);
  CHECK(json_sign({"{\"a\":\"\\\"}"}, " ", 20) == answer_sign::none);
  CHECK(json_sign({"Here it is"}, "\n", 20) == answer_sign::none);
}

TEST_CASE("a value in a fence or behind prose is complete as well, and a second one opens the answer again") {
  CHECK(json_sign({"Sure:\n```json\n{\"a\":1}", "\n```"}, "\n", 8) == answer_sign::complete);
  CHECK(json_sign({"{\"a\":1}", "{\"b\""}, "\n", 20) == answer_sign::none);
}

TEST_CASE("what stands in thinking is not the answer") {
  CHECK(json_sign({"<think>{\"a\":1}"}, "\n", 20) == answer_sign::none);
  CHECK(json_sign({"<think>{\"a\":", "1}</think>{}"}, "\n", 8) == answer_sign::complete);
}

TEST_CASE("for a text a value and blanks mean nothing") {
  written answer{false};
  auto sign = answer_sign::none;
  answer.add("{}");
  CHECK_EQ(answer.add_until_sign("\n", 100, sign), 0);
}

TEST_CASE(
  "one piece again and again is a runaway answer: where JSON is wanted at Ollama's own limit, in a text much later") {
  auto sign = answer_sign::none;
  written json{true};
  json.add("{\"a\":");
  CHECK_EQ(json.add_until_sign(" 1,", 100, sign), 30);
  CHECK(sign == answer_sign::runaway);
  written text{false};
  text.add("Ha!");
  CHECK_EQ(text.add_until_sign(" ha", 1000, sign), 200);
  CHECK(sign == answer_sign::runaway);
}

TEST_CASE("blank pieces without end are a runaway answer where the value is not whole") {
  auto sign = answer_sign::none;
  written answer{true};
  answer.add("{\"a\":");
  CHECK_EQ(answer.add_until_sign("\n", 100, sign), 30);
  CHECK(sign == answer_sign::runaway);
}

TEST_CASE("a tail that repeats a sentence is a runaway answer") {
  auto sign = answer_sign::none;
  written json{true};
  json.add("{\"text\":\"");
  CHECK(json.add_until_sign("It is a ", 1, sign) == 0);
  const std::vector<std::string> sentence{"pizza. ", "It ", "is ", "round ", "and it is a "};
  int pieces = 0;
  while (sign == answer_sign::none && pieces < 10'000)
    sign = json.add(sentence[static_cast<std::size_t>(pieces++) % sentence.size()]);
  CHECK(sign == answer_sign::runaway);
  CHECK_GE(json.size(), 2048u);
  CHECK_LT(json.size(), 3072u);
}

TEST_CASE("an answer that only looks alike goes on") {
  written answer{true};
  auto sign = answer.add("[");
  for (int i = 0; i < 4000 && sign == answer_sign::none; ++i)
    sign = answer.add("{\"id\":" + std::to_string(i) + "},");
  CHECK(sign == answer_sign::none);
}

TEST_CASE("pieces without text, as while a model thinks aside, count for nothing") {
  auto sign = answer_sign::none;
  written answer{true};
  CHECK_EQ(answer.add_until_sign("", 1000, sign), 0);
}

TEST_CASE("a stream cut off in a loop is the loop's, any other cut is none of it") {
  written loop{false};
  loop.add("{\"a\": 1");
  for (int i = 0; i < 31; ++i)
    loop.add(",");
  CHECK(loop.cut_off() == answer_sign::runaway);
  written garbage{false};
  for (int i = 0; i < 31; ++i)
    garbage.add("G");
  CHECK(garbage.cut_off() == answer_sign::degenerate);
  written other{false};
  other.add("It rises");
  CHECK(other.cut_off() == answer_sign::none);
}

TEST_CASE("one character without end is a degenerate answer, and so are signs without a letter") {
  for (const auto* piece : {"G", "GGGG", "@@", "@!#", "\xEF\xBF\xBD"}) {
    auto sign = answer_sign::none;
    written answer{true};
    CHECK_EQ(answer.add_until_sign(piece, 100, sign), 30);
    CHECK(sign == answer_sign::degenerate);
  }
}

TEST_CASE("a whole answer is degenerate when it has nothing but one character or signs, and enough of them") {
  CHECK(is_degenerate(std::string(200, 'G'), 200));
  CHECK(is_degenerate(std::string(100, '@') + "\n" + std::string(100, '@'), 200));
  CHECK(is_degenerate(many("!?#$", 50), 200));
  CHECK(is_degenerate(many("\xEF\xBF\xBD", 70), 200));
  CHECK(!is_degenerate(std::string(199, 'G'), 200));
  CHECK(!is_degenerate(std::string(199, '-') + std::string(50, ' '), 200));
}

TEST_CASE("answers with words, digits or letters of any script are not degenerate") {
  CHECK(!is_degenerate("", 0));
  CHECK(!is_degenerate("   \n", 0));
  CHECK(!is_degenerate(std::string(500, '-') + "x", 200));
  CHECK(!is_degenerate(many("\xE3\x81\x82\xE3\x81\x84", 100), 200));
  CHECK(!is_degenerate(many("10", 200), 200));
}

TEST_CASE("a run of one character at the end of an answer with words is no degenerate answer but a runaway one") {
  auto sign = answer_sign::none;
  written answer{true};
  answer.add("{\"dish\":\"");
  answer.add_until_sign("G", 100, sign);
  CHECK(sign == answer_sign::runaway);
}
