// How fast the sanitizer is, in megabytes a second of one core:   tests/benchmark/run sanitizer [--check] [--all]
//
// Clean JSON of several kinds, near-JSON, and hostile texts: those of the tests for linear time, and the texts of the
// fuzz corpus again and again. The time is that of this thread alone, the best of several runs, so that other work on
// the machine counts little.

#include "actors/sanitizer/clean_answer.hpp"
#include "messages/json/json_text.hpp"
#include "tests/unit/sanitizer/hostile_texts.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

using namespace mp;

namespace {

constexpr std::size_t text_bytes = 256 << 10;
constexpr double clean_limit = 200; // MB/s
constexpr double hostile_limit = 50;

struct measured {
  std::string name;
  double megabytes_a_second = 0;
};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

measured measure(std::string name, std::string_view text, answer_shape shape = answer_shape::json_required) {
  auto best = 1e9;
  for (auto run = 0; run < 7; ++run) {
    const auto began = thread_seconds();
    const auto outcome = clean_answer(text, shape, finish_reason::stop);
    best = std::min(best, thread_seconds() - began);
    if (outcome.valueless_by_exception())
      return {name, 0};
  }
  return {std::move(name), static_cast<double>(text.size()) / best / 1e6};
}

/// An array of as many of `element` as make the size.
std::string array_of(std::string_view element) {
  return "[" + test::repeated(std::string{element} + ",", text_bytes) + "0]";
}

std::vector<measured> clean_texts() {
  constexpr std::string_view dish = R"({"dish_name":"Pizza \"Margherita\"","estimated_avg_calories":285,)"
                                    R"("ingredients":["cheese","tomato sauce","dough"],)"
                                    R"("contains":{"protein":12.0,"carbs":36.0,"fat":10.0},"by":null})";
  constexpr std::string_view spread = "{\n  \"dish_name\": \"Pizza\",\n  \"calories\": 285,\n"
                                      "  \"tags\": [\n    \"a\",\n    \"b\"\n  ]\n}\n";
  return {measure("dishes, compact", array_of(dish)),
          measure("dishes, one member a line", array_of(spread)),
          measure("long strings", array_of("\"" + std::string(2000, 'x') + "\"")),
          measure("short strings", array_of("\"ab\"")),
          measure("strings of escapes", array_of(R"("\u00e9\n\"x\" \\")")),
          measure("strings beyond ASCII", array_of("\"\xE5\xAF\xBF\xE5\x8F\xB8 caf\xC3\xA9\"")),
          measure("numbers", array_of("12.50,-3,1e5")),
          measure("small objects", array_of("{\"a\":1}"))};
}

std::vector<measured> near_json_texts() {
  return {measure("dishes in a fence with prose",
                  "Sure:\n```json\n" + array_of(R"({"a":"Pizza","b":[1,2]})") + "\n```\nBye."),
          measure("single quotes", array_of("{'a': 'Pizza', 'b': ['it\\'s', None]}")),
          measure("names without quotes", array_of("{a: \"Pizza\", b: 1}")),
          measure("comments", array_of("{\"a\": 1, // one\n\"b\": 2}")),
          measure("inner quotes", array_of("{\"a\": \"so \"x\" it is\", \"b\": 1}"))};
}

std::string printable(std::string_view text) {
  std::string out;
  for (const auto c : text.substr(0, 24)) {
    char code[5];
    std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned char>(c));
    out += c >= ' ' && c <= '~' ? std::string(1, c) : c == '\n' ? "\\n" : code;
  }
  return out;
}

std::vector<measured> hostile_texts(const std::filesystem::path& corpus) {
  std::vector<measured> all;
  for (const auto shape : {answer_shape::json_required, answer_shape::text}) {
    const auto kind = std::string{shape == answer_shape::text ? " (text)" : ""};
    for (const auto piece : test::hostile_pieces)
      for (const auto before : test::hostile_beginnings)
        all.push_back(measure("'" + printable(before) + "' then '" + printable(piece) + "'" + kind,
                              std::string{before} + test::repeated(piece, text_bytes), shape));
    if (!std::filesystem::is_directory(corpus))
      continue;
    for (const auto& file : std::filesystem::directory_iterator(corpus)) {
      std::ifstream in{file.path(), std::ios::binary};
      const std::string content{std::istreambuf_iterator<char>{in}, {}};
      if (content.size() > 1)
        all.push_back(measure("corpus " + file.path().filename().string().substr(0, 40) + kind,
                              test::repeated(std::string_view{content}.substr(1), text_bytes), shape));
    }
  }
  return all;
}

/// Prints the slowest `most` of them and gives the least speed.
double print(const char* title, std::vector<measured> all, std::size_t most) {
  std::sort(all.begin(), all.end(),
            [](const measured& a, const measured& b) { return a.megabytes_a_second < b.megabytes_a_second; });
  std::printf("%s: the slowest of %zu\n", title, all.size());
  for (std::size_t i = 0; i < std::min(most, all.size()); ++i)
    std::printf("  %7.0f MB/s  %s\n", all[i].megabytes_a_second, all[i].name.c_str());
  return all.front().megabytes_a_second;
}

} // namespace

/// Arguments: the folder of the fuzz corpus; --check: exit code 1 below the limits; --all: every figure.
int main(int argc, char** argv) {
  std::filesystem::path corpus;
  auto check = false;
  std::size_t most = 8;
  for (auto i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    if (argument == "--check")
      check = true;
    else if (argument == "--all")
      most = static_cast<std::size_t>(-1);
    else
      corpus = argument;
  }
  const auto clean = print("clean JSON", clean_texts(), most);
  print("near-JSON", near_json_texts(), most);
  const auto hostile = print("hostile texts", hostile_texts(corpus), most);
  std::printf("limits: %.0f MB/s for clean JSON, %.0f MB/s for hostile texts\n", clean_limit, hostile_limit);
  return check && (clean < clean_limit || hostile < hostile_limit) ? 1 : 0;
}
