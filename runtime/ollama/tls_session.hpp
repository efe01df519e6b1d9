#pragma once
// TLS over a connected socket, for model servers behind an https address.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace mp {

/// A client's side of a TLS connection (1.2 or newer). The server's certificate must be valid for its name and signed
/// by an authority that the system trusts; SSL_CERT_FILE and SSL_CERT_DIR name other authorities. Does not own the
/// socket. The thread using it must have SIGPIPE blocked or ignored.
class tls_session {
public:
  /// Blocks within the socket's own time limits. Null when the handshake fails or the certificate is not good.
  static std::unique_ptr<tls_session> handshake(int socket, const std::string& host);

  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// As recv(): the bytes read, 0 at the end, -1 with errno (EAGAIN when the socket's time limit is over).
  ssize_t read(char* out, std::size_t size);

  /// Sends all of it; false when the connection is broken or the socket's time limit is over.
  bool write(std::string_view bytes);

private:
  struct state;
  explicit tls_session(std::unique_ptr<state> made);

  std::unique_ptr<state> state_;
};

} // namespace mp
