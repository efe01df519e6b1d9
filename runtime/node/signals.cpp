#include "runtime/node/signals.hpp"

#include <csignal>

namespace mp {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

} // namespace

void block_stop_signals() {
  auto set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN); // a closed reader of our output or of a socket is an error code, not an end
}

signal_watch::signal_watch(std::function<void()> react) {
  thread_ = std::thread{[this, react = std::move(react)] {
    auto set = stop_signals();
    for (;;) {
      int signal = 0;
      if (sigwait(&set, &signal) != 0)
        continue;
      if (ending_)
        return;
      react();
    }
  }};
}

signal_watch::~signal_watch() {
  ending_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM); // wakes sigwait
  thread_.join();
}

} // namespace mp
