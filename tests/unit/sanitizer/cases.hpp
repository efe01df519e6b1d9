#pragma once
// Case tables for the sanitizer: each row is a model's raw text, what must come of it, and why.

#include "actors/sanitizer/clean_answer.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace mp::test {

/// How the model's text came: what was asked for, and how the model ended it.
struct told_as {
  answer_shape shape;
  finish_reason finish;
};

inline constexpr told_as json_stop{answer_shape::json_required, finish_reason::stop};
inline constexpr told_as json_length{answer_shape::json_required, finish_reason::length};
inline constexpr told_as text_stop{answer_shape::text, finish_reason::stop};
inline constexpr told_as text_length{answer_shape::text, finish_reason::length};

/// One row. `expected` is the clean answer or the code of a fault; `mends` are the names, comma-separated. A row with a
/// fault has no answer in it, or more than one reading; `missed` says that it has one and is refused nevertheless.
struct cleaning_case {
  std::string_view why;
  std::string_view raw;
  std::string_view expected;
  std::string_view mends = "";
  bool missed = false;
};

/// A table of rows. The case list (case_list_test.cpp) is made of all that CLEANING_CASES has declared.
struct cleaning_table {
  std::string_view shape; ///< what the model did: "syntax: trailing commas"
  told_as as;
  std::vector<cleaning_case> rows;
};

inline std::vector<const cleaning_table*>& cleaning_tables() {
  static std::vector<const cleaning_table*> all;
  return all;
}

struct declared_table : cleaning_table {
  declared_table(std::string_view shape, told_as as, std::initializer_list<cleaning_case> rows)
    : cleaning_table{shape, as, rows} {
    cleaning_tables().push_back(this);
  }
};

inline std::string names_of(const std::vector<mend_kind>& mends) {
  std::string names;
  for (const auto mend : mends)
    names += (names.empty() ? "" : ",") + std::string(name_of(mend));
  return names;
}

/// What came of a text, in one line: the clean answer and its mends, or the fault.
inline std::string told(const std::variant<cleaned, fault>& outcome) {
  if (const auto* done = std::get_if<cleaned>(&outcome))
    return done->text + "  <" + names_of(done->mends) + ">";
  return "fault: " + std::string(to_string(std::get<fault>(outcome)));
}

inline bool is_fault(std::string_view expected) {
  for (const auto& row : faults())
    if (row.code == expected)
      return true;
  return false;
}

/// What the row says must come of its text, in the same line.
inline std::string told(const cleaning_case& row) {
  if (is_fault(row.expected))
    return "fault: " + std::string(row.expected);
  return std::string(row.expected) + "  <" + std::string(row.mends) + ">";
}

inline std::variant<cleaned, fault> outcome_of(const cleaning_case& row, told_as as) {
  return clean_answer(row.raw, as.shape, as.finish);
}

/// Checks every row: what comes of its text, and that cleaning the result once more changes nothing.
inline void check(const cleaning_table& table) {
  for (const auto& row : table.rows) {
    const auto why = std::string(row.why) + ": ";
    const auto outcome = outcome_of(row, table.as);
    CHECK_EQ(why + told(outcome), why + told(row));
    if (const auto* done = std::get_if<cleaned>(&outcome))
      CHECK_EQ(why + told(clean_answer(done->text, table.as.shape, finish_reason::stop)), why + done->text + "  <>");
  }
}

} // namespace mp::test

/// A test and, in the case list, a shape:
/// CLEANING_CASES("syntax: trailing commas", json_stop, {why, raw, expected, mends}, ...)
#define CLEANING_CASES(shape, as, ...)                                                                                 \
  namespace {                                                                                                          \
  const mp::test::declared_table CAF_UNIQUE(table){shape, mp::test::as, {__VA_ARGS__}};                                \
  }                                                                                                                    \
  TEST_CASE(shape) { mp::test::check(CAF_UNIQUE(table)); }
