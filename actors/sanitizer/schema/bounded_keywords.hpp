#pragma once
// The keywords that are checked by ourselves within valijson, because its own checks of them can be made to run for
// ever or to crash (std::regex, quadratic comparison, division by zero), are too strict (12.0 is an integer since draft
// 6) or say too little. Only answer_schema.cpp includes valijson's parser, which takes long to compile.

#include "actors/sanitizer/schema/schema_patterns.hpp"

#include <cstdint>

namespace valijson {
class SchemaParser;
}

namespace mp {

/// Thrown out of a validation that took more steps than its budget had.
struct too_much_work {};

/// Stands in front of what is said of a value that has another type, or is another one, than those that are allowed.
inline constexpr char other_value_mark = '\1';

/// The steps that validations in this thread may take while it lives.
class step_budget {
public:
  explicit step_budget(std::int64_t steps);
  ~step_budget();
  step_budget(const step_budget&) = delete;
  step_budget& operator=(const step_budget&) = delete;

  /// Throws too_much_work when there are not that many left.
  static void take(std::int64_t steps);

private:
  std::int64_t left_;
  step_budget* outer_;
};

/// Teaches `parser` the keywords of bounded_keyword_names. `patterns` has to outlive the parser; parsing throws its
/// bad_pattern.
void add_bounded_keywords(valijson::SchemaParser& parser, schema_patterns& patterns);

} // namespace mp
