#include "actors/telemetry/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>

#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace mp::log {

std::atomic<level> detail::lowest{level::info};

namespace {

constexpr std::size_t buffer_bytes_max = 64u << 10; // one write per some 400 lines under load
constexpr std::size_t line_bytes_usual = 256;

/// Writes all of `text`, waiting where the reader is slow. Errors of a closed stream are ignored: there is no other place to report them.
void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) { // somebody who shares the stream made it non-blocking
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

/// The only sink: buffers lines for a stream, or hands them to a line_taker.
/// Two locks, so that no thread waits for a write just to add a line: `writing_`, always taken first, keeps the writes in
/// order. The thread for late lines starts with the first of them.
class buffer_sink final : public spdlog::sinks::sink {
public:
  void log(const spdlog::details::log_msg& message) override {
    const std::string_view line{message.payload.data(), message.payload.size()};
    std::unique_lock lock{state_};
    if (take_) {
      take_(line);
      return;
    }
    const auto was_empty = buffer_.empty();
    buffer_.append(line).push_back('\n');
    const auto write_now = unbuffered_ || buffer_.size() >= buffer_bytes_max;
    if (!write_now && !flusher_.joinable())
      flusher_ = std::thread{[this] { flush_from_time_to_time(); }};
    lock.unlock();
    if (write_now)
      flush();
    else if (was_empty)
      filled_.notify_one();
  }

  void flush() override {
    std::scoped_lock writing{writing_};
    write_buffer();
  }

  /// Lines of before still go to the old target.
  void direct(int descriptor, line_taker take) {
    std::scoped_lock writing{writing_};
    write_buffer();
    std::scoped_lock lock{state_};
    take_ = std::move(take);
    fd_ = descriptor;
    unbuffered_ = stopping_ || ::isatty(fd_) == 1;
  }

  /// Ends the flusher; lines of threads that outlive main are written at once from here on.
  void stop() {
    {
      std::scoped_lock lock{state_};
      stopping_ = unbuffered_ = true;
    }
    filled_.notify_all();
    if (flusher_.joinable())
      flusher_.join();
    flush();
  }

  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

private:
  /// Sleeps while there is nothing to write.
  void flush_from_time_to_time() {
    std::unique_lock lock{state_};
    while (!stopping_) {
      filled_.wait(lock, [this] { return stopping_ || !buffer_.empty(); });
      filled_.wait_for(lock, flush_delay_max, [this] { return stopping_; });
      lock.unlock();
      flush();
      lock.lock();
    }
  }

  /// Needs `writing_`.
  void write_buffer() {
    int fd;
    {
      std::scoped_lock lock{state_};
      std::swap(buffer_, leaving_);
      fd = fd_;
    }
    write_all(fd, leaving_);
    leaving_.clear();
  }

  std::mutex writing_;
  std::string leaving_; // guarded by writing_
  std::mutex state_;    // guards all below
  std::condition_variable filled_;
  std::string buffer_;
  line_taker take_;
  int fd_ = STDOUT_FILENO;
  bool unbuffered_ = false;
  bool stopping_ = false;
  std::thread flusher_;
};

/// The logger and its sink live for ever: threads may log until the very end of the process.
struct outlet {
  outlet() : sink(std::make_shared<buffer_sink>()), logger("models-processor", sink) {
    logger.set_level(spdlog::level::trace); // levels are decided in enabled()
    logger.flush_on(spdlog::level::warn);
    sink->direct(STDOUT_FILENO, nullptr);
    std::atexit([] { the().sink->stop(); });
  }

  static outlet& the() {
    static auto* instance = new outlet;
    return *instance;
  }

  std::shared_ptr<buffer_sink> sink;
  spdlog::logger logger;
  std::atomic<line_format> format{line_format::logfmt};
};

void configure(level lowest, line_format format, int descriptor, line_taker take) {
  auto& o = outlet::the();
  o.format = format;
  o.sink->direct(descriptor, std::move(take));
  detail::lowest = lowest;
}

spdlog::level::level_enum to_spdlog(level l) {
  switch (l) {
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warning: return spdlog::level::warn;
    case level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

} // namespace

void detail::require_fields(const event_row& row, std::span<const field> fields) {
  for (const auto& each : fields)
    if (!has_field(row, each.name)) {
      std::fprintf(stderr, "event_table.hpp: %.*s has no field %.*s\n", static_cast<int>(row.name.size()), row.name.data(),
                   static_cast<int>(each.name.size()), each.name.data());
      std::abort();
    }
}

void configure(level lowest, line_format format, int descriptor) { configure(lowest, format, descriptor, nullptr); }

void configure(level lowest, line_format format, line_taker take) {
  configure(lowest, format, STDOUT_FILENO, std::move(take));
}

void flush() { outlet::the().sink->flush(); }

void write(level l, std::string_view event, std::span<const field> fields) {
  if (!enabled(l))
    return;
  std::string line; // not thread_local: static objects may log while they are destroyed
  line.reserve(line_bytes_usual);
  auto& o = outlet::the();
  const auto now = std::chrono::system_clock::now();
  append_line(line, o.format.load(std::memory_order_relaxed), now, l, event, fields);
  o.logger.log(now, spdlog::source_loc{}, to_spdlog(l), spdlog::string_view_t{line.data(), line.size()});
}

} // namespace mp::log
