#define CAF_SUITE corrupted_answers
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"
#include "tests/unit/sanitizer/corrupted_answers.hpp"

#include <map>

using namespace mp;

TEST_CASE("of 3,000 corrupted answers at least 97 percent are recovered exactly and at most 0.5 percent wrongly") {
  constexpr std::size_t count = 3000;
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    test::dice random(seed);
    std::size_t recovered = 0;
    std::size_t wrong = 0;
    std::map<std::string, std::size_t> missed;
    for (std::size_t i = 0; i < count; ++i) {
      const auto answer = test::corrupt_an_answer(random);
      const auto outcome = clean_answer(answer.raw, answer_shape::json_required, finish_reason::stop);
      const auto* done = std::get_if<cleaned>(&outcome);
      const auto exact = done != nullptr && done->text == answer.expected;
      recovered += exact;
      wrong += done != nullptr && !exact;
      if (!exact)
        ++missed[(done != nullptr ? "wrong: " : "refused: ") + answer.kinds];
    }
    CAF_MESSAGE("seed " << seed << ": " << recovered << " recovered, " << wrong << " wrong, "
                        << count - recovered - wrong << " refused");
    for (const auto& [what, times] : missed)
      CAF_MESSAGE(times << " x " << what);
    CHECK(recovered * 100 >= count * 97);
    CHECK(wrong * 1000 <= count * 5);
  }
}
