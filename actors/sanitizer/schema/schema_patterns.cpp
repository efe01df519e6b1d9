#include "actors/sanitizer/schema/schema_patterns.hpp"

#include "messages/json/ascii.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace mp {
namespace {} // namespace

// Every backslash with a p and every number in braces is counted, also where it has another meaning: no more than a
// bound is wanted.
pattern_cost cost_of(std::string_view pattern) {
  constexpr std::size_t repeat_max = 1'000'000; // RE2 takes up to 1,000
  pattern_cost cost;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      ++i;
      cost.classes += pattern[i] == 'p' || pattern[i] == 'P' ? 1 : 0;
    } else if (pattern[i] == '{') {
      std::size_t most = 0;
      std::size_t number = 0;
      for (; i + 1 < pattern.size() && (is_digit(pattern[i + 1]) || pattern[i + 1] == ','); ++i) {
        number = pattern[i + 1] == ','
                   ? 0
                   : std::min(repeat_max, number * 10 + static_cast<std::size_t>(pattern[i + 1] - '0'));
        most = std::max(most, number);
      }
      cost.repeats += most;
    }
  }
  return cost;
}

std::shared_ptr<const re2::RE2> schema_patterns::get(const std::string& pattern) {
  if (const auto known = compiled_.find(pattern); known != compiled_.end())
    return known->second;
  const auto must = [](bool sound, const char* what, std::size_t limit) {
    if (!sound)
      throw bad_pattern{what + std::to_string(limit)};
  };
  if (pattern.size() > limits_.bytes_max)
    throw bad_pattern{"it is longer than " + std::to_string(limits_.bytes_max) + " bytes"};
  must(compiled_.size() < limits_.count_max, "there are more than ", limits_.count_max);
  const auto cost = cost_of(pattern);
  cost_.classes += cost.classes;
  cost_.repeats += cost.repeats;
  must(cost_.classes <= limits_.classes_max, "they name more classes of characters by \\p than ", limits_.classes_max);
  must(cost_.repeats <= limits_.repeats_max, "their numbers of repetitions make more than ", limits_.repeats_max);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(pattern_memory_max));
  auto made = std::make_shared<re2::RE2>(pattern, options);
  if (!made->ok())
    throw bad_pattern{made->error()};
  instructions_ += static_cast<std::size_t>(std::max(0, made->ProgramSize()));
  must(instructions_ <= limits_.instructions_max, "their programs have more instructions than ",
       limits_.instructions_max);
  compiled_.emplace(pattern, made);
  return made;
}

} // namespace mp
