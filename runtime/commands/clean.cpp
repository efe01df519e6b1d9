#include "runtime/commands/commands.hpp"

#include "actors/sanitizer/clean_answer.hpp"
#include "messages/wire/json_text.hpp"

#include <algorithm>
#include <iostream>

namespace mp {
namespace {

/// At most one byte more than `limit`: enough to see that a text is too large, whatever is fed in.
std::string read_up_to(std::istream& in, std::size_t limit) {
  std::string text;
  constexpr std::size_t block = std::size_t{64} << 10;
  while (in && text.size() <= limit) {
    const auto had = text.size();
    text.resize(had + std::min(block, limit + 1 - had));
    in.read(text.data() + had, static_cast<std::streamsize>(text.size() - had));
    text.resize(had + static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

std::string repairs_json(const std::vector<mend_kind>& mends) {
  std::string json{"["};
  for (auto mend : mends)
    json.append(json.size() > 1 ? ",\"" : "\"").append(name_of(mend)).append("\"");
  return json += ']';
}

std::string report_line(const cleaned& answer, bool is_text) {
  std::string line{"{\"outcome\":"};
  line += answer.mends.empty() ? "\"clean\"" : "\"mended\"";
  line += ",\"answer\":";
  if (is_text)
    append_string_literal(line, answer.text);
  else
    line += answer.text; // as it was written: numbers and the order of names must not change on the way
  return line += ",\"repairs\":" + repairs_json(answer.mends) + "}\n";
}

std::string report_line(const fault_row& why) {
  std::string line{"{\"outcome\":\"failed\",\"answer\":null,\"repairs\":[],\"reason\":{\"code\":"};
  append_string_literal(line, why.code);
  line += ",\"message\":";
  append_string_literal(line, why.text);
  return line += "}}\n";
}

} // namespace

int clean_command(const settings& chosen, const clean_options& options, std::istream& in, std::ostream& out,
                  std::ostream& complaints) {
  cleaning_limits limits;
  limits.answer_bytes_max = chosen.max_answer_bytes;
  const auto raw = read_up_to(in, limits.answer_bytes_max);
  const auto shape = options.text ? answer_shape::text : answer_shape::json_required;
  const auto outcome = clean_answer(raw, shape, options.cut ? finish_reason::length : finish_reason::stop, limits);
  if (const auto* why = std::get_if<fault>(&outcome)) {
    if (options.json)
      out << report_line(row(*why)) << std::flush;
    complaints << "clean: " << code_of(*why) << ": " << row(*why).text << "\n";
    return exit_failed;
  }
  const auto& answer = std::get<cleaned>(outcome);
  if (options.json)
    out << report_line(answer, options.text);
  else
    out << answer.text << (answer.text.ends_with('\n') ? "" : "\n");
  out << std::flush;
  if (!out) {
    complaints << "clean: the answer could not be written\n";
    return exit_failed;
  }
  return exit_well;
}

} // namespace mp
