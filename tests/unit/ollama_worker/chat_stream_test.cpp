#define CAF_SUITE chat_stream
#include "tests/support/test.hpp"

#include "actors/ollama_worker/chat_stream.hpp"
#include "messages/json/utf8.hpp"

#include <string>
#include <vector>

using namespace mp;
using namespace std::string_literals;

namespace {

std::string token(std::string_view content_json) {
  return R"({"model":"llava:latest","created_at":"2026-08-21T10:12:39.1Z","message":{"role":"assistant","content":)"
         + std::string{content_json}
         + R"(},"done":false})"
           "\n";
}

const std::string last_line =
  R"({"model":"llava:latest","created_at":"2026-08-21T10:12:39.1Z","message":{"role":"assistant","content":""},"done":true,)"
  R"("done_reason":"stop","total_duration":5043500667,"load_duration":5025959,"prompt_eval_count":26,"prompt_eval_duration":325953000,)"
  R"("eval_count":290,"eval_duration":4709213000})"
  "\n";

call_outcome outcome_of(std::string_view whole, std::size_t piece_bytes = std::string::npos, stream_limits limits = {},
                        bool wants_json = false) {
  chat_stream stream{limits, wants_json};
  while (!whole.empty()) {
    if (!stream.feed(whole.substr(0, piece_bytes)))
      break;
    whole.remove_prefix(std::min(piece_bytes, whole.size()));
  }
  return stream.finish();
}

std::string answer_of(const call_outcome& outcome) {
  const auto* answer = std::get_if<raw_answer>(&outcome);
  return answer != nullptr ? std::string{answer->text.view()}
                           : "(" + std::string{to_string(std::get<call_failure>(outcome).why)} + ")";
}

} // namespace

TEST_CASE("the tokens are joined, and the last line's figures are kept") {
  const auto outcome = outcome_of(token(R"("Two")") + token(R"(" eggs")") + token(R"(".\n")") + last_line);
  REQUIRE(std::holds_alternative<raw_answer>(outcome));
  const auto& answer = std::get<raw_answer>(outcome);
  CHECK_EQ(answer.text.view(), "Two eggs.\n");
  CHECK(answer.finish == finish_reason::stop);
  CHECK_EQ(answer.model, "llava:latest");
  CHECK_EQ(answer.prompt_tokens, 26u);
  CHECK_EQ(answer.answer_tokens, 290u);
  CHECK_EQ(answer.load_time.count(), 5'025'959);
  CHECK_EQ(answer.answer_time.count(), 4'709'213'000);
}

TEST_CASE("lines cut at any byte give the same answer") {
  const auto whole = token(R"("caf\u00e9 \"q\" ")") + token(R"("\ud83c\udf55 日本")") + token(R"("a\\b")") + last_line;
  const auto expected = answer_of(outcome_of(whole));
  CHECK_EQ(expected, "café \"q\" 🍕 日本a\\b");
  for (std::size_t bytes = 1; bytes < 200; ++bytes)
    CHECK_EQ(answer_of(outcome_of(whole, bytes)), expected);
}

TEST_CASE("a stream cut after any byte is never an answer, except when only the line feed is missing") {
  const auto whole = token(R"("one")") + token(R"("two")") + last_line;
  for (std::size_t bytes = 0; bytes + 1 < whole.size(); ++bytes)
    CHECK_EQ(answer_of(outcome_of(whole.substr(0, bytes))), "(stream_cut)");
  CHECK_EQ(answer_of(outcome_of(whole.substr(0, whole.size() - 1))), "onetwo");
}

TEST_CASE("a stream that ends well formed but without done is cut") {
  CHECK_EQ(answer_of(outcome_of(token(R"("ha")") + token(R"("ha")"))), "(stream_cut)");
  CHECK_EQ(answer_of(outcome_of("")), "(stream_cut)");
}

TEST_CASE("carriage returns, blank lines and white space around lines do not matter") {
  auto first = token(R"("a")");
  first.insert(first.size() - 1, "\r");
  CHECK_EQ(answer_of(outcome_of("\n\r\n  " + first + " \t\r\n" + token(R"("b")") + "\n" + last_line + "\r\n")), "ab");
}

TEST_CASE("thoughts are not part of the answer") {
  chat_stream stream;
  CHECK(stream.feed(R"({"message":{"role":"assistant","content":"","thinking":"hmm"},"done":false})"
                    "\n"));
  CHECK(stream.feed(token(R"("yes")")));
  CHECK(!stream.is_done());
  CHECK(stream.feed(last_line));
  CHECK(stream.is_done());
  CHECK_EQ(answer_of(stream.finish()), "yes");
}

TEST_CASE("only the message's own content is the answer") {
  CHECK_EQ(
    answer_of(outcome_of(R"({"content":"x","message":{"tool_calls":[{"function":{"content":"y"}}],"content":"a"},)"
                         R"("other":{"content":"z"},"list":[{"content":"w"}],"done":true})"
                         "\n")),
    "a");
}

TEST_CASE("a done flag anywhere but at the top ends nothing") {
  CHECK_EQ(answer_of(outcome_of(R"({"message":{"content":"a","done":true},"x":{"done":true},"done":false})"
                                "\n")),
           "(stream_cut)");
}

TEST_CASE("an answer cut at its token limit is marked") {
  auto line = last_line;
  line.replace(line.find("\"stop\""), 6, "\"length\"");
  const auto outcome = outcome_of(token(R"("a")") + line);
  REQUIRE(std::holds_alternative<raw_answer>(outcome));
  CHECK(std::get<raw_answer>(outcome).finish == finish_reason::length);
}

TEST_CASE("a last line without a reason, as old servers send it, is a normal end") {
  CHECK_EQ(answer_of(outcome_of(token(R"("a")")
                                + R"({"done":true})"
                                  "\n")),
           "a");
}

TEST_CASE("the end of a load is no answer") {
  CHECK_EQ(answer_of(outcome_of(R"({"message":{"content":""},"done":true,"done_reason":"load"})"
                                "\n")),
           "(model_error)");
}

TEST_CASE("an error within the stream names its fault and the text so far is dropped") {
  const auto after_a_token = [](std::string_view line) {
    return answer_of(outcome_of(token(R"("a")") + std::string{line} + "\n"));
  };
  CHECK_EQ(after_a_token(R"({"error":"an error was encountered while running the model: unexpected EOF"})"),
           "(runner_died)");
  CHECK_EQ(
    after_a_token(R"({"error":"{\"error\":{\"code\":500,\"message\":\"something\",\"type\":\"server_error\"}}"})"),
    "(model_error)");
  CHECK_EQ(after_a_token(R"({"error":"{\"error\":{\"message\":\"x\",\"type\":\"exceed_context_size_error\"}}"})"),
           "(question_too_long)");
  CHECK_EQ(after_a_token(R"({"error":{"message":"Failed to load image or audio file","code":400}})"),
           "(photo_unreadable)");
  CHECK_EQ(after_a_token(R"({"error":""})"), "(model_error)");
  CHECK_EQ(after_a_token(R"({"error":"unexpected EOF"})"
                         "\n"
                         + last_line),
           "(runner_died)");
}

TEST_CASE("an error line without its line feed still names its fault") {
  CHECK_EQ(answer_of(outcome_of(R"({"error":"an error was encountered while running the model: unexpected EOF"})")),
           "(runner_died)");
}

TEST_CASE("no error is no error") {
  CHECK_EQ(answer_of(outcome_of(R"({"error":null,"message":{"content":"a"},"done":true})"
                                "\n")),
           "a");
}

TEST_CASE("a failure within a response whose status was fine keeps that status") {
  const auto outcome = outcome_of(token(R"("a")"));
  CHECK_EQ(std::get<call_failure>(outcome).http_status, 200);
}

TEST_CASE("a line that is no JSON object is not this protocol") {
  for (const auto* line :
       {"<html>", "[1]", "\"text\"", "{\"message\":}", "{\"done\":true} x", "nonsense", "{\"done\":true}{}"})
    CHECK_EQ(answer_of(outcome_of(std::string{line} + "\n" + last_line)), "(model_error)");
}

TEST_CASE("feed says when nothing more is wanted") {
  chat_stream stream;
  CHECK(stream.feed(token(R"("a")")));
  CHECK(!stream.feed("nonsense\n"));
  CHECK(!stream.feed(last_line));
  CHECK_EQ(answer_of(stream.finish()), "(model_error)");
}

TEST_CASE("what follows the last line changes nothing") {
  chat_stream stream;
  CHECK(stream.feed(token(R"("a")") + last_line + "nonsense\n" + token(R"("b")")));
  CHECK(stream.feed("more\n"));
  CHECK_EQ(answer_of(stream.finish()), "a");
}

TEST_CASE("an answer of the largest size is taken, one byte more is too large") {
  stream_limits limits;
  limits.answer_bytes_max = 10;
  CHECK_EQ(answer_of(outcome_of(token(R"("12345")") + token(R"("67890")") + last_line, 7, limits)), "1234567890");
  CHECK_EQ(answer_of(outcome_of(token(R"("12345")") + token(R"("678901")") + last_line, 7, limits)),
           "(answer_too_large)");
}

TEST_CASE("bytes that are no UTF-8 count as what they become in the answer") {
  stream_limits limits;
  limits.answer_bytes_max = 10;
  CHECK_EQ(answer_of(outcome_of(token("\"1234567\xFF\"") + last_line, 7, limits)), "1234567\xEF\xBF\xBD");
  CHECK_EQ(answer_of(outcome_of(token("\"12345678\xFF\"") + last_line, 7, limits)), "(answer_too_large)");
}

TEST_CASE("a line that never ends is given up at its limit, whole or in pieces") {
  stream_limits limits;
  limits.line_bytes_max = 1000;
  const auto endless = R"({"message":{"content":")" + std::string(2000, 'x');
  CHECK_EQ(answer_of(outcome_of(endless, 1, limits)), "(answer_too_large)");
  CHECK_EQ(answer_of(outcome_of(endless + "\n", std::string::npos, limits)), "(answer_too_large)");
}

TEST_CASE("many short lines are no long line") {
  stream_limits limits;
  limits.line_bytes_max = last_line.size();
  std::string whole;
  for (int i = 0; i < 1000; ++i)
    whole += token(i % 2 == 0 ? R"("x")" : R"("y")");
  CHECK_EQ(answer_of(outcome_of(whole + last_line, 33, limits)).size(), 1000u);
}

TEST_CASE("an answer with broken UTF-8 is made well formed") {
  CHECK_EQ(answer_of(outcome_of(token("\"a\xff"
                                      "b\"")
                                + last_line)),
           "a\xEF\xBF\xBD"
           "b");
  CHECK_EQ(answer_of(outcome_of(token("\"\xE6\x97\"") + token("\"\xA5\"") + last_line)), "日");
}

TEST_CASE("figures that are no whole numbers are ignored") {
  const auto outcome =
    outcome_of(R"({"done":true,"eval_count":-3,"prompt_eval_count":1.5,"load_duration":"x","eval_duration":null})"
               "\n");
  REQUIRE(std::holds_alternative<raw_answer>(outcome));
  const auto& answer = std::get<raw_answer>(outcome);
  CHECK_EQ(answer.answer_tokens + answer.prompt_tokens, 0u);
  CHECK_EQ((answer.load_time + answer.answer_time).count(), 0);
}

TEST_CASE("figures that no answer can have are ignored") {
  for (const auto* figure : {"1000000001", "9223372036854775807", "18446744073709551615", "86400000000001"}) {
    const auto number = std::string{figure};
    const auto outcome =
      outcome_of(R"({"done":true,"eval_count":)" + number + R"(,"prompt_eval_count":)" + number + R"(,"load_duration":)"
                 + (number == "1000000001" ? "86400000000001" : number) + R"(,"eval_duration":)"
                 + (number == "1000000001" ? "86400000000001" : number) + "}\n");
    REQUIRE(std::holds_alternative<raw_answer>(outcome));
    const auto& answer = std::get<raw_answer>(outcome);
    CHECK_EQ(answer.answer_tokens + answer.prompt_tokens, 0u);
    CHECK_EQ((answer.load_time + answer.answer_time).count(), 0);
  }
}

TEST_CASE("deep nesting is no way to hurt the reader") {
  CHECK_EQ(answer_of(outcome_of("{\"x\":" + std::string(100'000, '[') + "\n")), "(model_error)");
}

TEST_CASE("whatever bytes arrive, the outcome is a fault or well-formed text") {
  std::uint64_t random = 88172645463325252u; // xorshift64 with a fixed seed
  const auto whole = token(R"("caf\u00e9 \"q\" ")") + token(R"("\ud83c\udf55 日")") + last_line;
  std::size_t faults = 0, answers = 0, broken = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = whole;
    for (int i = 0; i < 2; ++i) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      damaged[random % damaged.size()] = static_cast<char>(random >> 40);
    }
    const auto outcome = outcome_of(damaged, 1 + random % 50);
    const auto* answer = std::get_if<raw_answer>(&outcome);
    ++(answer != nullptr ? answers : faults);
    broken += answer != nullptr && !is_valid_utf8(answer->text.view()) ? 1 : 0;
  }
  CHECK(faults > 1000u);
  CHECK(answers > 1000u);
  CHECK_EQ(broken, 0u);
}

TEST_CASE("where JSON is wanted a whole value and blanks end the call as a success, without a last line") {
  chat_stream stream{{}, true};
  CHECK(stream.feed(token(R"("{\"a\":1}")")));
  auto lines = 0;
  while (stream.feed(token(R"("\n")")) && lines < 100)
    ++lines;
  CHECK_EQ(lines, 7);
  CHECK(stream.is_done());
  const auto outcome = stream.finish();
  REQUIRE(std::holds_alternative<raw_answer>(outcome));
  const auto& answer = std::get<raw_answer>(outcome);
  CHECK_EQ(answer.text.view().substr(0, 7), "{\"a\":1}");
  CHECK(answer.finish == finish_reason::stop);
  CHECK_EQ(answer.model, "llava:latest");
  CHECK_EQ(answer.answer_tokens, 9u);
}

TEST_CASE("a model in a loop fails its call at once, with a fault that says which kind of loop") {
  const auto stopped_by = [](std::string_view begin, std::string_view piece) {
    chat_stream stream{{}, true};
    stream.feed(token(begin));
    auto lines = 0;
    while (stream.feed(token(piece)) && lines < 1000)
      ++lines;
    CHECK_LT(lines, 31);
    return answer_of(stream.finish());
  };
  CHECK_EQ(stopped_by(R"("{\"a\":")", R"(" 1,")"), "(runaway_answer)");
  CHECK_EQ(stopped_by(R"("G")", R"("G")"), "(degenerate_answer)");
}

TEST_CASE("a stream that Ollama ends because the model repeats itself is the model's fault, not a cut") {
  std::string loop = token(R"("{\"a\": 1")");
  for (int i = 0; i < 31; ++i)
    loop += token(R"(",")");
  CHECK_EQ(answer_of(outcome_of(loop)), "(runaway_answer)");
}

TEST_CASE(
  "an answer of one sign alone that was cut at its length is degenerate, one that ended by itself is an answer") {
  const auto said = [](std::size_t dashes, const std::string& end) {
    return token('"' + std::string(dashes, '-') + '"') + end;
  };
  const std::string cut = R"({"done":true,"done_reason":"length"})"
                          "\n";
  CHECK_EQ(answer_of(outcome_of(said(300, cut))), "(degenerate_answer)");
  CHECK_EQ(answer_of(outcome_of(said(80, cut))), std::string(80, '-'));
  CHECK_EQ(answer_of(outcome_of(said(300, last_line))), std::string(300, '-'));
}
