#pragma once
// Keeps a line that is said again and again from filling the log. Plain values in, values out.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mp::kafka {

/// Lets the same text through once per `quiet_time`. Parts in parentheses do not count: there librdkafka counts and
/// times ("after 12ms in state CONNECT, 3 identical error(s) suppressed").
class log_deduplicator {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds quiet_time{10};
  static constexpr std::size_t texts_max = 64; ///< different ones in 10 s; above that nothing more is let through

  /// How often the text was held back since it was last let through; nothing when it is to be held back now.
  std::optional<unsigned> pass(std::string_view text, time_point now);

private:
  struct entry {
    time_point shown;
    unsigned held_back = 0;
  };

  std::map<std::string, entry, std::less<>> entries_;
};

} // namespace mp::kafka
