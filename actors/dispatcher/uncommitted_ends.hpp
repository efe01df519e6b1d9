#pragma once
// Which ends are published and settled, but perhaps not committed. No actors.

#include "messages/origin.hpp"

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace mp {

/// Ends of requests between their settlement and the commit that covers it, by the number of the settlement.
class uncommitted_ends {
public:
  /// Gives the number of the settlement that reports these ends.
  std::uint64_t add(std::vector<record_key> ends) {
    entries_.emplace_back(++last_, std::move(ends));
    return last_;
  }

  /// All settlements up to this one are committed. Gives their ends.
  std::vector<record_key> committed(std::uint64_t number) {
    std::vector<record_key> ends;
    for (; !entries_.empty() && entries_.front().first <= number; entries_.pop_front())
      ends.insert(ends.end(), entries_.front().second.begin(), entries_.front().second.end());
    return ends;
  }

  /// The partition was taken away: no commit of this reader covers its ends any more. Gives them.
  std::vector<record_key> take_partition(std::int32_t partition) {
    std::vector<record_key> ends;
    for (auto& [number, records] : entries_)
      std::erase_if(records, [&](const auto& each) {
        if (each.partition != partition)
          return false;
        ends.push_back(each);
        return true;
      });
    return ends;
  }

  /// The reader is gone. Gives all ends.
  std::vector<record_key> take_all() { return committed(last_); }

private:
  std::deque<std::pair<std::uint64_t, std::vector<record_key>>> entries_;
  std::uint64_t last_ = 0;
};

} // namespace mp
