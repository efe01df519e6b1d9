#include "actors/sanitizer/repair/mend_string.hpp"

#include "actors/sanitizer/repair/backslashes.hpp"
#include "actors/sanitizer/repair/string_text.hpp"
#include "actors/sanitizer/repair/tokens.hpp"

#include <algorithm>

namespace mp {
namespace {

constexpr std::string_view triple_quote = "\"\"\"";

void note_quotes(quote_kind kind, mend_list& mends) {
  switch (kind) {
    case quote_kind::straight_double:
    case quote_kind::none: return;
    case quote_kind::straight_single: mends.add(mend_kind::single_quotes); return;
    case quote_kind::backtick: mends.add(mend_kind::backtick_quotes); return;
    case quote_kind::typographic_double:
    case quote_kind::typographic_single:
    case quote_kind::angle: mends.add(mend_kind::typographic_quotes);
  }
}

/// The content between three quotes, where everything up to the next three stands for itself.
mended_string append_triple_quoted(std::string& out, metered_text text, std::size_t at, mend_list& mends) {
  const auto begin = at + triple_quote.size();
  const auto end = text.find(triple_quote, begin);
  text.spend(3 * (std::min(end, text.size()) - std::min(begin, text.size())));
  if (end == std::string_view::npos)
    return {};
  mends.add(mend_kind::triple_quotes);
  if (!append_string_text(out, text.substr(begin, end - begin), quote_kind::none, mends))
    return {};
  return {.ending = string_ending::closed, .end = end + triple_quote.size()};
}

/// The content of the string at `at`.
mended_string append_content(std::string& out, metered_text text, std::size_t at, const string_place& place,
                             mend_list& mends) {
  if (place.role != string_role::key && text.substr(at, triple_quote.size()) == triple_quote)
    return append_triple_quoted(out, text, at, mends);
  const auto quote = opening_quote(text, at);
  const auto begin = at + quote.size;
  const auto extent = find_string_end(text, begin, quote.kind, place);
  if (extent.ending != string_ending::closed)
    return {.ending = extent.ending};
  note_quotes(quote.kind, mends);
  text.spend(2 * (extent.content_end - begin));
  if (extent.missing_quote)
    mends.add(mend_kind::missing_quote);
  const auto content = text.substr(begin, extent.content_end - begin);
  const auto written = out.size();
  if (!append_string_text(out, content, quote.kind, mends))
    return {};
  return {string_ending::closed, extent.next,
          names_a_drive(content) && names_a_drive(std::string_view{out}.substr(written)),
          content.find("\xE2\x96\x81") != std::string_view::npos};
}

/// The opening quote of a string that is joined to the one ending at `end`, or `end` itself.
std::size_t joined_quote(metered_text text, std::size_t end) {
  const auto plus = skip_blanks(text, end).end;
  if (plus >= text.size() || text[plus] != '+')
    return end;
  const auto next = skip_blanks(text, plus + 1).end;
  return opening_quote(text, next).kind == quote_kind::none ? end : next;
}

} // namespace

mended_string mend_string(std::string& out, metered_text text, std::size_t at, const string_place& place,
                          mend_list& mends) {
  out += '"';
  auto read = append_content(out, text, at, place, mends);
  while (read.ending == string_ending::closed && place.role != string_role::key) {
    const auto next = joined_quote(text, read.end);
    if (next == read.end)
      break;
    mends.add(mend_kind::string_join);
    const auto before = read;
    read = append_content(out, text, next, place, mends);
    read.perhaps_path |= before.perhaps_path;
    read.has_blank_sign |= before.has_blank_sign;
  }
  if (read.ending == string_ending::closed)
    out += '"';
  else if (read.ending == string_ending::member_name)
    out.pop_back();
  return read;
}

} // namespace mp
