#pragma once
// The regular expressions of one schema. Its sender chooses them, so what they may cost together is bounded.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace mp {

/// A pattern that is not taken.
struct bad_pattern {
  std::string why; ///< completes "a pattern in it cannot be used: "
};

/// Bounds of the patterns of one schema. Equal ones count once.
struct pattern_limits {
  std::size_t bytes_max = 1'000;         ///< of one pattern
  std::size_t count_max = 32;
  std::size_t instructions_max =
    20'000; ///< of the programs that RE2 makes of them, together: 0.4 to 0.9 us and 8 to 40 bytes each
  std::size_t classes_max =
    32;          ///< `\p{...}`: each is hundreds of ranges to be read, and its program may be one instruction
  std::size_t repeats_max = 20'000; ///< sum of the numbers of `{n,m}`: RE2 writes out what is repeated before it counts
};

/// What a pattern's text says of the work to compile it.
struct pattern_cost {
  std::size_t classes = 0; ///< `\p` and `\P`
  std::size_t repeats = 0; ///< sum of the larger numbers in braces
};
pattern_cost cost_of(std::string_view pattern);

/// Compiles the patterns of one schema, each once.
class schema_patterns {
public:
  /// What a compiled pattern may hold, bytes: its program, and what RE2 keeps of texts it has read.
  static constexpr std::size_t pattern_memory_max = 256 * 1024;

  explicit schema_patterns(pattern_limits limits = {}) : limits_(limits) {}

  /// The compiled pattern. Throws bad_pattern where RE2 does not take it or a limit is broken; what had to be compiled
  /// to find that out is one pattern of at most pattern_memory_max.
  std::shared_ptr<const re2::RE2> get(const std::string& pattern);

  /// Different patterns so far.
  std::size_t count() const { return compiled_.size(); }

private:
  pattern_limits limits_;
  std::map<std::string, std::shared_ptr<const re2::RE2>, std::less<>> compiled_;
  pattern_cost cost_;
  std::size_t instructions_ = 0;
};

} // namespace mp
