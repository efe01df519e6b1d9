#pragma once
// What went wrong with a call, as a fault: from how the connection ended, or from what the server said.

#include "messages/fault.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mp {

/// How an exchange ended without a whole HTTP response.
enum class transport_failure : std::uint8_t {
  not_connected,        ///< name not resolved, refused, unreachable, no connection or TLS handshake in time
  not_trusted,          ///< the certificate is not for this host, has expired, or is of an unknown authority
  closed_before_answer, ///< end or reset of the connection before the first byte of the response
  closed_within_answer, ///< end or reset of the connection within the response
  silent_before_answer, ///< not one byte in time
  silent_within_answer, ///< a byte, then none in time
  overdue,              ///< the whole exchange took longer than it may
  not_http,             ///< the bytes are no HTTP response
  interrupted,          ///< ended by our own side
};

/// The fault of a call that ended like this.
fault fault_of(transport_failure failure);

/// The fault behind a response with this status and body that is no answer. `body` is the JSON `{"error": ...}` of
/// Ollama, the text of a proxy, or empty. What Ollama sends when: [ollama 6].
fault fault_of_response(int http_status, std::string_view body);

/// The fault behind an `error` in the middle of a stream whose status was 200; `text` is the value of `error`,
/// unescaped.
fault fault_of_error_text(std::string_view text);

/// What `body` says about the error, for classification: the text of `error`, unwrapped where it is JSON inside JSON
/// again (newer Ollama passes on llama-server's whole body as a string), with message and type joined; `body` itself
/// where it is no such JSON. At most `error_text_bytes_max` bytes of `body` are looked at. May quote the request: never
/// to be logged or published.
std::string error_text_of(std::string_view body);

/// Error texts have some hundred bytes; Ollama appends the last lines of a runner's log to some.
inline constexpr std::size_t error_text_bytes_max = 16 * 1024;

} // namespace mp
