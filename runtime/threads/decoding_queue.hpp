#pragma once
// Which photo is decoded next. Values in, values out: a waiting caller tries again when a decoding has ended.

#include <cstddef>
#include <cstdint>
#include <set>

namespace mp {

/// What decoding a photo takes.
enum class decoding_weight : std::uint8_t {
  light,
  heavy, ///< up to 8 bytes of memory a pixel and several times the time (progressive JPEGs, interlaced PNGs, if they are large)
};

/// Two photos are decoded at a time in the whole process: two cores decode more photos than a host's models look at. At most one of
/// them is heavy, so that heavy ones wait for each other and never keep others waiting, and memory is that of one. Within its weight who
/// came first goes first; a heavy one that may go goes before light ones that came later.
class decoding_queue {
public:
  using number = std::uint64_t;

  static constexpr std::size_t places = 2;

  /// A photo came.
  number enter(decoding_weight weight);

  /// Whether its turn has come.
  bool may_go(number which) const;

  /// It is decoded from now on. Its turn must have come.
  void begin(number which);

  /// It has been decoded.
  void end(number which);

  /// How many came and are not decoded yet.
  std::size_t waiting() const { return light_waiting_.size() + heavy_waiting_.size(); }

private:
  bool heavy_may_go() const { return heavy_under_way_ == 0; }

  std::set<number> light_waiting_;
  std::set<number> heavy_waiting_;
  std::set<number> under_way_;
  number heavy_under_way_ = 0; ///< 0: none
  number next_ = 1;
};

} // namespace mp
