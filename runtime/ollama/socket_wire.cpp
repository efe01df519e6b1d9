#include "runtime/ollama/socket_wire.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

namespace mp::ollama {
void socket_wire::limit_silence(std::chrono::milliseconds limit) {
  if (limit == silence_max_)
    return;
  silence_max_ = limit;
  if (tls_ != nullptr)
    return; // waits by itself
  const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
  const timeval value{seconds.count(), std::chrono::microseconds{limit - seconds}.count()};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
}

void socket_wire::begin(int socket, tls_session* tls, std::chrono::milliseconds silence_max,
                        clock::time_point deadline) {
  socket_ = socket;
  tls_ = tls;
  deadline_ = deadline;
  hurried_ = false;
  state_ = state::open;
  copied_.clear();
  views_.clear();
  from_ = to_ = 0;
  bytes_received_ = 0;
  limit_silence(silence_max);
}

void socket_wire::write(std::string_view bytes) {
  if (!views_.empty())
    send_gathered(); // the copied part goes first
  copied_ += bytes;
}

void socket_wire::write_view(std::string_view bytes) { views_.push_back(bytes); }

bool socket_wire::is_quiet() {
  if (has_leftover())
    return false;
  if (tls_ != nullptr)
    return tls_->is_quiet();
  char byte = 0;
  return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

ssize_t socket_wire::read_some(char* out, std::size_t size) {
  if (from_ == to_)
    if (const auto received = fill(); received <= 0)
      return received;
  const auto count = std::min(size, to_ - from_);
  std::memcpy(out, buffer_.data() + from_, count);
  from_ += count;
  return static_cast<ssize_t>(count);
}

std::string_view socket_wire::peek() {
  if (from_ == to_ && fill() <= 0)
    return {};
  return {buffer_.data() + from_, to_ - from_};
}

ssize_t socket_wire::fill() {
  const auto received = receive();
  if (received > 0) {
    from_ = 0;
    to_ = static_cast<std::size_t>(received);
  }
  return received;
}

void socket_wire::limit_rest(std::chrono::milliseconds rest) {
  deadline_ = std::min(deadline_, clock::now() + rest);
  hurried_ = true;
}

ssize_t socket_wire::receive() {
  if (state_ != state::open)
    return state_ == state::closed ? 0 : -1;
  // A failure to send shows in the read below as well, after the bytes that the peer has sent before it closed.
  if ((!copied_.empty() || !views_.empty()) && !send_gathered() && state_ != state::open)
    return -1;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock::now()).count();
    if (left <= 0) {
      state_ = state::overdue;
      return -1;
    }
    if (hurried_)
      limit_silence(std::chrono::milliseconds{left});
    const auto count = tls_ != nullptr ? tls_->read(buffer_.data(), buffer_.size(), limits())
                                       : ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EINTR)
      continue;
    if (count > 0)
      bytes_received_ += static_cast<std::uint64_t>(count);
    else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      state_ = tls_ != nullptr && clock::now() >= deadline_ ? state::overdue : state::silent;
    else
      state_ = state::closed;
    return count;
  }
}

bool socket_wire::send_gathered() {
  const auto sent = tls_ != nullptr ? send_by_tls() : send_by_socket();
  copied_.clear();
  views_.clear();
  return sent;
}

bool socket_wire::send_by_socket() {
  constexpr std::size_t parts_max = 32; // far below IOV_MAX; a chat has at most thirteen
  std::array<iovec, parts_max> parts;
  std::size_t next_view = 0;
  std::string_view current = copied_;
  while (!current.empty() || next_view < views_.size()) {
    std::size_t count = 0;
    const auto add = [&](std::string_view part) { parts[count++] = {const_cast<char*>(part.data()), part.size()}; };
    if (!current.empty())
      add(current);
    for (auto i = next_view; i < views_.size() && count < parts_max; ++i)
      add(views_[i]);
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const auto sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent > 0 && clock::now() >= deadline_) { // a peer that takes a byte now and then
      state_ = state::overdue;
      return false;
    }
    if (sent < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        state_ = state::silent;
      return false;
    }
    auto left = static_cast<std::size_t>(sent);
    while (left >= current.size()) {
      left -= current.size();
      current = {};
      if (next_view == views_.size())
        break;
      current = views_[next_view++];
    }
    current.remove_prefix(std::min(left, current.size()));
  }
  return true;
}

bool socket_wire::send_by_tls(std::string_view bytes) {
  if (tls_->write(bytes, limits()))
    return true;
  if (errno == EAGAIN)
    state_ = clock::now() >= deadline_ ? state::overdue : state::silent;
  return false;
}

bool socket_wire::send_by_tls() {
  constexpr std::size_t record_bytes_max = 16 * 1024;
  // Small parts share a record.
  for (const auto view : views_) {
    if (copied_.size() + view.size() <= record_bytes_max) {
      copied_ += view;
      continue;
    }
    if (!send_by_tls(copied_) || !send_by_tls(view))
      return false;
    copied_.clear();
  }
  return send_by_tls(copied_);
}

} // namespace mp::ollama
