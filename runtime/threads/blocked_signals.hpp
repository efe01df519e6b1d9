#pragma once
// Signals are the main thread's business.

#include <signal.h>

namespace mp::threads {

/// Blocks all signals of the calling thread for as long as it lives. A thread that is started meanwhile takes over the
/// mask and keeps it.
class blocked_signals {
public:
  blocked_signals() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~blocked_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  blocked_signals(const blocked_signals&) = delete;
  blocked_signals& operator=(const blocked_signals&) = delete;

private:
  sigset_t before_{};
};

} // namespace mp::threads
