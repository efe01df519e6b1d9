#include "runtime/status/connection_loop.hpp"

#include "runtime/status/client_connection.hpp"
#include "runtime/status/loop_inbox.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mp::status {
namespace {

using clock = std::chrono::steady_clock;
using id = std::uint64_t;

constexpr id listener_id = 0;
constexpr id wakeup_id = 1;
constexpr id first_connection_id = 2;

constexpr std::size_t head_bytes_max = 32 * 1024;
constexpr std::size_t held_bytes_max = 4u << 20; ///< of all heads and answers
constexpr std::chrono::seconds write_time_max{5};
/// A connection that is closed with something unread is reset, and the client may never see its answer.
constexpr std::chrono::seconds linger_max{1};
constexpr std::size_t lingering_bytes_max = 1u << 20;
constexpr std::chrono::milliseconds accept_pause{100};
constexpr int accepts_at_once = 256; ///< between two looks at those that are there

} // namespace

class connection_loop::state {
public:
  state(std::function<void(received_head)> take, connection_rules rules)
    : take_(std::move(take)), rules_(rules),
      limits_(connections_allowed(rules.connections_max),
              std::max<std::size_t>(1, connections_allowed(rules.connections_max) / 2)) {}

  ~state() { stop(); }

  void start(int listener) {
    listener_ = listener;
    poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    const auto wakeup = inbox_.open();
    if (poll_ == -1 || wakeup == -1 || !watch(listener_, listener_id, EPOLLIN) || !watch(wakeup, wakeup_id, EPOLLIN)) {
      const auto problem = errno;
      close_all();
      throw std::system_error{problem, std::generic_category(), "status port"};
    }
    thread_ = std::thread{[this] { run(); }};
  }

  void answer(id which, std::string response) { inbox_.put(which, std::move(response)); }

  void stop() {
    inbox_.stop();
    if (thread_.joinable())
      thread_.join();
    close_all();
  }

private:
  void run() {
    std::array<epoll_event, 256> events;
    while (!inbox_.stopping()) {
      const auto count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), milliseconds_to_next());
      for (auto i = 0; i < count; ++i)
        if (events[static_cast<std::size_t>(i)].data.u64 == listener_id)
          accept_some();
        else if (events[static_cast<std::size_t>(i)].data.u64 == wakeup_id)
          take_answers();
        else
          serve(events[static_cast<std::size_t>(i)].data.u64);
      end_overdue();
    }
  }

  bool watch(int descriptor, id which, std::uint32_t events, int operation = EPOLL_CTL_ADD) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = which;
    return ::epoll_ctl(poll_, operation, descriptor, &event) == 0;
  }

  void accept_some() {
    for (auto i = 0; i < accepts_at_once; ++i) {
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      const auto socket = ::accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0)
        admit(socket, address_of(peer));
      else if (errno == EAGAIN || errno == EWOULDBLOCK)
        return;
      else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        return make_room();
    }
  }

  /// No descriptor for another connection: the oldest goes, or all wait for a moment.
  void make_room() {
    if (const auto oldest = limits_.oldest_of_most())
      return drop(*oldest);
    ::epoll_ctl(poll_, EPOLL_CTL_DEL, listener_, nullptr);
    accept_again_at_ = clock::now() + accept_pause;
  }

  void admit(int socket, std::string address) {
    client_connection fresh;
    fresh.socket = socket;
    fresh.counted = counted_address(address);
    fresh.address = std::move(address);
    fresh.deadline = clock::now() + rules_.request_time_max;
    if (const auto crowded_out = limits_.crowded_out_by(fresh.counted))
      drop(*crowded_out);
    const auto which = next_id_++;
    if (!watch(socket, which, EPOLLIN)) {
      ::close(socket);
      return;
    }
    deadlines_.emplace(fresh.deadline, which);
    limits_.add(which, fresh.counted);
    connections_.emplace(which, std::move(fresh));
    serve(which); // most requests have come with their connection
  }

  void serve(id which) {
    const auto found = connections_.find(which);
    if (found == connections_.end())
      return;
    switch (found->second.now) {
      case connection_phase::reading: return read(which, found->second);
      case connection_phase::writing: return write(which, found->second);
      case connection_phase::lingering: return discard(which, found->second);
      case connection_phase::working: return;
    }
  }

  void read(id which, client_connection& from) {
    std::array<char, 4096> piece;
    while (true) {
      const auto count = ::recv(from.socket, piece.data(), piece.size(), 0);
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
      if (count <= 0)
        return drop(which); // gone without a whole request
      from.bytes.append(piece.data(), static_cast<std::size_t>(count));
      held_bytes_ += static_cast<std::size_t>(count);
      const auto end = end_of_head(from.bytes, from.done);
      from.done = from.bytes.size();
      if (end != std::string::npos || from.bytes.size() >= head_bytes_max)
        return hand_over(which, from);
      if (is_full(which))
        return;
    }
  }

  void hand_over(id which, client_connection& from) {
    ::epoll_ctl(poll_, EPOLL_CTL_DEL, from.socket, nullptr);
    limits_.remove(which, from.counted);
    deadlines_.erase({from.deadline, which});
    held_bytes_ -= from.bytes.size();
    from.now = connection_phase::working;
    take_({which, std::exchange(from.bytes, {}), from.address});
  }

  void take_answers() {
    for (auto& [which, response] : inbox_.take()) {
      const auto found = connections_.find(which);
      if (found == connections_.end())
        continue;
      auto& to = found->second;
      held_bytes_ += response.size();
      to.bytes = std::move(response);
      to.done = 0;
      to.now = connection_phase::writing;
      limits_.add(which, to.counted);
      if (!watch(to.socket, which, EPOLLOUT)) {
        drop(which);
        continue;
      }
      wait_until(which, to, clock::now() + write_time_max);
      write(which, to);
    }
  }

  void write(id which, client_connection& to) {
    while (to.done < to.bytes.size()) {
      const auto count = ::send(to.socket, to.bytes.data() + to.done, to.bytes.size() - to.done, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        is_full(which);
        return;
      }
      if (count <= 0)
        return drop(which);
      to.done += static_cast<std::size_t>(count);
    }
    held_bytes_ -= to.bytes.size();
    to.bytes = {};
    to.done = 0;
    to.now = connection_phase::lingering;
    ::shutdown(to.socket, SHUT_WR);
    if (!watch(to.socket, which, EPOLLIN, EPOLL_CTL_MOD))
      return drop(which);
    wait_until(which, to, clock::now() + linger_max);
    discard(which, to);
  }

  void discard(id which, client_connection& from) {
    std::array<char, 4096> piece;
    while (from.done < lingering_bytes_max) {
      const auto count = ::recv(from.socket, piece.data(), piece.size(), 0);
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
      if (count <= 0)
        break;
      from.done += static_cast<std::size_t>(count);
    }
    drop(which);
  }

  /// Keeps the bytes of all connections within their bound; true when `which` had to go for it.
  bool is_full(id which) {
    while (held_bytes_ > held_bytes_max) {
      const auto oldest = limits_.oldest_of_most();
      if (!oldest)
        return false;
      drop(*oldest);
      if (*oldest == which)
        return true;
    }
    return false;
  }

  void wait_until(id which, client_connection& each, clock::time_point deadline) {
    deadlines_.erase({each.deadline, which});
    each.deadline = deadline;
    deadlines_.emplace(deadline, which);
  }

  void end_overdue() {
    const auto now = clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now)
      drop(deadlines_.begin()->second);
    if (accept_again_at_ && now >= *accept_again_at_) {
      accept_again_at_.reset();
      watch(listener_, listener_id, EPOLLIN);
    }
  }

  int milliseconds_to_next() const {
    auto next = accept_again_at_;
    if (!deadlines_.empty() && (!next || deadlines_.begin()->first < *next))
      next = deadlines_.begin()->first;
    if (!next)
      return -1;
    return static_cast<int>(
      std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(*next - clock::now()).count()));
  }

  void drop(id which) {
    const auto found = connections_.find(which);
    if (found == connections_.end())
      return;
    auto& each = found->second;
    held_bytes_ -= each.bytes.size();
    limits_.remove(which, each.counted);
    deadlines_.erase({each.deadline, which});
    ::close(each.socket);
    connections_.erase(found);
  }

  void close_all() {
    while (!connections_.empty())
      drop(connections_.begin()->first);
    inbox_.close();
    for (auto* descriptor : {&listener_, &poll_})
      if (*descriptor != -1)
        ::close(std::exchange(*descriptor, -1));
  }

  const std::function<void(received_head)> take_;
  const connection_rules rules_;
  std::thread thread_;
  int listener_ = -1;
  int poll_ = -1;

  // Of the thread alone.
  id next_id_ = first_connection_id;
  std::unordered_map<id, client_connection> connections_;
  std::set<std::pair<clock::time_point, id>> deadlines_;
  std::optional<clock::time_point> accept_again_at_;
  connection_limits limits_;
  std::size_t held_bytes_ = 0;

  loop_inbox inbox_;
};

connection_loop::connection_loop(std::function<void(received_head)> take, connection_rules rules)
  : state_(std::make_unique<state>(std::move(take), rules)) {}

connection_loop::~connection_loop() = default;

void connection_loop::start(int listener) { state_->start(listener); }

void connection_loop::answer(std::uint64_t connection, std::string response) {
  state_->answer(connection, std::move(response));
}

void connection_loop::stop() { state_->stop(); }

} // namespace mp::status
