#pragma once
// What is logged, from any thread, while it lives.

#include "actors/telemetry/log.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mp {

class log_lines {
public:
  explicit log_lines(log::level lowest = log::level::warning) {
    log::configure(lowest, log::line_format::logfmt, [this](std::string_view line) {
      std::scoped_lock lock{mutex_};
      lines_.emplace_back(line);
    });
  }
  ~log_lines() {
    log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
  }
  log_lines(const log_lines&) = delete;
  log_lines& operator=(const log_lines&) = delete;

  std::vector<std::string> with(std::string_view part) const {
    std::scoped_lock lock{mutex_};
    std::vector<std::string> found;
    for (const auto& each : lines_)
      if (each.find(part) != std::string::npos)
        found.push_back(each);
    return found;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

} // namespace mp
