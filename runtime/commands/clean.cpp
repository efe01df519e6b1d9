#include "runtime/commands/commands.hpp"

#include "actors/sanitizer/clean_for_schema.hpp"
#include "messages/json/json_text.hpp"
#include "runtime/config/schema_file.hpp"

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

std::string mends_json(const std::vector<mend_kind>& mends) {
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
  return line += ",\"repairs\":" + mends_json(answer.mends) + "}\n";
}

std::string report_line(std::string_view code, std::string_view message) {
  std::string line{"{\"outcome\":\"failed\",\"answer\":null,\"repairs\":[],\"reason\":{\"code\":"};
  append_string_literal(line, code);
  line += ",\"message\":";
  append_string_literal(line, message);
  return line += "}}\n";
}

/// The answer, or what the service would say of it.
std::variant<cleaned, unusable_answer> outcome_of(std::string_view raw, const clean_options& options,
                                                  const answer_schema* schema, const cleaning_limits& limits) {
  const auto finish = options.cut ? finish_reason::length : finish_reason::stop;
  if (schema)
    return clean_for_schema(raw, schema, finish, limits);
  auto outcome = clean_answer(raw, options.text ? answer_shape::text : answer_shape::json_required, finish, limits);
  if (const auto* why = std::get_if<fault>(&outcome))
    return unusable_answer{*why, std::string{info_of(*why).text}};
  return std::get<cleaned>(std::move(outcome));
}

} // namespace

int clean_command(const settings& chosen, const clean_options& options, std::istream& in, std::ostream& out,
                  std::ostream& complaints) {
  cleaning_limits limits;
  limits.answer_bytes_max = chosen.max_answer_bytes;
  std::shared_ptr<const answer_schema> schema;
  if (!options.schema_file.empty()) {
    auto read = config::read_schema_file(options.schema_file);
    if (const auto* problem = std::get_if<std::string>(&read)) {
      complaints << "--schema: \"" << options.schema_file << "\" " << *problem << "\n";
      return exit_wrong_settings;
    }
    schema = std::get<config::schema_file>(std::move(read)).compiled;
  }
  const auto outcome = outcome_of(read_up_to(in, limits.answer_bytes_max), options, schema.get(), limits);
  if (const auto* unusable = std::get_if<unusable_answer>(&outcome)) {
    if (options.json)
      out << report_line(code_of(unusable->why), unusable->problem) << std::flush;
    complaints << "clean: " << code_of(unusable->why) << ": " << unusable->problem << "\n";
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
