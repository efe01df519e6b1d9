#include "actors/ollama_worker/answer_watch.hpp"

#include "messages/json/ascii.hpp"

namespace mp {
namespace {

// After a whole value: more than any pretty-printer ends with.
constexpr std::size_t blank_pieces_max = 8;
constexpr std::size_t blank_bytes_max = 256;

// Ollama's own limit: it ends the stream at the thirty-first repetition.
constexpr std::size_t equal_pieces_in_json = 30;
constexpr std::size_t equal_pieces_in_text = 200;

// A tail that consists of one short piece again and again: sixteen times and more.
constexpr std::size_t tail_in_json = 2048;
constexpr std::size_t tail_in_text = 8192;
constexpr std::size_t period_max = 128;
constexpr std::size_t needle_size = 32;
constexpr std::size_t look_every = 512;

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Whether the last `size` bytes repeat a piece of at most period_max bytes. The last bytes are searched for just
/// before themselves, which nearly always fails at once; only a hit is compared in full.
bool tail_repeats(std::string_view answer, std::size_t size) {
  if (answer.size() < size)
    return false;
  const auto tail = answer.substr(answer.size() - size);
  const auto needle = tail.substr(size - needle_size);
  const auto before = tail.substr(size - needle_size - period_max, period_max + needle_size - 1);
  const auto at = before.rfind(needle);
  if (at == std::string_view::npos)
    return false;
  const auto period = period_max - at;
  return tail.substr(period) == tail.substr(0, size - period);
}

/// A model that thinks within its answer may write JSON there that is not its answer.
bool is_thinking(std::string_view answer) {
  const auto begin = answer.rfind("<think");
  if (begin == std::string_view::npos)
    return false;
  const auto end = answer.rfind("</think");
  return end == std::string_view::npos || end < begin;
}

answer_sign sign_of_loop(std::string_view answer) {
  return is_degenerate(answer, 1) ? answer_sign::degenerate : answer_sign::runaway;
}

} // namespace

answer_sign answer_watch::added(std::string_view answer, std::size_t piece_size) {
  const auto piece = answer.substr(answer.size() - piece_size);
  if (piece.empty())
    return answer_sign::none; // while it thinks aside
  const auto word = trimmed(piece);
  if (wants_json_) {
    scan(piece);
    blank_pieces_ = word.empty() ? blank_pieces_ + 1 : 0;
    blank_bytes_ = word.empty() ? blank_bytes_ + piece.size() : 0;
    if (complete_ && (blank_pieces_ >= blank_pieces_max || blank_bytes_ >= blank_bytes_max) && !is_thinking(answer))
      return answer_sign::complete;
  }
  if (word == word_) {
    ++equal_pieces_;
  } else {
    word_ = word;
    equal_pieces_ = 1;
  }
  if (equal_pieces_ >= (wants_json_ ? equal_pieces_in_json : equal_pieces_in_text))
    return sign_of_loop(answer);
  return look_at_tail(answer);
}

answer_sign answer_watch::cut_off(std::string_view answer) const {
  return equal_pieces_ >= equal_pieces_in_json ? sign_of_loop(answer) : answer_sign::none;
}

void answer_watch::scan(std::string_view piece) {
  for (const auto c : piece) {
    if (in_string_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
    } else if (c == '{' || c == '[') {
      ++depth_;
      complete_ = false;
    } else if (depth_ > 0) {
      if (c == '"')
        in_string_ = true;
      else if ((c == '}' || c == ']') && --depth_ == 0)
        complete_ = true;
    }
  }
}

answer_sign answer_watch::look_at_tail(std::string_view answer) {
  if (answer.size() < next_look_)
    return answer_sign::none;
  next_look_ = answer.size() + look_every;
  return tail_repeats(answer, wants_json_ ? tail_in_json : tail_in_text) ? sign_of_loop(answer) : answer_sign::none;
}

bool is_degenerate(std::string_view answer, std::size_t bytes_min) {
  const auto text = trimmed(answer);
  if (text.size() < bytes_min || text.empty())
    return false;
  // The first character with all the bytes that continue it in UTF-8.
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0u) == 0x80u)
    ++size;
  const auto first = text.substr(0, size);
  auto is_one_character = true;
  auto has_words = false;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < text.size() && (is_one_character || !has_words);) {
    const auto c = text[i];
    if (is_blank(c)) {
      ++i;
      continue;
    }
    has_words |= is_letter_or_digit(c) || (static_cast<unsigned char>(c) & 0x80u) != 0;
    const auto repeats = text.substr(i, size) == first;
    is_one_character &= repeats;
    const auto step = repeats ? size : 1;
    bytes += step;
    i += step;
  }
  return (is_one_character || !has_words) && bytes >= bytes_min;
}

} // namespace mp
