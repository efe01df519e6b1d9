#pragma once
// Locks whose use clang checks while compiling (-Wthread-safety, run by tests/tidy/clang): a field marked
// MP_GUARDED_BY(mutex_) is touched only while mutex_ is held. The standard library of gcc does not mark its own, hence
// these three; other compilers see no marks.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#if defined(__clang__)
#define MP_THREAD_SAFETY(mark) __attribute__((mark))
#else
#define MP_THREAD_SAFETY(mark)
#endif

/// On a field: the mutex that is held by whoever reads or writes it.
#define MP_GUARDED_BY(mutex) MP_THREAD_SAFETY(guarded_by(mutex))
/// On a function or a lambda: its caller holds the mutex.
#define MP_REQUIRES(mutex) MP_THREAD_SAFETY(requires_capability(mutex))

namespace mp {

class MP_THREAD_SAFETY(capability("mutex")) mutex {
public:
  mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

private:
  friend class scoped_lock;
  std::mutex mutex_;
};

/// Holds a mutex from its construction to its end, but for the time between unlock() and lock().
class MP_THREAD_SAFETY(scoped_lockable) scoped_lock {
public:
  explicit scoped_lock(mutex& held) MP_THREAD_SAFETY(acquire_capability(held)) : lock_(held.mutex_) {}
  ~scoped_lock() MP_THREAD_SAFETY(release_capability()) {}
  scoped_lock(const scoped_lock&) = delete;
  scoped_lock& operator=(const scoped_lock&) = delete;

  /// Throws std::system_error when it is held already.
  void lock() MP_THREAD_SAFETY(acquire_capability()) { lock_.lock(); }

  /// Throws std::system_error when it is not held.
  void unlock() MP_THREAD_SAFETY(release_capability()) { lock_.unlock(); }

private:
  friend class condition;
  friend class stoppable_condition;
  std::unique_lock<std::mutex> lock_;
};

/// std::condition_variable for this lock. `holds` is called with the mutex held: a lambda that reads guarded fields
/// says so with MP_REQUIRES.
class condition {
public:
  void notify_one() noexcept { variable_.notify_one(); }
  void notify_all() noexcept { variable_.notify_all(); }

  template <class Predicate>
  void wait(scoped_lock& held, Predicate holds) {
    variable_.wait(held.lock_, std::move(holds));
  }

  /// Waits at most `limit`; what `holds` says at the end.
  template <class Rep, class Period, class Predicate>
  bool wait_for(scoped_lock& held, std::chrono::duration<Rep, Period> limit, Predicate holds) {
    return variable_.wait_for(held.lock_, limit, std::move(holds));
  }

private:
  std::condition_variable variable_;
};

/// A condition whose wait also ends when a stop is requested; costs a mutex of its own.
class stoppable_condition {
public:
  void notify_one() noexcept { variable_.notify_one(); }
  void notify_all() noexcept { variable_.notify_all(); }

  /// What `holds` says at the end: false only after a stop.
  template <class Predicate>
  bool wait(scoped_lock& held, const std::stop_token& stop, Predicate holds) {
    return variable_.wait(held.lock_, stop, std::move(holds));
  }

private:
  std::condition_variable_any variable_;
};

} // namespace mp
