#define CAF_SUITE clean
#include "tests/support/test.hpp"

#include "runtime/commands/commands.hpp"
#include "runtime/config/load.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

using namespace mp;

namespace {

struct run_of_clean {
  int exit_code = 0;
  std::string output;
  std::string complaint;
  std::size_t unread = 0; ///< bytes of the input that were left
};

run_of_clean clean(const std::string& raw, const clean_options& options = {}, std::size_t bytes_max = 1 << 20) {
  auto chosen = config::default_settings();
  chosen.max_answer_bytes = bytes_max;
  std::istringstream in{raw};
  std::ostringstream out;
  std::ostringstream complaints;
  run_of_clean run;
  run.exit_code = clean_command(chosen, options, in, out, complaints);
  run.output = out.str();
  run.complaint = complaints.str();
  in.clear();
  run.unread = raw.size() - static_cast<std::size_t>(in.tellg());
  return run;
}

const clean_options as_line{.json = true};

/// A file that is gone with its scope.
struct test_file {
  std::string path;

  explicit test_file(std::string_view text)
    : path(std::filesystem::temp_directory_path() / ("clean_schema_" + std::to_string(getpid()) + ".json")) {
    std::ofstream{path} << text;
  }
  test_file(const test_file&) = delete;
  test_file& operator=(const test_file&) = delete;
  ~test_file() { std::filesystem::remove(path); }
};

} // namespace

TEST_CASE("the clean answer is printed as one line, nothing else, and the exit code is 0") {
  const auto run = clean("Sure!\n```json\n{\"dish_name\": \"Pizza\", \"price\": 1.50,}\n```\n");
  CHECK_EQ(run.exit_code, exit_well);
  CHECK_EQ(run.output, "{\"dish_name\":\"Pizza\",\"price\":1.50}\n");
  CHECK_EQ(run.complaint, "");
}

TEST_CASE("with --json the line tells outcome, answer and repairs") {
  CHECK_EQ(clean("{\"a\": 1}\n", as_line).output, R"({"outcome":"clean","answer":{"a":1},"repairs":[]})"
                                                  "\n");
  CHECK_EQ(
    clean("Sure: {'a': 1.50, b: 12345678901234567890}", as_line).output,
    R"({"outcome":"mended","answer":{"a":1.50,"b":12345678901234567890},"repairs":["prose","single_quotes","unquoted_key"]})"
    "\n");
}

TEST_CASE("where there is no answer the reason is on standard error and the exit code is 1") {
  const auto run = clean("I cannot see a photo.");
  CHECK_EQ(run.exit_code, exit_failed);
  CHECK_EQ(run.output, "");
  CHECK_EQ(run.complaint,
           "clean: invalid_answer: the model's answer holds no valid JSON, or does not follow the schema\n");
}

TEST_CASE("with --json the line of a failure tells the reason too") {
  const auto run = clean("", as_line);
  CHECK_EQ(run.exit_code, exit_failed);
  CHECK_EQ(run.output, R"({"outcome":"failed","answer":null,"repairs":[],)"
                       R"("reason":{"code":"answer_empty","message":"the model gave an empty answer"}})"
                       "\n");
  CHECK_EQ(run.complaint, "clean: answer_empty: the model gave an empty answer\n");
}

TEST_CASE("with --cut what is not whole is refused") {
  CHECK_EQ(clean("{\"a\": [1, 2").output, "{\"a\":[1,2]}\n");
  CHECK_EQ(clean("{\"a\": [1, 2", {.cut = true}).complaint,
           "clean: truncated: the model's answer was cut at its length limit\n");
  CHECK_EQ(clean("{\"a\": 1}\nHope this", {.cut = true}).output, "{\"a\":1}\n");
}

TEST_CASE("with --text thinking goes, the rest is printed as it is") {
  CHECK_EQ(clean("<think>hm</think>\nHello,\n  world.", {.text = true}).output, "Hello,\n  world.\n");
  CHECK_EQ(clean("Hello.\n", {.text = true}).output, "Hello.\n");
  CHECK_EQ(clean("say \"x\"\n", {.json = true, .text = true}).output,
           "{\"outcome\":\"clean\",\"answer\":\"say \\\"x\\\"\\n\",\"repairs\":[]}\n");
}

TEST_CASE("an answer larger than MAX_ANSWER_BYTES is refused without reading all of it") {
  const auto run = clean(std::string(100'000, 'x'), {}, 70'000);
  CHECK_EQ(run.complaint, "clean: answer_too_large: the model's answer is larger than allowed\n");
  CHECK_EQ(run.unread, 100'000u - 70'001u);
  CHECK_EQ(clean("\"" + std::string(69'998, 'x') + "\"", {}, 70'000).exit_code, exit_well);
}

TEST_CASE("with a schema the answer has to follow it, and is brought into its form where one reading is possible") {
  const test_file schema{
    R"({"type": "object", "properties": {"calories": {"type": "number"}}, "required": ["calories"]})"};
  const clean_options options{.json = true, .schema_file = schema.path};
  CHECK_EQ(clean(R"({"calories": "285"})", options).output,
           R"({"outcome":"mended","answer":{"calories":285},"repairs":["text_to_number"]})"
           "\n");
  const auto refused = clean(R"({"calories": "many"})", options);
  CHECK_EQ(refused.exit_code, exit_failed);
  CHECK_NE(refused.output.find(R"("reason":{"code":"invalid_answer","message":"/calories)"), std::string::npos);
  CHECK_NE(refused.complaint.find("/calories"), std::string::npos);
}

TEST_CASE("a schema that cannot be used gives 2 and says why, and nothing is read") {
  const test_file schema{R"({"type": "text"})"};
  const auto run = clean("{}", {.schema_file = schema.path});
  CHECK_EQ(run.exit_code, exit_wrong_settings);
  CHECK_EQ(run.output, "");
  CHECK_NE(run.complaint.find("names a type that JSON does not have"), std::string::npos);
  CHECK_EQ(run.unread, 2u);
}
