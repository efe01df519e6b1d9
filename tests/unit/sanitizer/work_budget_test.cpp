#define CAF_SUITE work_budget
#include "tests/support/test.hpp"

#include "actors/sanitizer/clean_answer.hpp"
#include "messages/json/json_text.hpp"
#include "tests/unit/sanitizer/corrupted_answers.hpp"
#include "tests/unit/sanitizer/worst_text.hpp"

#include <initializer_list>
#include <string>

// Work is counted, not timed, so that a busy machine changes nothing. linear_time_test looks at what is not counted.

using namespace mp;

namespace {

struct worked {
  std::variant<cleaned, fault> outcome;
  std::size_t spent = 0;
  std::size_t limit = 0;
};

worked clean(std::string_view text, answer_shape shape) {
  auto budget = work_budget::for_answer(text.size());
  auto outcome = clean_answer(text, shape, finish_reason::stop, {}, budget);
  return {std::move(outcome), budget.spent(), budget.limit()};
}

/// What the step at which the budget is found to be used up may take: the rest of the text, looked at some times.
std::size_t one_step(std::string_view text) { return 10'000 + 24 * text.size(); }

constexpr auto shapes = {answer_shape::json_required, answer_shape::text};

} // namespace

TEST_CASE("no text takes more than its budget and one step") {
  constexpr std::size_t size = 64 << 10;
  for (const auto piece : test::hostile_pieces)
    for (const auto before : test::hostile_beginnings)
      for (const auto shape : shapes) {
        const auto text = std::string(before) + test::repeated(piece, size);
        const auto done = clean(text, shape);
        CHECK_LE(done.spent, done.limit + one_step(text));
      }
}

TEST_CASE("none that a search for the dearest finds does") {
  constexpr std::size_t size = 8 << 10;
  for (const auto shape : shapes) {
    test::worst_search search{7, [&](const test::worst_text& each) {
                                const auto text = each.of_size(size);
                                const auto done = clean(text, shape);
                                CHECK_LE(done.spent, done.limit + one_step(text));
                                return static_cast<double>(done.spent) / static_cast<double>(text.size());
                              }};
    CHECK(search.run(1500).cost > 0);
  }
}

TEST_CASE("a text whose budget is used up is refused, or left as it is") {
  const auto text = test::repeated("\xE2\x80\x99\"a\" + \"b\"[/THINK]\"a\":1,{a:", 400'000);
  const auto json = clean(text, answer_shape::json_required);
  CHECK(json.spent > json.limit);
  CHECK(std::get<fault>(json.outcome) == fault::invalid_answer);
  const auto as_text = clean(text, answer_shape::text);
  CHECK_EQ(std::get<cleaned>(as_text.outcome).text, text);
  CHECK_EQ(std::get<cleaned>(as_text.outcome).object, "");
}

TEST_CASE("valid JSON takes nothing of it") {
  for (const auto piece : test::hostile_pieces) {
    const auto text =
      "[" + string_literal(test::repeated(piece == "\xE2" || piece == "\xFF" ? "x" : piece, 400'000)) + ",\n{}]";
    const auto done = clean(text, answer_shape::json_required);
    CHECK_EQ(done.spent, 0u);
    CHECK_EQ(std::get<cleaned>(done.outcome).text, compact_json(text));
  }
}

TEST_CASE("real near-JSON takes less than three quarters of it, as long as it may be") {
  for (const std::string_view element :
       {R"({'dish': 'Pizza', 'with': ['cheese', 'it\'s', None], 'kcal': 1_200, })",
        R"({dish: "so "good" it is", kcal: 12, // about)"
        "\n}",
        R"({"dish": "Pizza" "kcal": 285, "tags": ["a" "b",],})", R"({"p": "C:\Windows\System", "d": "\d+ \w"})"}) {
    const auto text =
      "Here you are:\n```json\n[" + test::repeated(std::string{element} + ",", 300'000) + "{}]\n```\nEnjoy!";
    const auto done = clean(text, answer_shape::json_required);
    CHECK(std::holds_alternative<cleaned>(done.outcome));
    CHECK_LE(done.spent, done.limit / 4 * 3);
  }
}
