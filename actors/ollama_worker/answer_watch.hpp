#pragma once
// Whether an answer that is still being written is finished already, or will never be. Values in, values out.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mp {

enum class answer_sign : std::uint8_t {
  none,       ///< go on reading
  complete,   ///< JSON was wanted, a whole value is there, and nothing but blanks follows
  runaway,    ///< the model repeats itself without end
  degenerate, ///< as runaway, and there is nothing else in the answer: see is_degenerate
};

/// Looks at one answer, piece by piece. Models in JSON mode may write white space for ever after the value, and any
/// model may fall into a loop [ollama 12]; both would go on to the limit of tokens while other requests wait for the
/// slot.
///
/// Linear in the answer: each byte is looked at once where JSON is wanted, and a tail of fixed size every half KiB.
class answer_watch {
public:
  /// For a text the limits are wider: "ha" five hundred times may be what was asked for, and the limit of tokens ends
  /// it anyway.
  explicit answer_watch(bool wants_json) : wants_json_(wants_json) {}

  /// `answer` is everything so far, its last `piece` bytes are new.
  answer_sign added(std::string_view answer, std::size_t piece);

  /// What a stream that broke off without a last line stands for. Ollama itself ends a stream so when more than 30
  /// pieces in a row are equal but for blanks, and the same thing would only happen again.
  answer_sign cut_off(std::string_view answer) const;

private:
  void scan(std::string_view piece);
  answer_sign look_at_tail(std::string_view answer);

  bool wants_json_;
  // the JSON value
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool complete_ = false; ///< a value has been closed and none is open
  std::size_t blank_pieces_ = 0; ///< at the end
  std::size_t blank_bytes_ = 0;
  // repetition
  std::string word_; ///< the last piece without blanks around it
  std::size_t equal_pieces_ = 0; ///< at the end, blanks aside
  std::size_t next_look_ = 0; ///< at the tail, when the answer has this size
};

/// What a broken model writes until it is loaded anew (GGGG, @@@@) [ollama 11]: one character again and again, or signs
/// without a single letter or digit. False for fewer than `bytes_min` bytes beside the blanks: a line of dashes may be
/// what was asked for.
bool is_degenerate(std::string_view answer, std::size_t bytes_min);

/// The bytes of an answer cut at its length from which on is_degenerate means something.
inline constexpr std::size_t degenerate_bytes_min = 200;

} // namespace mp
