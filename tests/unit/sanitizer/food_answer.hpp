#pragma once
// A food-analysis answer in pieces, so that it can be corrupted with its meaning known. The strings hold what misleads
// a careless reader: braces, quotes, backticks, addresses, comment marks, tags.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mp::test {

/// Random numbers that are the same on every platform (splitmix64).
class dice {
public:
  explicit dice(std::uint64_t seed) : state_(seed) {}

  /// From 0 to `sides` - 1.
  std::size_t roll(std::size_t sides) {
    state_ += 0x9E3779B97F4A7C15u;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<std::size_t>((z ^ (z >> 31)) % sides);
  }

  bool chance(std::size_t percent) { return roll(100) < percent; }
  std::string_view pick(const std::vector<std::string_view>& of) { return of[roll(of.size())]; }

private:
  std::uint64_t state_;
};

enum class part { name, text, sign, literal, number, space, comment };

/// A piece of an answer: for names and texts the content as JSON escapes it, and the quotes around it.
struct token {
  part kind = part::sign;
  std::string content;
  std::string open;
  std::string close;
  bool is_string() const { return kind == part::name || kind == part::text; }
};

using tokens = std::vector<token>;

inline const std::vector<std::string_view> dishes{"Pizza",
                                                  "Caesar salad",
                                                  "Cr\xC3\xA8me br\xC3\xBBl\xC3\xA9"
                                                  "e",
                                                  "Mom's apple pie",
                                                  "\xE5\xAF\xBF\xE5\x8F\xB8",
                                                  "Fish & chips",
                                                  R"(Chef's \"special\" burger)",
                                                  R"(12\" sub)",
                                                  "Taco {crispy}",
                                                  "Ramen [large]",
                                                  "Pad Thai `spicy`",
                                                  "Mac 'n' cheese",
                                                  "Soup/stew",
                                                  R"(\"The Works\" pizza)"};
inline const std::vector<std::string_view> ingredients{"cheese",
                                                       "tomato sauce",
                                                       "olive oil",
                                                       R"(\"00\" flour)",
                                                       "salt & pepper",
                                                       "egg (large)",
                                                       "jalape\xC3\xB1o",
                                                       "chef's sauce",
                                                       "1/2 cup milk",
                                                       "sugar, brown",
                                                       "{garnish}",
                                                       "[optional] nuts",
                                                       "`secret` sauce",
                                                       "5% fat milk",
                                                       "// not a comment",
                                                       "/* spice */",
                                                       "# hash browns",
                                                       "a: b",
                                                       "True",
                                                       "null",
                                                       "two_words"};
inline const std::vector<std::string_view> notes{"See https://example.com/a?b=1&c=2 for details",
                                                 "Use {curly} and [square] brackets",
                                                 R"(He said \"yes\" twice)",
                                                 "Contains `code` and ```fences```",
                                                 "// this is no comment",
                                                 "/* nor this */ ok",
                                                 "#hashtag #food",
                                                 "It's the cook's best",
                                                 R"(Serve \"hot\", not \"cold\")",
                                                 R"(path C:\\food)",
                                                 R"(line one\nline two)",
                                                 R"(tab\there)",
                                                 R"(a \"quoted, word\" here)",
                                                 R"(ends with \"yes\")",
                                                 R"(\"starts\" with it)",
                                                 "emoji \xF0\x9F\x8D\x95 here",
                                                 "None of it is True",
                                                 "key: value, other: thing",
                                                 "<think>not thinking</think>",
                                                 R"(5' 10\" tall)",
                                                 "semi; colon"};

/// Writes one answer as tokens, in one of three layouts.
class writer {
public:
  explicit writer(dice& random) : random_(random), layout_(random.roll(3)) {}

  tokens write() {
    open("{");
    string_member("dish_name", random_.pick(dishes));
    member("estimated_avg_calories", part::number, random_.pick({"285", "0", "1200", "350.5"}));
    name("ingredients");
    open("[");
    for (auto i = random_.roll(4) + 1; i > 0; --i)
      item(part::text, random_.pick(ingredients));
    close("]");
    member("total_avg_weight", part::number, random_.pick({"200", "150.25", "1e3"}));
    name("contains");
    open("{");
    for (const auto* each : {"protein", "carbs", "fat"})
      member(each, part::number, random_.pick({"12.0", "36.0", "10", "0.5"}));
    close("}");
    if (random_.chance(50))
      string_member("notes", random_.pick(notes));
    if (random_.chance(50))
      member("vegan", part::literal, random_.pick({"true", "false", "null"}));
    if (random_.chance(30))
      string_member("url", "https://food.example/1//x");
    close("}");
    return std::move(out_);
  }

private:
  void sign(std::string_view which) { out_.push_back({part::sign, std::string(which), "", ""}); }

  void space() {
    if (layout_ == 1 && depth_ > 0 && out_.back().content == ",")
      out_.push_back({part::space, " ", "", ""});
    if (layout_ == 2)
      out_.push_back({part::space, "\n" + std::string(2 * depth_, ' '), "", ""});
  }

  void open(std::string_view bracket) {
    sign(bracket);
    ++depth_;
    first_ = true;
  }

  void close(std::string_view bracket) {
    --depth_;
    space();
    sign(bracket);
    first_ = false;
  }

  void item(part kind, std::string_view content) {
    if (!first_)
      sign(",");
    first_ = false;
    space();
    put(kind, content);
  }

  void put(part kind, std::string_view content) {
    const auto quote = kind == part::name || kind == part::text ? "\"" : "";
    out_.push_back({kind, std::string(content), quote, quote});
  }

  void name(std::string_view which) {
    item(part::name, which);
    sign(":");
    if (layout_ != 0)
      out_.push_back({part::space, " ", "", ""});
  }

  void member(std::string_view which, part kind, std::string_view value) {
    name(which);
    put(kind, value);
  }

  void string_member(std::string_view which, std::string_view value) { member(which, part::text, value); }

  dice& random_;
  std::size_t layout_;
  std::size_t depth_ = 0;
  bool first_ = true;
  tokens out_;
};

/// The text of an answer; compact: without the white space between its tokens.
inline std::string joined(const tokens& all, bool compact) {
  std::string text;
  for (const auto& each : all)
    if (!compact || each.kind != part::space)
      text += each.open + each.content + each.close;
  return text;
}

} // namespace mp::test
