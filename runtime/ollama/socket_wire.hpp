#pragma once
// The bytes of one HTTP exchange over a connected socket.

#include "runtime/ollama/tls_session.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace mp::ollama {

/// Gathers what is written and sends it, in one system call where the socket takes it, before the first read: a request
/// with its photo leaves without a copy and without a packet of its own for each part. Reads are buffered and block in
/// recv() itself under the socket's time limit, without asking poll() first. (Both together halve what cpp-httplib's
/// own stream costs per call.)
class socket_wire {
public:
  using clock = std::chrono::steady_clock;

  enum class state : std::uint8_t {
    open,
    closed, ///< by the peer, by a reset, or by our own interruption
    silent, ///< nothing came, or could be sent, within the limit
    overdue, ///< the exchange took longer than it may
  };

  /// Must be told of every newly connected socket: it may have the number of an old one.
  void connected() noexcept { silence_max_ = {}; }

  /// Begins an exchange. `tls` may be null. Both must outlive it. The deadline holds for what is sent, too.
  void begin(int socket, tls_session* tls, std::chrono::milliseconds silence_max, clock::time_point deadline);

  /// Adds to what will be sent; the bytes are copied.
  void write(std::string_view bytes);

  /// As write, without copying: the bytes must stay where they are until the exchange ends.
  void write_view(std::string_view bytes);

  /// Whether the connection of the last exchange stands and the peer has sent nothing since: on any other the next
  /// response would not be the next request's.
  bool is_quiet();

  /// Sends what was written, then gives received bytes: at most `size`, 0 at the end of the connection, -1 on any other
  /// failure. A request that could not be sent whole does not end the exchange: a server that refuses a large body
  /// answers and closes before it has read it.
  ssize_t read(char* out, std::size_t size) {
    if (size == 1 && from_ != to_) { // cpp-httplib reads lines byte by byte, a hundred reads for a short response
      *out = buffer_[from_++];
      return 1;
    }
    return read_some(out, size);
  }

  /// Received bytes that the next reads will give, at least one of them; none where read() would fail.
  std::string_view peek();

  /// From now on the peer has only this long for the rest.
  void limit_rest(std::chrono::milliseconds rest);

  state how() const noexcept { return state_; }

  /// Of the response so far.
  std::uint64_t bytes_received() const noexcept { return bytes_received_; }

  /// Whether received bytes were not read: the peer sent more than one response.
  bool has_leftover() const noexcept { return from_ < to_; }

  int socket() const noexcept { return socket_; }

private:
  void limit_silence(std::chrono::milliseconds limit);
  bool send_gathered();
  bool send_by_socket();
  bool send_by_tls();
  bool send_by_tls(std::string_view bytes);
  ssize_t read_some(char* out, std::size_t size);
  ssize_t fill();
  ssize_t receive();
  tls_limits limits() const noexcept { return {silence_max_, deadline_}; }

  int socket_ = -1;
  tls_session* tls_ = nullptr;
  std::chrono::milliseconds silence_max_{}; ///< as the socket has been told
  clock::time_point deadline_;
  bool hurried_ = false;
  state state_ = state::open;
  std::string copied_; ///< sent before the views
  std::vector<std::string_view> views_;
  std::array<char, 16 * 1024> buffer_;
  std::size_t from_ = 0;
  std::size_t to_ = 0;
  std::uint64_t bytes_received_ = 0;
};

} // namespace mp::ollama
