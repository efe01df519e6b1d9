#pragma once
// One line of the stream that answers /api/chat.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mp {

/// What one line says. Strings are joined from their parts without escapes.
struct chat_line {
  std::string content;
  std::string error;
  std::string model;
  std::string done_reason;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t answer_tokens = 0;
  std::uint64_t load_nanoseconds = 0;
  std::uint64_t answer_nanoseconds = 0;
  bool done = false;
  bool has_error = false;

  void clear() {
    content.clear();
    error.clear();
    model.clear();
    done_reason.clear();
    prompt_tokens = answer_tokens = load_nanoseconds = answer_nanoseconds = 0;
    done = has_error = false;
  }
};

/// Reads lines, one after the other, into the same chat_line.
class chat_line_reader {
public:
  chat_line_reader();
  ~chat_line_reader();

  /// The line's content, until the next call; nothing when it is no JSON object.
  const chat_line* read(std::string_view text);

private:
  class parser;
  std::unique_ptr<parser> parser_;
};

} // namespace mp
