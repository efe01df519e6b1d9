#pragma once
// The connections of the status port, all of them in one thread.

#include "runtime/status/connection_limits.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mp::status {

/// A request as it came.
struct received_head {
  std::uint64_t connection = 0;
  std::string bytes;   ///< its head, or as much of one as anybody may send; what follows is not asked for
  std::string address; ///< of the client
};

struct connection_rules {
  std::chrono::milliseconds request_time_max{3000}; ///< from the connection to the end of the request's head
  std::size_t connections_max = 0; ///< 0: as many as the process's limit of open files leaves room for
};

/// Accepts connections, reads one request from each, writes the answer, closes. Nothing here ever waits for a client: a
/// thousand that say nothing cost some kilobytes each and no thread. When there are too many, connection_limits says
/// which one goes.
class connection_loop {
public:
  /// `take` is told each request on the loop's thread and must not block; the answer is given by answer().
  connection_loop(std::function<void(received_head)> take, connection_rules rules);

  /// Stops.
  ~connection_loop();

  connection_loop(const connection_loop&) = delete;
  connection_loop& operator=(const connection_loop&) = delete;

  /// Begins to serve `listener`, which it closes at the end. To be called once. Throws std::system_error where the
  /// system has no descriptor or thread left.
  void start(int listener);

  /// The whole response to a request, from any thread. Nothing happens when its connection is gone.
  void answer(std::uint64_t connection, std::string response);

  /// Cuts all connections and ends the thread. Harmless when it was not started or is stopped already.
  void stop();

private:
  class state;
  std::unique_ptr<state> state_;
};

} // namespace mp::status
