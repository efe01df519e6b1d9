#define CAF_SUITE case_list
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

#include <algorithm>
#include <array>
#include <iomanip>
#include <iostream>

// The list of all cases, made of the very tables that the other tests check. `tests/run unit` prints it.

using namespace mp;
using namespace mp::test;

namespace {

/// What models were seen to do, each the name of at least one table.
constexpr std::array known_shapes{
    // The answer is wrapped.
  "wrapping: a json fence",
  "wrapping: a bare fence",
  "wrapping: tildes or four backticks",
  "wrapping: a fence that is never closed",
  "wrapping: text before and after the value",
  "several values: several fences, the first one not JSON",
  "wrapping: backticks inside strings are left alone",
  "wrapping: a fence inside a JSON string is left alone",
  "wrapping: XML-like tags around the value",
  "wrapping: a think block, closed",
  "wrapping: a think block with only its closing tag",
  "wrapping: labels such as Answer:",
  "wrapping: JSON as an escaped string",
  "wrapping: JSONP",
  "wrapping: Markdown links in values",
    // There are several values.
  "several values: NDJSON",
  "several values: objects in a row",
  "several values: an example followed by the real answer",
  "several values: a doubled first brace",
  "several values: an array of one stays as it is, an object may be wanted",
  "several values: an object stays as it is, an array may be wanted",
    // The syntax is not JSON's.
  "syntax: trailing commas",
  "syntax: missing commas",
  "syntax: a missing colon",
  "syntax: single quotes",
  "syntax: curly and angle quotes",
  "syntax: backtick quotes",
  "syntax: unquoted keys",
  "syntax: unquoted values",
  "syntax: unescaped inner quotes",
  "syntax: raw line breaks, tabs and control characters in strings",
  "syntax: bad escapes",
  "syntax: comments",
  "syntax: an ellipsis in place of further values is dropped",
  "syntax: strings joined by a plus sign",
  "syntax: mismatched brackets",
  "syntax: extra brackets",
  "syntax: Python True, False and None",
  "syntax: tuples and sets",
  "syntax: NaN and undefined are null, Infinity is not a value",
  "syntax: a leading plus, a point without digits",
  "syntax: leading zeros",
  "syntax: 1,000 and 1_000",
  "syntax: 1/2 and the like",
  "syntax: hexadecimal numbers",
  "syntax: units",
  "syntax: full-width punctuation",
  "syntax: byte order marks",
  "syntax: zero-width spaces",
  "syntax: no-break spaces",
    // The text is cut.
  "truncation: in a string",
  "truncation: after a key",
  "truncation: inside of an escape",
  "truncation: inside of a surrogate pair",
  "truncation: inside of a UTF-8 character",
  "truncation: nothing but white space",
  "truncation: empty text",
    // The meaning is not what was asked for: nothing that could be seen without a schema.
  "meaning: numbers as strings stay strings without a schema",
  "meaning: an enum's case or a synonym stays without a schema",
  "meaning: missing or extra keys stay so without a schema",
  "meaning: null for something required stays null without a schema",
  "meaning: a wrapper object stays without a schema",
  "meaning: the schema echoed back is an object like any other without a schema",
};

struct tally {
  std::size_t cases = 0;
  std::size_t one_reading = 0; ///< cases that mean one thing
  std::size_t recovered = 0;   ///< of those
  std::size_t refused = 0;     ///< cases that end as a fault, rightly or not
  std::size_t wrong = 0;       ///< cases that end as an answer with another meaning

  void add(const tally& other) {
    cases += other.cases;
    one_reading += other.one_reading;
    recovered += other.recovered;
    refused += other.refused;
    wrong += other.wrong;
  }
};

tally tally_of(const cleaning_table& table) {
  tally sum;
  for (const auto& row : table.rows) {
    const auto outcome = outcome_of(row, table.as);
    const auto* done = std::get_if<cleaned>(&outcome);
    const auto has_answer = !is_fault(row.expected);
    ++sum.cases;
    sum.one_reading += has_answer || row.missed;
    sum.recovered += done != nullptr && has_answer && done->text == row.expected;
    sum.refused += done == nullptr;
    sum.wrong += done != nullptr && done->text != row.expected;
  }
  return sum;
}

bool is_known(std::string_view shape) {
  return std::find(known_shapes.begin(), known_shapes.end(), shape) != known_shapes.end();
}

void print(std::string_view name, const tally& sum) {
  std::cout << "case list: " << std::left << std::setw(82) << name << std::right << std::setw(5) << sum.cases
            << std::setw(10) << sum.recovered << std::setw(8) << sum.refused << std::setw(6) << sum.wrong << "\n";
}

} // namespace

TEST_CASE("every shape that models were seen to produce has cases, none comes out wrong, 95 percent are recovered") {
  tally all;
  std::cout << "case list: " << std::left << std::setw(82) << "shape" << "cases recovered refused wrong\n";
  const auto list = [&](std::string_view shape) {
    tally sum;
    for (const auto* table : cleaning_tables())
      if (table->shape == shape)
        sum.add(tally_of(*table));
    print(shape, sum);
    all.add(sum);
    return sum.cases;
  };
  for (const std::string_view shape : known_shapes)
    CHECK_EQ(std::string{shape} + (list(shape) == 0 ? " has no case" : ""), shape);
  std::vector<std::string_view> more;
  for (const auto* table : cleaning_tables())
    if (!is_known(table->shape))
      more.push_back(table->shape);
  std::sort(more.begin(), more.end());
  more.erase(std::unique(more.begin(), more.end()), more.end());
  for (const auto shape : more)
    list(shape);
  print("all", all);
  const auto share = 100.0 * static_cast<double>(all.recovered) / static_cast<double>(all.one_reading);
  std::cout << "case list: recovered " << all.recovered << " of " << all.one_reading << " that have one reading ("
            << std::fixed << std::setprecision(1) << share << " %), " << all.wrong << " wrong" << std::endl;
  CHECK(all.cases >= 250);
  CHECK_EQ(all.wrong, 0u);
  CHECK(all.recovered * 100 >= all.one_reading * 95);
}
