#pragma once
// Which signals a thread leaves to the main thread.

#include <csignal>
#include <initializer_list>

namespace mp::test {

/// How many of the four signals that end a program or come from broken connections this thread has blocked.
inline int signals_blocked_here() {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  auto blocked = 0;
  for (const auto signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE})
    blocked += sigismember(&mask, signal);
  return blocked;
}

} // namespace mp::test
