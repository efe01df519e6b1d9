#pragma once
// TLS over a connected socket, for model servers behind an https address.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace mp::ollama {

/// How long one step may take.
struct tls_limits {
  std::chrono::milliseconds silence; ///< the longest wait for the peer's next bytes, or for room for ours
  std::chrono::steady_clock::time_point deadline; ///< of all of it, however often single bytes come
};

/// Why there is no session.
struct tls_refusal {
  bool certificate =
    false; ///< the server's certificate is not trusted; otherwise the handshake failed or took too long
  std::string why; ///< in OpenSSL's words: "self-signed certificate", "wrong version number"
};

/// A client's side of a TLS connection (1.2 or newer). The server's certificate must be valid for its name and signed
/// by an authority that the system trusts; SSL_CERT_FILE and SSL_CERT_DIR name other authorities. Does not own the
/// socket, which becomes non-blocking: within one record a blocking read would go on for as long as bytes drip. The
/// thread using it must have SIGPIPE blocked or ignored.
class tls_session {
public:
  /// Null when the handshake fails or the certificate is not good; `refusal` then says why.
  static std::unique_ptr<tls_session> handshake(int socket, const std::string& host, const tls_limits& limits,
                                                tls_refusal& refusal);

  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// As recv(): the bytes read, 0 at the end, -1 with errno (EAGAIN when a limit is over).
  ssize_t read(char* out, std::size_t size, const tls_limits& limits);

  /// Sends all of it; false when the connection is broken or, with EAGAIN, a limit is over.
  bool write(std::string_view bytes, const tls_limits& limits);

  /// Whether the connection stands and nothing unread has come.
  bool is_quiet();

private:
  struct state;
  explicit tls_session(std::unique_ptr<state> made);

  std::unique_ptr<state> state_;
};

} // namespace mp::ollama
