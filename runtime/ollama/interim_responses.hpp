#pragma once
// Interim responses of HTTP: those before the response that counts.

#include <cstddef>
#include <string>
#include <string_view>

namespace mp::ollama {

/// Leaves interim responses out of a connection's bytes: a client has to take any number of 1xx before the final
/// response, also ones that it did not ask for (RFC 9110, section 15.2): 100, 102 of servers that think long, 103 of
/// proxies. 101 is none of them: after it another protocol would be spoken.
class interim_responses {
public:
  enum class verdict {
    undecided, ///< more bytes are needed
    begun,     ///< the final response has begun, with the bytes of kept()
    too_many,  ///< a server that sends nothing else, or no end of one
  };

  /// Whether bytes that begin a response are enough to tell that it is the final one: so it is with nearly all.
  static bool is_final(std::string_view head);

  /// For the next exchange.
  void restart() { *this = {}; }

  /// The next byte; not to be called any more once it is decided.
  verdict take(char byte);

  /// The first bytes of the final response.
  std::string_view kept() const noexcept { return line_; }

  /// How many bytes were left out.
  std::size_t skipped() const noexcept { return skipped_; }

  static constexpr int responses_max = 100;
  static constexpr std::size_t bytes_max = 64 * 1024; ///< of all of them

private:
  std::string line_;             ///< of a status line, as far as it may be an interim one
  std::size_t end_matched_ = 0;  ///< bytes of the empty line at the end of an interim response
  bool skipping_ = false;
  int responses_ = 0;
  std::size_t skipped_ = 0;
};

} // namespace mp::ollama
