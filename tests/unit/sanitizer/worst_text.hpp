#pragma once
// A search for the texts that cost the sanitizer most: pieces of what it looks closely at, put together by chance, and
// the dearest ones changed again and again. The same seed makes the same texts.

#include "tests/unit/sanitizer/food_answer.hpp"
#include "tests/unit/sanitizer/hostile_texts.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mp::test {

/// What is put together, besides the hostile pieces.
inline constexpr std::string_view worst_fragments[]{"{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    "(",
                                                    ")",
                                                    "\"",
                                                    "'",
                                                    "`",
                                                    ":",
                                                    ",",
                                                    "=",
                                                    "+",
                                                    "-",
                                                    "\\",
                                                    "/",
                                                    "\n",
                                                    " ",
                                                    "\t",
                                                    "a",
                                                    "ab_c",
                                                    "1",
                                                    "0x1",
                                                    "1,000",
                                                    "true",
                                                    "None",
                                                    "yes",
                                                    "...",
                                                    "//",
                                                    "/*",
                                                    "*/",
                                                    "#",
                                                    "<!--",
                                                    "-->",
                                                    "</",
                                                    "<",
                                                    ">",
                                                    "```",
                                                    "~~~",
                                                    "```json\n",
                                                    "<think>",
                                                    "</think>",
                                                    "[THINK]",
                                                    "[/THINK]",
                                                    "<|im_end|>",
                                                    "<|im_start|>assistant\n",
                                                    "<|channel|>",
                                                    "<|message|>",
                                                    "[INST]",
                                                    "</s>",
                                                    "\xE2\x80\x9C",
                                                    "\xE2\x80\x9D",
                                                    "\xE2\x80\x9E",
                                                    "\xE2\x80\x98",
                                                    "\xE2\x80\x99",
                                                    "\xC2\xAB",
                                                    "\xC2\xBB",
                                                    "\xE3\x80\x90",
                                                    "\xEF\xBC\x9A",
                                                    "\xC2\xA0",
                                                    "\xE2\x96\x81",
                                                    "\xF0\x9F\x8D\x95",
                                                    "\\n",
                                                    "\\\"",
                                                    "\\u12",
                                                    "\\x4",
                                                    "\\d",
                                                    "C:\\",
                                                    "\"a\":",
                                                    "\"a\": \"",
                                                    "{\"a\":1}",
                                                    "{a:",
                                                    "'a': ",
                                                    "\"b\"",
                                                    "\"a\" + \"b\"",
                                                    "Example: ",
                                                    "Option 1: ",
                                                    "Wait, ",
                                                    "format",
                                                    "\"\"\"",
                                                    "\",\n\"",
                                                    "\"}",
                                                    "{{",
                                                    "}}",
                                                    "Infinity"};

/// One text: a beginning, and a piece that is repeated behind it.
struct worst_text {
  std::vector<std::string_view> before;
  std::vector<std::string_view> piece;
  double cost = 0;

  std::string of_size(std::size_t bytes) const {
    std::string begun;
    for (const auto each : before)
      begun += each;
    std::string again;
    for (const auto each : piece)
      again += each;
    return begun + repeated(again.empty() ? " " : again, bytes);
  }
};

/// Hill climbing from `islands` beginnings at a time; each dear text has children with a fragment more, less, or
/// another.
class worst_search {
public:
  using cost_of = std::function<double(const worst_text&)>;

  worst_search(std::uint64_t seed, cost_of cost) : random_(seed), cost_(std::move(cost)) {}

  /// The dearest text of `rounds` tries.
  worst_text run(std::size_t rounds) {
    constexpr std::size_t kept = 24;
    for (std::size_t round = 0; round < rounds; ++round) {
      const auto anew = texts_.size() < kept || random_.chance(5);
      auto next =
        anew ? made() : changed(texts_[random_.roll(std::min<std::size_t>(texts_.size(), 1 + random_.roll(kept)))]);
      next.cost = cost_(next);
      const auto place = std::upper_bound(texts_.begin(), texts_.end(), next.cost,
                                          [](double cost, const worst_text& each) { return cost > each.cost; });
      texts_.insert(place, std::move(next));
      if (texts_.size() > kept)
        texts_.pop_back();
    }
    return texts_.front();
  }

private:
  std::string_view fragment() {
    if (random_.chance(20))
      return hostile_pieces[random_.roll(hostile_pieces.size())];
    return worst_fragments[random_.roll(std::size(worst_fragments))];
  }

  worst_text made() {
    worst_text text;
    for (auto i = random_.roll(3); i > 0; --i)
      text.before.push_back(fragment());
    for (auto i = 1 + random_.roll(6); i > 0; --i)
      text.piece.push_back(fragment());
    return text;
  }

  worst_text changed(worst_text text) {
    for (auto i = 1 + random_.roll(3); i > 0; --i) {
      auto& part = random_.chance(80) ? text.piece : text.before;
      const auto at = part.begin() + static_cast<std::ptrdiff_t>(random_.roll(part.size() + 1));
      const auto kind = random_.roll(3);
      if (kind == 0 && part.size() < 12)
        part.insert(at, fragment());
      else if (at != part.end() && kind == 1 && part.size() > 1)
        part.erase(at);
      else if (at != part.end())
        *at = fragment();
    }
    return text;
  }

  dice random_;
  cost_of cost_;
  std::vector<worst_text> texts_; ///< the dearest first
};

} // namespace mp::test
