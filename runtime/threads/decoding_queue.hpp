#pragma once
// Which photo is decoded next. Values in, values out: a waiting caller tries again when a decoding has ended.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

namespace mp::threads {

/// What decoding a photo takes.
enum class decoding_weight : std::uint8_t {
  light,
  heavy, ///< up to 8 bytes of memory a pixel and several times the time (progressive JPEGs, interlaced PNGs, if they
         ///< are large)
};

/// Two photos are decoded at a time in the whole process: two cores decode more photos than a host's models look at. At
/// most one of them is heavy, so that heavy ones wait for each other and never keep others waiting, and memory is that
/// of one. Otherwise who came first goes first.
class decoding_queue {
public:
  using number = std::uint64_t;

  static constexpr std::size_t places = 2;

  /// A photo came.
  number enter(decoding_weight weight) {
    waiting_.emplace(next_, weight);
    return next_++;
  }

  /// Whether its turn has come: it is among the first that the free places are for.
  bool may_go(number which) const {
    auto free = places - under_way_.size();
    auto heavy_may_go = heavy_under_way_ == 0;
    for (auto first = waiting_.begin(); first != waiting_.end() && free > 0; ++first) {
      const auto is_heavy = first->second == decoding_weight::heavy;
      if (is_heavy && !heavy_may_go)
        continue;
      if (first->first == which)
        return true;
      heavy_may_go &= !is_heavy;
      --free;
    }
    return false;
  }

  /// It is decoded from now on. Its turn must have come.
  void begin(number which) {
    if (waiting_.extract(which).mapped() == decoding_weight::heavy)
      heavy_under_way_ = which;
    under_way_.insert(which);
  }

  /// It has been decoded.
  void end(number which) {
    under_way_.erase(which);
    if (heavy_under_way_ == which)
      heavy_under_way_ = 0;
  }

  /// How many came and are not decoded yet.
  std::size_t waiting() const { return waiting_.size(); }

private:
  std::map<number, decoding_weight> waiting_; ///< in the order in which they came
  std::set<number> under_way_;
  number heavy_under_way_ = 0; ///< 0: none
  number next_ = 1;
};

} // namespace mp::threads
