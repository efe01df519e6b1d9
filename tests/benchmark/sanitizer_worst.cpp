// Searches for the texts that cost the sanitizer most:   tests/benchmark/run sanitizer_worst [--seed N] [--rounds N]
// [--check]
//
// Of each shape: the dearest text of a hill climb (tests/unit/sanitizer/worst_text.hpp), its time for a byte at the
// size of the search, and that of 1 MiB of it. --check: exit code 1 where that takes more than 150 ms. The time is that
// of this thread alone.

#include "actors/sanitizer/clean_answer.hpp"
#include "tests/unit/sanitizer/worst_text.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

using namespace mp;

namespace {

constexpr std::size_t search_bytes = 128 << 10;
constexpr std::size_t largest_bytes = 1 << 20;
constexpr double largest_limit = 150; // ms

double thread_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double cleaning_milliseconds(const std::string& text, answer_shape shape, int runs) {
  const cleaning_limits limits{.answer_bytes_max = 2 * largest_bytes};
  auto least = 1e9;
  for (auto run = 0; run < runs; ++run) {
    const auto began = thread_milliseconds();
    const auto outcome = clean_answer(text, shape, finish_reason::stop, limits);
    least = std::min(least, thread_milliseconds() - began);
    if (outcome.valueless_by_exception())
      return 1e9;
  }
  return least;
}

std::string printable(const std::vector<std::string_view>& parts) {
  std::string out;
  for (const auto part : parts)
    for (const auto c : part) {
      char code[5];
      std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned char>(c));
      out += c >= ' ' && c <= '~' ? std::string(1, c) : c == '\n' ? "\\n" : code;
    }
  return out;
}

} // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 1;
  std::size_t rounds = 1000;
  auto check = false;
  for (auto i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--check") == 0)
      check = true;
    else if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
      seed = std::strtoull(argv[++i], nullptr, 10);
    else if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
      rounds = std::strtoull(argv[++i], nullptr, 10);
  }
  auto worst = 0.0;
  for (const auto shape : {answer_shape::json_required, answer_shape::text}) {
    test::worst_search search{seed, [&](const test::worst_text& each) {
                                const auto text = each.of_size(search_bytes);
                                return cleaning_milliseconds(text, shape, 2) * 1e6 / static_cast<double>(text.size());
                              }};
    const auto dearest = search.run(rounds);
    const auto largest = cleaning_milliseconds(dearest.of_size(largest_bytes), shape, 5);
    worst = std::max(worst, largest);
    std::printf("%s: %.0f ns a byte, 1 MiB %.1f ms: '%s' then '%s'\n", shape == answer_shape::text ? "text" : "JSON",
                dearest.cost, largest, printable(dearest.before).c_str(), printable(dearest.piece).c_str());
  }
  return check && worst > largest_limit ? 1 : 0;
}
