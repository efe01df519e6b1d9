#include "actors/sanitizer/extract/turn_marks.hpp"

#include "messages/json/ascii.hpp"

#include <algorithm>
#include <array>

namespace mp {
namespace {

/// What a mark's name stands between. Plain angles are HTML's too, so few names count there.
enum class brackets { piped, angle, square };

struct mark_row {
  std::string_view name; ///< in lower case, without `_`, U+2581 and blanks
  turn_mark_kind kind;
};

using enum turn_mark_kind;

/// `<|name|>`, `<｜name｜>` (full-width bars) and `[|name|]`.
constexpr std::array piped_marks{
  mark_row{"imend", end},
  mark_row{"eotid", end},
  mark_row{"eomid", end},
  mark_row{"eot", end},
  mark_row{"eom", end},
  mark_row{"eos", end},
  mark_row{"eosid", end},
  mark_row{"eod", end},
  mark_row{"eodid", end},
  mark_row{"endoftext", end},
  mark_row{"endofturn", end},
  mark_row{"endofturntoken", end},
  mark_row{"endofsentence", end},
  mark_row{"endofmessage", end},
  mark_row{"endofutterance", end},
  mark_row{"endofresponse", end},
  mark_row{"endofdocument", end},
  mark_row{"endofassistant", end},
  mark_row{"endofuser", end},
  mark_row{"endofsystem", end},
  mark_row{"endofprompt", end},
  mark_row{"endofgeneration", end},
  mark_row{"endofconversation", end},
  mark_row{"endresponse", end},
  mark_row{"end", end},
  mark_row{"return", end},
  mark_row{"call", end},
  mark_row{"stop", end},
  mark_row{"separator", end},
  mark_row{"assistantend", end},
  mark_row{"userend", end},
  mark_row{"systemend", end},
  mark_row{"roleend", end},
  mark_row{"messageend", end},
  mark_row{"turnend", end},
  mark_row{"/assistant", end},
  mark_row{"/user", end},
  mark_row{"/system", end},
  mark_row{"eostoken", end},
  mark_row{"imstart", header},
  mark_row{"startheaderid", header},
  mark_row{"headerstart", header},
  mark_row{"startofrole", header},
  mark_row{"start", header},
  mark_row{"startofturntoken", start},
  mark_row{"assistant", assistant},
  mark_row{"chatbottoken", assistant},
  mark_row{"imassistant", assistant},
  mark_row{"assistantstart", assistant},
  mark_row{"startresponse", assistant},
  mark_row{"model", assistant},
  mark_row{"bot", assistant},
  mark_row{"user", other},
  mark_row{"human", other},
  mark_row{"system", other},
  mark_row{"tool", other},
  mark_row{"observation", other},
  mark_row{"usertoken", other},
  mark_row{"systemtoken", other},
  mark_row{"imuser", other},
  mark_row{"imsystem", other},
  mark_row{"userstart", other},
  mark_row{"systemstart", other},
  mark_row{"userprompt", other},
  mark_row{"prompter", other},
  mark_row{"beginoftext", start},
  mark_row{"startoftext", start},
  mark_row{"beginofsentence", start},
  mark_row{"bos", start},
  mark_row{"channel", channel},
  mark_row{"message", message},
};

/// `<name>`.
constexpr std::array angle_marks{
  mark_row{"/s", end},
  mark_row{"endofturn", end},
  mark_row{"endoftext", end},
  mark_row{"endofsentence", end},
  mark_row{"endofutterance", end},
  mark_row{"endofmessage", end},
  mark_row{"eos", end},
  mark_row{"eostoken", end},
  mark_row{"eot", end},
  mark_row{"eoa", end},
  mark_row{"eoh", end},
  mark_row{"eod", end},
  mark_row{"seed:eos", end},
  mark_row{"special12", end},
  mark_row{"startofturn", header},
  mark_row{"extraid1", header},
  mark_row{"extraid0", other},
  mark_row{"reserved106", other},
  mark_row{"reserved107", assistant},
  mark_row{"s", start},
  mark_row{"bos", start},
  mark_row{"bostoken", start},
  mark_row{"seed:bos", start},
  mark_row{"sop", start},
};

/// `[name]`.
constexpr std::array square_marks{
  mark_row{"inst", other},  mark_row{"/inst", assistant},    mark_row{"systemprompt", other},    mark_row{"eos", end},
  mark_row{"eot", end},     mark_row{"unusedtoken145", end}, mark_row{"unusedtoken146", header}, mark_row{"bos", start},
  mark_row{"gmask", start},
};

constexpr std::string_view wide_bar = "\xEF\xBD\x9C";
constexpr std::string_view blank = "\xE2\x96\x81"; // SentencePiece's

/// A name as the tables have it; longer ones are no marks.
class short_name {
public:
  bool add(char c) {
    if (size_ == bytes_.size())
      return false;
    bytes_[size_++] = lower(c);
    return true;
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

private:
  std::array<char, 24> bytes_{};
  std::size_t size_ = 0;
};

bool is_name_byte(char c) { return is_letter_or_digit(c) || c == '/' || c == ':'; }

struct read_name {
  short_name name;
  std::size_t end = 0; ///< 0 where there is none
};

read_name name_at(std::string_view text, std::size_t at) {
  read_name result;
  constexpr std::size_t bytes_max = 40;
  const auto begin = at;
  while (at < text.size() && at - begin < bytes_max) {
    if (text.substr(at, blank.size()) == blank)
      at += blank.size();
    else if (text[at] == '_' || text[at] == ' ')
      ++at;
    else if (!is_name_byte(text[at]))
      break;
    else if (!result.name.add(text[at++]))
      return {};
  }
  result.end = at;
  return result;
}

template <class Rows>
turn_mark_kind kind_of_name(const Rows& rows, std::string_view name) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const mark_row& each) { return each.name == name; });
  return row == rows.end() ? none : row->kind;
}

/// The name that begins at `inside`, when `closing` stands behind it.
template <class Rows>
turn_mark mark_of(std::string_view text, std::size_t at, std::size_t inside, std::string_view closing,
                  const Rows& rows) {
  const auto read = name_at(text, inside);
  if (read.end == 0 || text.substr(read.end, closing.size()) != closing)
    return {};
  const auto kind = kind_of_name(rows, read.name.view());
  return kind == none ? turn_mark{} : turn_mark{kind, read.end + closing.size() - at};
}

} // namespace

turn_mark turn_mark_at(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size() || (text[at] != '<' && text[at] != '['))
    return {};
  const auto angle = text[at] == '<';
  if (text[at + 1] == '|')
    return mark_of(text, at, at + 2, angle ? "|>" : "|]", piped_marks);
  if (angle && text.substr(at + 1, wide_bar.size()) == wide_bar)
    return mark_of(text, at, at + 1 + wide_bar.size(), "\xEF\xBD\x9C>", piped_marks);
  return angle ? mark_of(text, at, at + 1, ">", angle_marks) : mark_of(text, at, at + 1, "]", square_marks);
}

} // namespace mp
