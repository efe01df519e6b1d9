#pragma once
// The streamed response of /api/chat, put together from bytes as they arrive.

#include "actors/ollama_worker/answer_watch.hpp"
#include "actors/ollama_worker/chat_line.hpp"
#include "messages/answer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mp {

struct stream_limits {
  std::size_t answer_bytes_max = 1u << 20; ///< of the joined answer; a model that writes more is not answering
  std::size_t line_bytes_max =
    2u << 20; ///< of one line, which is one token and some 100 bytes; room for a whole answer with escapes
};

/// Reads one stream of JSON lines [ollama 2]. Lines may be cut anywhere, end with LF or CRLF, and be blank. What a
/// model thinks is not part of its answer.
class chat_stream {
public:
  /// `wants_json`: the answer has to be JSON, so that what follows a whole value need not be waited for.
  explicit chat_stream(stream_limits limits = {}, bool wants_json = false);
  ~chat_stream();
  chat_stream(const chat_stream&) = delete;
  chat_stream& operator=(const chat_stream&) = delete;

  /// Takes the next bytes of the body. False: the call has failed, or its answer is whole although the model goes on;
  /// what follows changes nothing. True: go on, even after the last line, so that the connection can be read to its end
  /// and used again.
  bool feed(std::string_view bytes);

  /// Whether the answer is whole: the line with done:true has come, or could be done without.
  bool is_done() const noexcept;

  /// The outcome after the last byte. An answer needs done:true; a stream that ends without it is cut, whatever it said
  /// before, unless the model was in a loop (Ollama ends such a stream so, and its own shutdown looks the same). The
  /// answer's text is valid UTF-8. Call it once.
  call_outcome finish();

private:
  bool take_line(std::string_view text);
  void watch(std::size_t piece, const std::string& model);

  stream_limits limits_;
  chat_line_reader reader_;
  std::string pending_; ///< the beginning of a line whose end has not come yet
  std::string answer_;
  answer_watch watch_;
  std::uint64_t pieces_ = 0; ///< of the answer
  raw_answer last_; ///< of the last line
  std::optional<fault> failed_;
  bool done_ = false;
  bool stopped_ = false; ///< done without a last line
};

} // namespace mp
