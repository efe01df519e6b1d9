#pragma once
// Log lines of the events of event_table.hpp: log::info("request_done", {{"id", id}, {"attempts", 2},
// {"model_ms", 12.5}}). Never a photo, prompt, answer or e-mail address in a field.

#include "actors/telemetry/log_line.hpp"

#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>

namespace mp::log {

/// Gets each line, without its line end; the view is valid during the call only. One call at a time. Must not log
/// itself.
using line_callback = std::function<void(std::string_view line)>;

/// From now on lines at or above `lowest` go in `format` to an open file descriptor: 1 is standard output, 2 standard
/// error. A thread of spdlog writes them some milliseconds later, so that no caller waits for a slow reader: where more
/// than 8,192 lines wait, the oldest are dropped and log_lines_lost says how many. A reader that went away makes the
/// lines vanish, provided that the process ignores SIGPIPE. Before the first call: info, logfmt, standard output,
/// written at once. Any thread; lines of before go to the target of before.
void configure(level lowest, line_format format, int descriptor = 1);

/// As above, but each line is given to `take` at once, for tests.
void configure(level lowest, line_format format, line_callback take);

/// Waits until all lines of before are written, at most a second. Happens at exit too.
void flush();

/// Whether lines of this level are written: for callers whose fields are expensive to compute.
bool enabled(level l) noexcept;

/// Writes one line if its level is enabled; otherwise nothing happens and nothing is allocated. Any thread. Never
/// throws anything but std::bad_alloc.
void write(level l, std::string_view event, std::span<const field> fields);

/// The same for an event of the table, whose name and level are checked when compiling. Where asserts are compiled in,
/// a field that the table does not have ends the program.
template <level L>
void write(event<L> what, std::span<const field> fields) {
#ifndef NDEBUG
  for (const auto& each : fields)
    require_field(what.row(), each.name);
#endif
  write(L, what.row().name, fields);
}

inline void debug(event<level::debug> what, std::initializer_list<field> fields = {}) {
  write(what, {fields.begin(), fields.size()});
}
inline void info(event<level::info> what, std::initializer_list<field> fields = {}) {
  write(what, {fields.begin(), fields.size()});
}
inline void warning(event<level::warning> what, std::initializer_list<field> fields = {}) {
  write(what, {fields.begin(), fields.size()});
}
inline void error(event<level::error> what, std::initializer_list<field> fields = {}) {
  write(what, {fields.begin(), fields.size()});
}

} // namespace mp::log
