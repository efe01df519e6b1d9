#define CAF_SUITE linear_time
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"
#include "tests/unit/sanitizer/hostile_texts.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

// Time is that of this thread alone and the least of several runs, so that other work on the machine does not count.
// Four times the text may take ten times as long; reading everything again for each byte takes sixteen times.

using namespace mp;

namespace {

double thread_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double cleaning_milliseconds(std::string_view text, answer_shape shape, int runs = 3) {
  auto least = 1e9;
  for (auto run = 0; run < runs; ++run) {
    const auto begin = thread_milliseconds();
    const auto outcome = clean_answer(text, shape, finish_reason::stop);
    least = std::min(least, thread_milliseconds() - begin);
    if (std::get_if<cleaned>(&outcome) == nullptr && std::get_if<fault>(&outcome) == nullptr)
      return 1e9;
  }
  return least;
}

} // namespace

TEST_CASE("time grows with the text's size and not with its square, whatever the text is made of") {
  constexpr std::size_t small = 16 << 10; // the large ones are below
  for (const auto piece : test::hostile_pieces)
    for (const auto before : test::hostile_beginnings)
      for (const auto shape : {answer_shape::json_required, answer_shape::text}) {
        const auto once = cleaning_milliseconds(std::string(before) + test::repeated(piece, small), shape);
        const auto four_times = cleaning_milliseconds(std::string(before) + test::repeated(piece, 4 * small), shape);
        if (four_times > 10 * once + 2)
          CAF_MESSAGE("behind '" << before << "' the piece '" << piece << "': " << once << " ms, then " << four_times);
        CHECK(four_times <= 10 * once + 2);
      }
}

TEST_CASE("so it does for answers as large as they may be") {
  constexpr std::size_t large = 256 << 10;
  for (const auto piece : test::hostile_pieces)
    for (const auto shape : {answer_shape::json_required, answer_shape::text}) {
      const auto once = cleaning_milliseconds(test::repeated(piece, large), shape, 2);
      const auto four_times = cleaning_milliseconds(test::repeated(piece, 4 * large), shape, 2);
      if (four_times > 10 * once + 10)
        CAF_MESSAGE("the piece '" << piece << "': " << once << " ms, then " << four_times);
      CHECK(four_times <= 10 * once + 10);
    }
}
