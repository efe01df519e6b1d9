#pragma once
// A keep-alive connection to one model server.

#include "actors/ollama_worker/failure_class.hpp"
#include "runtime/config/addresses.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace mp::ollama {

/// One request. The views must stay where they are until it has ended.
struct http_request {
  std::string path;
  std::span<const std::string_view> body;  ///< sent with POST, as JSON; with no pieces the request is a GET
  std::size_t body_bytes = 0;              ///< of all pieces
  std::chrono::milliseconds silence_max{}; ///< the longest wait for the peer's next byte
  std::chrono::milliseconds whole_max{};   ///< from the first byte sent to the last one received
};

struct http_result {
  int status = 0; ///< 0 when no response line came

  /// None: the response was read to its end, or to where its on_body had enough.
  std::optional<transport_failure> failure;

  /// Why there was no connection, for people: the words of the resolver or of TLS. Empty where the failure says it all.
  std::string why{};
};

/// Used by one thread. Connects when it must and keeps the connection for the next request.
class http_connection {
public:
  /// Told the status and the next piece of the response's body, whatever the status. False: enough, the connection is
  /// closed.
  using body_callback = std::function<bool(int status, std::string_view bytes)>;

  http_connection(config::host_address host, std::chrono::milliseconds connect_max);
  ~http_connection();
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  /// Blocks until the request has ended. `stop` ends it from another thread. Interim responses are passed over.
  ///
  /// A kept connection on which bytes have come since its last response is not used again: they would be taken for the
  /// answer to this request.
  ///
  /// A kept connection may have been closed by the server or a proxy while it was idle, and that can become known only
  /// by using it. So a request on a kept connection that meets its end at once, without one byte of a response, is made
  /// a second time on a fresh one. This is safe: the requests made here change nothing on the server but what is in its
  /// memory, at worst a question is thought about twice; and a server that had refused the first one would have said so
  /// in a response.
  http_result run(const http_request& request, const body_callback& on_body, const std::stop_token& stop);

  /// Within on_body: what is left of the response matters little, and may take no longer than this.
  void limit_rest(std::chrono::milliseconds rest);

private:
  class client;
  std::unique_ptr<client> client_;
};

} // namespace mp::ollama
