#pragma once
// Case tables for the sanitizer: each row is a model's raw text, what must come of it, and why.

#include "actors/sanitizer/clean_answer.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace mp::test {

/// One row. `expected` is the clean answer or the code of a fault; `mends` are the names, comma-separated.
struct cleaning_case {
  std::string_view why;
  std::string_view raw;
  std::string_view expected;
  std::string_view mends = "";
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

} // namespace mp::test

/// Checks every row of a table: what comes of its text, and that cleaning the result once more changes nothing.
#define CHECK_CASES(shape, finish, ...)                                                                                \
  for (const auto& row : std::initializer_list<mp::test::cleaning_case>{__VA_ARGS__}) {                                \
    const auto why = std::string(row.why) + ": ";                                                                      \
    const auto outcome = mp::clean_answer(row.raw, shape, finish);                                                     \
    CHECK_EQ(why + mp::test::told(outcome), why + mp::test::told(row));                                                \
    if (const auto* done = std::get_if<mp::cleaned>(&outcome))                                                         \
      CHECK_EQ(why + mp::test::told(mp::clean_answer(done->text, shape, mp::finish_reason::stop)),                     \
               why + done->text + "  <>");                                                                             \
  }

/// The table of a JSON answer that the model ended by itself.
#define CHECK_JSON_CASES(...) CHECK_CASES(mp::answer_shape::json_required, mp::finish_reason::stop, __VA_ARGS__)
