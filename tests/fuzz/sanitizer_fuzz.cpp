// Any text of a model: the answer is valid, cleaning it again changes nothing, valid JSON passes unmended, a cut text
// is never mended, and time is linear. The first byte chooses shape and finish, the rest is the text; from 248 on it is
// repeated up to 200 KB, because what costs more than linear time shows only there.

#include "tests/fuzz/fuzz.hpp"

#include "actors/sanitizer/clean_answer.hpp"
#include "messages/json/json_text.hpp"
#include "messages/json/utf8.hpp"

#include <algorithm>
#include <string>

using namespace mp;
using fuzz::claim;

namespace {

void check_answer(const cleaned& answer, answer_shape shape, finish_reason finish) {
  const cleaning_limits limits;
  claim(is_valid_utf8(answer.text), "the answer is UTF-8");
  claim(shape == answer_shape::text || is_valid_json(answer.text, limits.depth_max), "the answer is valid JSON");
  claim(answer.object.empty() || (answer.object.front() == '{' && is_valid_json(answer.object, limits.depth_max)),
        "the object is a valid JSON object");
  if (finish == finish_reason::length && shape == answer_shape::json_required)
    claim(std::none_of(answer.mends.begin(), answer.mends.end(),
                       [](mend_kind mend) { return changes_the_answer(mend) && mend != mend_kind::invalid_utf8; }),
          "a cut answer is not mended");
  const auto again = clean_answer(answer.text, shape, finish_reason::stop);
  const auto* twice = std::get_if<cleaned>(&again);
  claim(twice != nullptr, "a clean answer is an answer");
  claim(twice->text == answer.text, "cleaning a clean answer changes nothing");
  claim(twice->mends.empty(), "cleaning a clean answer mends nothing");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const auto choice = in.byte();
  const auto shape = choice % 4 == 3 ? answer_shape::text : answer_shape::json_required;
  const auto finish = choice % 8 >= 6 ? finish_reason::length : finish_reason::stop;
  std::string large;
  while (choice >= 248 && !in.rest().empty() && large.size() < 200'000)
    large += in.rest();
  const auto raw = large.empty() ? in.rest() : std::string_view{large};
  const auto outcome = fuzz::in_linear_time(raw.size(), [&] { return clean_answer(raw, shape, finish); });
  const auto* answer = std::get_if<cleaned>(&outcome);
  if (answer != nullptr)
    check_answer(*answer, shape, finish);
  const auto first = raw.find_first_not_of(" \n\r\t");
  const auto begins_json = first != std::string_view::npos && (raw[first] == '{' || raw[first] == '[');
  if (shape == answer_shape::json_required && begins_json && is_valid_json(raw, cleaning_limits{}.depth_max))
    claim(answer != nullptr && answer->mends.empty() && answer->text == compact_json(raw),
          "valid JSON passes unmended");
  return 0;
}
