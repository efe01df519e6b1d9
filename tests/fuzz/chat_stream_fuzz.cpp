// Any stream of a model server: cut at other places it says the same, and what it says keeps to the limits. The first
// nine bytes choose the limits and where the stream is cut, the rest is the stream.

#include "tests/fuzz/fuzz.hpp"

#include "actors/ollama_worker/chat_stream.hpp"
#include "messages/json/utf8.hpp"

#include <algorithm>
#include <string>

using namespace mp;
using fuzz::claim;

namespace {

/// Feeds the stream in pieces whose sizes follow from `chance`; 0: in one piece.
call_outcome read(std::string_view bytes, stream_limits limits, std::uint64_t chance) {
  chat_stream stream{limits};
  while (!bytes.empty()) {
    auto piece = bytes.size();
    if (chance != 0) {
      chance = chance * 6364136223846793005u + 1442695040888963407u;
      const auto small = (chance >> 62) != 0; // mostly a few bytes, at times hundreds
      piece = std::min<std::size_t>(piece, 1 + (chance >> 33) % (small ? 7 : 700));
    }
    if (!stream.feed(bytes.substr(0, piece)))
      break;
    bytes.remove_prefix(piece);
  }
  return stream.finish();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const auto narrow = in.byte() % 2 != 0;
  const auto chance = in.number() | 1;
  const auto limits = narrow ? stream_limits{60, 200} : stream_limits{};
  const auto stream = in.rest();
  const auto whole = fuzz::in_linear_time(stream.size(), [&] { return read(stream, limits, 0); });
  const auto pieces = fuzz::in_linear_time(stream.size(), [&] { return read(stream, limits, chance); });
  claim(whole.index() == pieces.index(), "where a stream is cut does not change its outcome");
  const auto* answer = std::get_if<raw_answer>(&whole);
  if (answer == nullptr) {
    claim(std::get<call_failure>(whole).why == std::get<call_failure>(pieces).why, "nor its fault");
    return 0;
  }
  const auto& other = std::get<raw_answer>(pieces);
  claim(answer->text.view() == other.text.view() && answer->finish == other.finish && answer->model == other.model
          && answer->answer_tokens == other.answer_tokens && answer->prompt_tokens == other.prompt_tokens,
        "nor the answer");
  claim(answer->text.size() <= limits.answer_bytes_max, "the answer keeps to its limit");
  claim(is_valid_utf8(answer->text.view()), "the answer is UTF-8");
  return 0;
}
