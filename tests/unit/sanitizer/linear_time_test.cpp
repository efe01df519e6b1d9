#define CAF_SUITE linear_time
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

// Every text here invites a careless scanner to read the same bytes again and again. Time is that of this thread alone
// and the least of several runs, so that other work on the machine does not count. Four times the text may take ten
// times as long; reading everything again for each byte takes sixteen times.

using namespace mp;

namespace {

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size)
    text += piece;
  return text;
}

double thread_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double cleaning_milliseconds(std::string_view text, answer_shape shape) {
  auto least = 1e9;
  for (auto run = 0; run < 3; ++run) {
    const auto begin = thread_milliseconds();
    const auto outcome = clean_answer(text, shape, finish_reason::stop);
    least = std::min(least, thread_milliseconds() - begin);
    if (std::get_if<cleaned>(&outcome) == nullptr && std::get_if<fault>(&outcome) == nullptr)
      return 1e9;
  }
  return least;
}

const std::initializer_list<std::string_view> pieces{"{",
                                                     "[",
                                                     "\"",
                                                     "{\"",
                                                     "{\"a\":",
                                                     "[\"",
                                                     "\"\\",
                                                     "{'a':'",
                                                     "`",
                                                     "``` ",
                                                     "```\n{\n",
                                                     "<think>",
                                                     "</think>\n",
                                                     "<",
                                                     "{a",
                                                     "{a}",
                                                     "{a {\"x\":1} ",
                                                     "[1] ",
                                                     "{\"a\":1} ",
                                                     "{\"a\":1,} x ",
                                                     "{\"a\":1/*",
                                                     "{\"a\":1//",
                                                     "#",
                                                     "\n",
                                                     "\xC2\xA0",
                                                     "[\"a\" \"b",
                                                     "\xE2",
                                                     "\xFF",
                                                     "\xE2\x80\x9C",
                                                     "\\u12",
                                                     "}",
                                                     "]",
                                                     "{\"a\":[",
                                                     "[{",
                                                     "{\"a\":1},",
                                                     "...",
                                                     "{a=>",
                                                     "[\"a\",}",
                                                     "[\"a\"}",
                                                     "[\"a\"\nx ",
                                                     "<!--",
                                                     "{\"a\":1 # x\n",
                                                     "\\n\\\"",
                                                     "{\\\"a\\\":1}",
                                                     "\"a\":{",
                                                     "{\"a\": \"b\nc ",
                                                     "\"\"\"",
                                                     "{\"a\":\"b\"\"c\", ",
                                                     "1,000",
                                                     "(",
                                                     "{\"a\" ",
                                                     "~~~\n",
                                                     "\"a\"+",
                                                     "{\"a\":1}\n```\n",
                                                     "</",
                                                     "\"\\\"\\\""};

} // namespace

TEST_CASE("time grows with the text's size and not with its square, whatever the text is made of") {
  constexpr std::size_t small = 16 << 10;
  for (const auto piece : pieces)
    for (const std::string_view before : {"", "{\"k\":[\"x\",", "{\"k\":\"x"})
      for (const auto shape : {answer_shape::json_required, answer_shape::text}) {
        const auto once = cleaning_milliseconds(std::string(before) + repeated(piece, small), shape);
        const auto four_times = cleaning_milliseconds(std::string(before) + repeated(piece, 4 * small), shape);
        if (four_times > 10 * once + 2)
          CAF_MESSAGE("behind '" << before << "' the piece '" << piece << "': " << once << " ms, then " << four_times);
        CHECK(four_times <= 10 * once + 2);
      }
}
