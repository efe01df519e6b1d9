#pragma once
// Thinking text: what a model says to itself before or between its answer, marked by tags.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mp {

/// Size in bytes of the opening thinking tag (`<think>`, `<thinking>`, `[THINK]`, ...; upper or lower case) at `at`, or
/// 0.
std::size_t opening_tag_size(std::string_view text, std::size_t at);

/// As opening_tag_size, for the closing tags.
std::size_t closing_tag_size(std::string_view text, std::size_t at);

/// Position behind the block whose opening tag is at `at`: behind its first closing tag. Nothing when it is never
/// closed.
std::optional<std::size_t> thinking_end(std::string_view text, std::size_t at);

/// What is left when the thinking is taken off the beginning.
struct untagged_text {
  std::string_view text;
  bool thought = false; ///< something was taken off
};

/// Takes off: blocks at the beginning, and everything up to a closing tag without an opening one (some models' prompts
/// hold the opening tag). Such a tag counts only where a line, a JSON value or a fence begins behind it, so a text
/// about tags is left alone. A block at the beginning that is never closed is all thinking: nothing is left. With the
/// thinking goes the white space behind it. Text without thinking comes back as it is.
untagged_text without_leading_thinking(std::string_view text);

/// As without_leading_thinking, and without the closed blocks further inside. Not in code (behind a fence's opening
/// line or directly behind a backtick or quote): there a tag is the subject, not the model's voice. Nothing when there
/// is no thinking in `text`.
std::optional<std::string> without_thinking(std::string_view text);

} // namespace mp
