#pragma once
// Record keys as keys of our own tables. No actors.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace mp {

/// A record key can be as long as a record, and a table that kept it whole would hold it once more than
/// MAX_IN_FLIGHT_BYTES knows of. Of a long one only its beginning and a hash stand for it. So two keys may share one
/// short form, which may be made on purpose: whoever looks up by it either compares what it finds, or does no harm by
/// taking the two for one.
class short_key {
public:
  static constexpr std::size_t whole_bytes_max = 1'024;

  /// `key` has to outlive this.
  explicit short_key(const std::string& key) : whole_(key) {
    if (key.size() > whole_bytes_max)
      short_ = key.substr(0, whole_bytes_max) + std::to_string(std::hash<std::string_view>{}(key));
  }

  const std::string& text() const { return short_.empty() ? whole_ : short_; }

private:
  const std::string& whole_;
  std::string short_;
};

} // namespace mp
