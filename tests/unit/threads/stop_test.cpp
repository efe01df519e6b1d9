#define CAF_SUITE stop
#include "tests/support/test.hpp"

#include "runtime/threads/stop.hpp"

#include "tests/support/flag.hpp"

#include <array>
#include <thread>

#include <unistd.h>

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

namespace {

/// Two joined sockets; what is shut down at one end is read as an end at the other.
struct joined_sockets {
  joined_sockets() { REQUIRE_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0); }
  ~joined_sockets() {
    for (const auto end : ends)
      ::close(end);
  }
  joined_sockets(const joined_sockets&) = delete;
  joined_sockets& operator=(const joined_sockets&) = delete;

  /// Waits for the other end. True: there is nothing more to read.
  bool has_ended() const {
    char byte = 0;
    return ::recv(ends[1], &byte, 1, 0) == 0;
  }

  bool is_open() const {
    char byte = 0;
    return ::recv(ends[1], &byte, 1, MSG_DONTWAIT) < 0;
  }

  std::array<int, 2> ends{-1, -1};
};

} // namespace

TEST_CASE("a stop ends a wait at once, one that came before it too") {
  std::stop_source stop;
  CHECK(!threads::wait_for_stop(stop.get_token(), 0ms));
  std::thread other{[&] { stop.request_stop(); }};
  CHECK(threads::wait_for_stop(stop.get_token(), long_enough));
  other.join();
  CHECK(threads::wait_for_stop(stop.get_token(), 0ms));
}

TEST_CASE("a stop wakes whoever blocks on the socket") {
  const joined_sockets sockets;
  std::stop_source stop;
  const threads::shutdown_on_stop watched{stop.get_token(), sockets.ends[0]};
  CHECK(static_cast<bool>(watched));
  CHECK(sockets.is_open());
  std::thread other{[&] { stop.request_stop(); }};
  CHECK(sockets.has_ended());
  other.join();
  CHECK(!static_cast<bool>(watched));
}

TEST_CASE("after a stop nothing is to begin") {
  const joined_sockets sockets;
  std::stop_source stop;
  stop.request_stop();
  const threads::shutdown_on_stop watched{stop.get_token(), sockets.ends[0]};
  CHECK(!static_cast<bool>(watched));
  CHECK(sockets.has_ended());
}

TEST_CASE("a stop does not touch a socket that is not watched any more") {
  const joined_sockets sockets;
  std::stop_source stop;
  {
    const threads::shutdown_on_stop watched{stop.get_token(), sockets.ends[0]};
  }
  stop.request_stop();
  CHECK(sockets.is_open());
}
