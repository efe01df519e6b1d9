#pragma once
// The streamed response of /api/chat, put together from bytes as they arrive.

#include "messages/answer.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mp {

struct stream_limits {
  std::size_t answer_bytes_max = 1u << 20; ///< of the joined answer; a model that writes more is not answering
  std::size_t line_bytes_max =
    2u << 20; ///< of one line, which is one token and some 100 bytes; room for a whole answer with escapes
};

/// Reads one stream of JSON lines (ollama.md 1.3). Lines may be cut anywhere, end with LF or CRLF, and be blank. What a
/// model thinks is not part of its answer.
class chat_stream {
public:
  explicit chat_stream(stream_limits limits = {});
  ~chat_stream();
  chat_stream(const chat_stream&) = delete;
  chat_stream& operator=(const chat_stream&) = delete;

  /// Takes the next bytes of the body. False: the call has failed, and what follows changes nothing. True: go on, even
  /// after the last line, so that the connection can be read to its end and used again.
  bool feed(std::string_view bytes);

  /// Whether the line with done:true has come.
  bool is_done() const noexcept;

  /// The outcome after the last byte. An answer needs done:true; a stream that ends without it is cut, whatever it said
  /// before (Ollama ends a model that repeats itself so, and its own shutdown looks the same). The answer's text is
  /// valid UTF-8. Call it once.
  call_outcome finish();

private:
  class line_reader;
  bool take_line(std::string_view text);

  stream_limits limits_;
  std::unique_ptr<line_reader> reader_;
  std::string pending_; ///< the beginning of a line whose end has not come yet
  std::string answer_;
  raw_answer last_; ///< of the last line
  std::optional<fault> failed_;
  bool done_ = false;
};

} // namespace mp
