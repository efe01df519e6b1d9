#include "actors/telemetry/log.hpp"

#include "actors/threads/mutex.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace mp::log {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t queue_lines_max = 8192; // of 250 bytes each, what is longer is allocated: some 3 MB
constexpr std::size_t buffer_bytes_max = 64u << 10;
constexpr auto gathering_time = 10ms; // waking the writing thread costs more than a line, so it does not wait for each
constexpr auto flush_wait_max = 1s;

std::atomic<line_format> format_now{line_format::logfmt};

/// What no sink of spdlog does: one write for many lines, none of them lost where somebody who shares the stream made
/// it non-blocking; another target at any time; a flush that waits; word of what the queue has dropped.
class line_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  /// `pool` null: lines come without a queue.
  void direct(int descriptor, line_callback take, std::shared_ptr<spdlog::details::thread_pool> pool) {
    std::scoped_lock lock{mutex_};
    flush_();
    fd_ = descriptor;
    take_ = std::move(take);
    pool_ = std::move(pool);
  }

  /// Waits until the lines that `queue` has got so far are written, at most flush_wait_max. A numbered line goes
  /// through it for that.
  void wait_for(spdlog::logger& queue) {
    scoped_lock lock{marks_};
    const auto mark = ++sent_;
    queue.log(spdlog::source_loc{"", mark, ""}, spdlog::level::critical, "");
    returned_.wait_for(lock, flush_wait_max, [&]() MP_REQUIRES(marks_) { return last_ >= mark; });
  }

private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view line{message.payload.data(), message.payload.size()};
    if (message.source.line > 0) {
      flush_();
      const scoped_lock lock{marks_};
      last_ = message.source.line;
      returned_.notify_all();
    } else if (take_) {
      take_(line);
    } else {
      bool is_first = buffer_.empty();
      buffer_.append(line).push_back('\n');
      // Only the first waits for others: if the last did, lines that follow each other closely would be written when
      // the buffer is full.
      if (pool_ && is_first && pool_->queue_size() == 0 && message.level < spdlog::level::warn)
        std::this_thread::sleep_for(gathering_time);
      if (!pool_ || buffer_.size() >= buffer_bytes_max || pool_->queue_size() == 0)
        flush_();
    }
  }

  void flush_() override {
    if (const auto dropped = pool_ ? pool_->overrun_counter() : dropped_;
        dropped != dropped_ && enabled(level::warning)) {
      const field count{"count", dropped - std::exchange(dropped_, dropped)};
      append_line(buffer_, format_now, std::chrono::system_clock::now(), level::warning, row_of("log_lines_lost").name,
                  {&count, 1});
      buffer_ += '\n';
    }
    for (std::string_view rest{buffer_}; !rest.empty();) {
      const auto length = ::write(fd_, rest.data(), rest.size());
      if (length >= 0)
        rest.remove_prefix(static_cast<std::size_t>(length));
      else if (pollfd ready{fd_, POLLOUT, 0}; errno == EAGAIN)
        ::poll(&ready, 1, -1);
      else if (errno != EINTR)
        break; // a closed stream, and no other place to report it
    }
    buffer_.clear();
  }

  std::string buffer_;
  line_callback take_;
  int fd_ = STDOUT_FILENO;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::size_t dropped_ = 0;
  mutex marks_; // nothing is written under it
  int sent_ MP_GUARDED_BY(marks_) = 0;
  int last_ MP_GUARDED_BY(marks_) = 0;
  condition returned_;
};

/// Lives for ever: threads may log until the very end of the process.
struct logger_state {
  static logger_state& the() {
    static auto* instance = new logger_state;
    return *instance;
  }

  void use(level lowest, line_format format, int descriptor, line_callback take) {
    const scoped_lock lock{changing};
    flush();
    format_now = format;
    const auto queued = !take;
    if (queued && !pool) {
      pool = std::make_shared<spdlog::details::thread_pool>(queue_lines_max, 1);
      queue = std::make_shared<spdlog::async_logger>("", sink, pool, spdlog::async_overflow_policy::overrun_oldest);
      queue->flush_on(spdlog::level::warn);
      std::atexit(flush);
    }
    auto& next = queued ? *queue : direct;
    next.set_level(spdlog_level(lowest));
    sink->direct(descriptor, std::move(take), queued ? pool : nullptr);
    used = &next;
  }

  static spdlog::level::level_enum spdlog_level(level l) {
    return static_cast<spdlog::level::level_enum>(spdlog::level::debug + static_cast<int>(l));
  }

  std::shared_ptr<line_sink> sink = std::make_shared<line_sink>();
  spdlog::logger direct{"", sink};
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> queue;
  std::atomic<spdlog::logger*> used{&direct};
  mutex changing;
};

static_assert(spdlog::level::debug + static_cast<int>(level::error) == spdlog::level::err, "in the same order");

} // namespace

void configure(level lowest, line_format format, int descriptor) {
  logger_state::the().use(lowest, format, descriptor, nullptr);
}

void configure(level lowest, line_format format, line_callback take) {
  logger_state::the().use(lowest, format, STDOUT_FILENO, std::move(take));
}

void flush() {
  auto& o = logger_state::the();
  if (auto* logger = o.used.load(); logger != &o.direct)
    o.sink->wait_for(*logger);
}

bool enabled(level l) noexcept { return logger_state::the().used.load()->should_log(logger_state::spdlog_level(l)); }

void write(level l, std::string_view event, std::span<const field> fields) {
  if (!enabled(l))
    return;
  std::string line;
  line.reserve(256);
  const auto now = std::chrono::system_clock::now();
  append_line(line, format_now.load(std::memory_order_relaxed), now, l, event, fields);
  logger_state::the().used.load()->log(now, spdlog::source_loc{}, logger_state::spdlog_level(l),
                                       spdlog::string_view_t{line.data(), line.size()});
}

} // namespace mp::log
