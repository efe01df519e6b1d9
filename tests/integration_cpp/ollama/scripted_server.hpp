#pragma once
// A server that does exactly what a test says, byte by byte: hangs, cuts, resets, lies.

#include "runtime/config/addresses.hpp"
#include "tests/support/flag.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mp::test {

struct received_request {
  std::string method;
  std::string path;
  std::string head; ///< all header lines
  std::string body;
};

/// What a script has in its hands: one accepted connection.
class scripted_connection {
public:
  explicit scripted_connection(int socket) : socket_(socket) {}

  /// The next request, or nothing when the client closes first.
  std::optional<received_request> read() {
    received_request out;
    while (true) {
      if (const auto end = buffer_.find("\r\n\r\n"); end != std::string::npos) {
        out.head = buffer_.substr(0, end + 2);
        buffer_.erase(0, end + 4);
        break;
      }
      if (!read_more())
        return std::nullopt;
    }
    out.method = out.head.substr(0, out.head.find(' '));
    const auto path = out.method.size() + 1;
    out.path = out.head.substr(path, out.head.find(' ', path) - path);
    std::size_t length = 0;
    if (const auto at = out.head.find("Content-Length: "); at != std::string::npos)
      length = std::stoul(out.head.substr(at + 16));
    while (buffer_.size() < length)
      if (!read_more())
        return std::nullopt;
    out.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return out;
  }

  /// Blocks until the client has gone.
  void wait_for_end() {
    buffer_.clear();
    while (read_more())
      buffer_.clear();
  }

  /// False when the client has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void send_stream_head() {
    send("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
  }

  bool send_chunk(std::string_view bytes) { return send(as_chunk(bytes)); }

  void send_last_chunk() { send("0\r\n\r\n"); }

  void respond(int status, std::string_view body) {
    send("HTTP/1.1 " + std::to_string(status) + " Whatever\r\nContent-Length: " + std::to_string(body.size())
         + "\r\n\r\n" + std::string{body});
  }

  /// A whole answer of these tokens.
  void answer(const std::vector<std::string>& tokens);

  static std::string as_chunk(std::string_view bytes) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + std::string{bytes} + "\r\n";
  }

  /// Makes the end of the connection a reset instead of an orderly close.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

private:
  bool read_more() {
    char bytes[65536];
    const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count > 0)
      buffer_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  int socket_;
  std::string buffer_;
};

inline std::string token_line(std::string_view content) {
  return R"({"model":"llava:latest","created_at":"2026-08-21T10:12:39.1Z","message":{"role":"assistant","content":")"
         + std::string{content}
         + R"("},"done":false})"
           "\n";
}

inline const std::string done_line =
  R"({"model":"llava:latest","created_at":"2026-08-21T10:12:39.1Z","message":{"role":"assistant","content":""},"done":true,)"
  R"("done_reason":"stop","load_duration":5025959,"prompt_eval_count":26,"eval_count":290,"eval_duration":4709213000})"
  "\n";

inline void scripted_connection::answer(const std::vector<std::string>& tokens) {
  std::string all = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& each : tokens)
    all += as_chunk(token_line(each));
  all += as_chunk(done_line);
  send(all + "0\r\n\r\n");
}

/// A loopback port of our own on which nobody listens: connections are refused.
class closed_port {
public:
  closed_port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0
        || ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error{"no loopback port"};
    port_ = ntohs(address.sin_port);
  }
  ~closed_port() { ::close(socket_); }
  closed_port(const closed_port&) = delete;
  closed_port& operator=(const closed_port&) = delete;

  config::host_address address() const { return {false, "127.0.0.1", port_}; }
  int socket() const { return socket_; }

private:
  int socket_;
  std::uint16_t port_ = 0;
};

/// Runs its script once for each connection it accepts, each on a thread of its own. The connection is closed when the
/// script returns.
class scripted_server {
public:
  using script = std::function<void(scripted_connection&)>;

  explicit scripted_server(script script) : scripted_server(std::move(script), std::make_unique<closed_port>()) {}

  /// Opens a port that was closed.
  scripted_server(script script, std::unique_ptr<closed_port> port)
    : script_(std::move(script)), port_(std::move(port)) {
    if (::listen(port_->socket(), 64) != 0)
      throw std::runtime_error{"cannot listen"};
    accepter_ = std::thread{[this] { accept_all(); }};
  }

  ~scripted_server() {
    ::shutdown(port_->socket(), SHUT_RDWR);
    accepter_.join();
    {
      const std::lock_guard guard{mutex_};
      for (const auto socket : open_)
        ::shutdown(socket, SHUT_RDWR);
    }
    for (auto& each : threads_)
      each.join();
  }

  config::host_address address() const { return port_->address(); }

  int connections() const { return connections_; }

private:
  void accept_all() {
    while (true) {
      const auto socket = ::accept4(port_->socket(), nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0)
        return;
      ++connections_;
      const std::lock_guard guard{mutex_};
      open_.insert(socket);
      threads_.emplace_back([this, socket] {
        scripted_connection connection{socket};
        script_(connection);
        const std::lock_guard inner{mutex_};
        open_.erase(socket);
        ::close(socket);
      });
    }
  }

  script script_;
  std::unique_ptr<closed_port> port_;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::set<int> open_;
  std::vector<std::thread> threads_;
  std::thread accepter_;
};

/// A listener whose queue of connections is full: a new one is neither made nor refused.
class full_listener {
public:
  full_listener() {
    ::listen(port_.socket(), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_.address().port);
    for (int i = 0; i < 8; ++i) {
      fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      ::connect(fillers_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
  }
  ~full_listener() {
    for (const auto each : fillers_)
      ::close(each);
  }
  config::host_address address() const { return port_.address(); }

private:
  closed_port port_;
  std::vector<int> fillers_;
};

/// Receives what a port reports; counts, so that a second report is seen.
template <class T>
class mailbox {
public:
  auto callback() {
    return [box = box_](T value) {
      const std::lock_guard guard{box->mutex};
      box->values.push_back(std::move(value));
      box->changed.notify_all();
    };
  }
  /// The first value reported.
  std::optional<T> wait() {
    std::unique_lock lock{box_->mutex};
    if (!box_->changed.wait_for(lock, long_enough, [this] { return !box_->values.empty(); }))
      return std::nullopt;
    return box_->values.front();
  }
  std::size_t count() const {
    const std::lock_guard guard{box_->mutex};
    return box_->values.size();
  }

private:
  struct box {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<T> values;
  };
  std::shared_ptr<box> box_ = std::make_shared<box>();
};

/// Looks at `condition` until it holds, at most long_enough.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + long_enough;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

} // namespace mp::test
