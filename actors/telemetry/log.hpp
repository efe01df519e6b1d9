#pragma once
// Log lines of the events of event_table.hpp: log::info("request_done", {{"id", id}, {"attempts", 2}, {"model_ms", 12.5}}).
// Never a photo, prompt, answer or e-mail address in a field.

#include "actors/telemetry/log_line.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>

namespace mp::log {

/// Gets each line, without its line end; the view is valid during the call only. One call at a time. Must not log
/// itself.
using line_taker = std::function<void(std::string_view line)>;

/// How long a line below warning may wait in the buffer.
inline constexpr std::chrono::milliseconds flush_delay_max{200};

/// From now on lines at or above `lowest` are written in `format` to an open file descriptor: 1 is standard output, 2
/// standard error. Before the first call: info, logfmt, standard output. Lines are buffered, so that a line per request
/// costs no system call each. The buffer is written at once for a warning or an error and when the target is a
/// terminal, otherwise after flush_delay_max, when it holds 64 KiB, by flush() and at exit. A reader of the target that
/// stops reading makes the callers wait; one that went away makes the lines vanish, provided that the process ignores
/// SIGPIPE. Safe at any time from any thread; lines already buffered go to the target of before.
void configure(level lowest, line_format format, int descriptor = 1);

/// As above, but each line is given to `take` at once, for tests.
void configure(level lowest, line_format format, line_taker take);

/// Writes what is buffered.
void flush();

namespace detail {
extern std::atomic<level> lowest;
void require_fields(const event_row& row, std::span<const field> fields); // aborts
}

/// Whether lines of this level are written: for callers whose fields are expensive to compute.
inline bool enabled(level l) noexcept { return l >= detail::lowest.load(std::memory_order_relaxed); }

/// Writes one line if its level is enabled; otherwise nothing happens and nothing is allocated. Any thread. Never
/// throws anything but std::bad_alloc.
void write(level l, std::string_view event, std::span<const field> fields);

/// The same for an event of the table, whose name and level are checked when compiling. Where asserts are compiled in, a field that the
/// table does not have ends the program.
template <level L>
void write(event<L> what, std::span<const field> fields) {
#ifndef NDEBUG
  detail::require_fields(what.row(), fields);
#endif
  if (enabled(L))
    write(L, what.row().name, fields);
}

inline void debug(event<level::debug> what, std::initializer_list<field> fields = {}) {
  write(what, std::span{fields.begin(), fields.size()});
}
inline void info(event<level::info> what, std::initializer_list<field> fields = {}) {
  write(what, std::span{fields.begin(), fields.size()});
}
inline void warning(event<level::warning> what, std::initializer_list<field> fields = {}) {
  write(what, std::span{fields.begin(), fields.size()});
}
inline void error(event<level::error> what, std::initializer_list<field> fields = {}) {
  write(what, std::span{fields.begin(), fields.size()});
}

} // namespace mp::log
