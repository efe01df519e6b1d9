#include "runtime/ollama/interim_responses.hpp"

#include "messages/json/ascii.hpp"

namespace mp::ollama {
namespace {

/// Whether `byte` may stand at `place` of an interim response's status line, "HTTP/1.1 103".
bool fits(std::size_t place, char byte) {
  constexpr std::string_view pattern = "HTTP/1.v 1dd";
  const auto expected = pattern[place];
  if (expected == 'v')
    return byte == '0' || byte == '1';
  return expected == 'd' ? is_digit(byte) : byte == expected;
}

constexpr std::size_t decided_at = 12;
constexpr std::string_view head_end = "\r\n\r\n";

} // namespace

bool interim_responses::is_final(std::string_view head) {
  head = head.substr(0, decided_at);
  for (std::size_t place = 0; place < head.size(); ++place)
    if (!fits(place, head[place]))
      return true;
  return false;
}

interim_responses::verdict interim_responses::take(char byte) {
  if (!skipping_) {
    line_ += byte;
    if (!fits(line_.size() - 1, byte))
      return verdict::begun;
    if (line_.size() < decided_at)
      return verdict::undecided;
    if (line_.ends_with("101"))
      return verdict::begun;
    skipped_ += line_.size();
    line_.clear();
    skipping_ = true;
    return ++responses_ > responses_max ? verdict::too_many : verdict::undecided;
  }
  if (++skipped_ > bytes_max)
    return verdict::too_many;
  end_matched_ = byte == head_end[end_matched_] ? end_matched_ + 1 : byte == '\r' ? 1 : 0;
  if (end_matched_ == head_end.size()) {
    skipping_ = false;
    end_matched_ = 0;
  }
  return verdict::undecided;
}

} // namespace mp::ollama
