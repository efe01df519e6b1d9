#pragma once
// The HTTP endpoints /health, /ready, /metrics, /api/status and, for tests, /debug/crash/ACTOR.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mp::status {

/// What an endpoint answers.
struct status_answer {
  int http_status = 200;
  std::string json;
};

/// Where the answers come from, and for whom they are. Each is called from several threads at once and should answer
/// within two seconds, before the usual probe gives up. One that throws makes a 500 without details; the exception's
/// text goes to the log.
struct status_handlers {
  std::function<status_answer()> health;
  std::function<status_answer()> ready;
  std::function<std::string()> metrics; ///< Prometheus text format 0.0.4
  std::function<status_answer()> status; ///< for programs on this machine, and with the token: access_to_details
  std::function<status_answer(std::string_view actor)>
    crash{}; ///< POST /debug/crash/ACTOR, with the token only; empty: there is no such path
  std::string api_token{};                                      ///< never logged; empty: no client has one
};

/// Serves GET and HEAD, for /debug/crash/ POST alone; 405 for other methods, 404 for other paths, 401 and 403 for those
/// who may not, all as JSON. One request per connection. A client that takes too long for its request is cut off, and
/// however many such clients there are, others are served at once (connection_loop). Requests for health and readiness
/// do not wait behind those for anything else.
class status_server {
public:
  /// `request_time_max`: how long a client may take to send its request; the default is longer than any probe waits.
  explicit status_server(status_handlers handlers,
                         std::chrono::milliseconds request_time_max = std::chrono::milliseconds{3000});

  /// Stops.
  ~status_server();

  status_server(const status_server&) = delete;
  status_server& operator=(const status_server&) = delete;

  /// Binds, serves from threads of its own, and gives the port; `port` 0 is any free one. To be called once.
  /// Throws std::runtime_error that says what to change when it cannot: "PORT 5000 is in use".
  std::uint16_t start(const std::string& listen_address, std::uint16_t port);

  /// Cuts open connections and returns when no handler runs any more. Harmless when not started or stopped already. Not
  /// to be called by a handler.
  void stop();

private:
  class server;
  std::unique_ptr<server> server_;
};

} // namespace mp::status
