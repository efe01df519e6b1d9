#include "actors/telemetry/log_line.hpp"

#include "messages/iso_8601.hpp"
#include "messages/json/escaped_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mp::log {
namespace {

constexpr std::string_view cut_mark = "...";

/// Whether the text can stand in logfmt without quotes. Text beyond ASCII is quoted too: it may have to be escaped.
bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '='; });
}

struct value_writer {
  std::string& out;
  line_format format;

  void operator()(std::string_view text) const {
    auto end = text.size();
    if (end > value_bytes_max) // cut between two characters
      for (end = value_bytes_max - cut_mark.size(); end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80;)
        --end;
    auto shown = text.substr(0, end);
    const auto* quote = format == line_format::json || !is_plain(shown) ? "\"" : "";
    out += quote;
    *quote ? append_escaped(out, shown) : void(out += shown);
    out.append(end < text.size() ? cut_mark : "").append(quote);
  }

  template <class Number>
  void operator()(Number v) const {
    std::array<char, 32> digits; // the longest shortest form of a double has 24 characters
    if constexpr (std::is_same_v<Number, bool>)
      out += v ? "true" : "false";
    else if (format == line_format::json && !std::isfinite(static_cast<double>(v)))
      out += "null";
    else
      out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr);
  }
};

} // namespace

void append_line(std::string& out, line_format format, std::chrono::system_clock::time_point time, level l,
                 std::string_view event, std::span<const field> fields) {
  const auto json = format == line_format::json;
  out += json ? R"({"time":")" : "time=";
  append_iso_8601(out, time);
  out.append(json ? R"(","level":")" : " level=").append(to_string(l)).append(json ? R"(","event":)" : " event=");
  value_writer writer{out, format};
  writer(event);
  for (const auto& each : fields) {
    out.append(json ? ",\"" : " ").append(each.name).append(json ? "\":" : "=");
    std::visit(writer, each.value);
  }
  if (json)
    out += '}';
}

} // namespace mp::log
