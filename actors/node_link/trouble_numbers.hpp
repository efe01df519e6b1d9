#pragma once
// Which trouble of which reader a probe has found out about. Values in, values out.

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace mp {

/// Each reader counts the troubles that it reports by itself (host_trouble::number), and a probe answers all that were
/// reported before it began. The health monitor of a worker node hears one count only: this one.
class trouble_numbers {
public:
  using reader_id = std::uint64_t;

  /// A reader reports trouble. Gives its number for the health monitor.
  std::uint64_t reported(reader_id reader, std::uint64_t number) {
    readers_[reader].push_back({++last_, number});
    return last_;
  }

  /// The last of the reader's troubles that a probe has found out about whose report names `own`, 0: none.
  std::uint64_t answered(reader_id reader, std::uint64_t own) {
    auto& waiting = readers_[reader];
    std::uint64_t number = 0;
    auto i = waiting.begin();
    for (; i != waiting.end() && i->own <= own; ++i)
      number = i->number;
    // The last one stays: reports that come later answer it, too.
    if (i != waiting.begin())
      waiting.erase(waiting.begin(), std::prev(i));
    return number;
  }

  void remove(reader_id reader) { readers_.erase(reader); }

private:
  struct pair {
    std::uint64_t own = 0;
    std::uint64_t number = 0;
  };

  std::uint64_t last_ = 0;
  std::map<reader_id, std::vector<pair>> readers_;
};

} // namespace mp
