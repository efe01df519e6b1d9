#include "actors/sanitizer/schema/answer_schema.hpp"

#include "actors/sanitizer/schema/bounded_keywords.hpp"
#include "actors/sanitizer/schema/schema_normalizer.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
// valijson's headers are not written for -Wextra.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

#include <algorithm>
#include <optional>

namespace mp {
namespace {

namespace json = boost::json;
using adapter = valijson::adapters::BoostJsonAdapter;

// valijson and our constraints take 0.1 to 1 us a step, an answer of the food schema some fifty steps.
constexpr std::int64_t steps_max = 1'000'000;
// Violations are collected with their paths; this bounds how much of that is kept.
constexpr std::int64_t explaining_steps_max = 50'000;
// As deep as cleaned answers are (cleaning_limits), one more for an element made an array.
constexpr std::size_t answer_depth_max = 66;
constexpr std::size_t reason_bytes_max = 500;
// What a compiled schema holds (measured): its texts several times as names, values and words, and valijson's part for
// each subschema.
constexpr std::size_t schema_bytes_per_byte = 16;
constexpr std::size_t schema_bytes_per_part = 2'048;

/// valijson's paths are "<root>", "[name]", "[0]".
std::vector<std::string> path_of(const std::vector<std::string>& context) {
  std::vector<std::string> path;
  for (std::size_t i = 1; i < context.size(); ++i)
    path.push_back(context[i].size() < 2 ? context[i] : context[i].substr(1, context[i].size() - 2));
  return path;
}

/// Whether it only says that something inside is wrong, or that one of several branches is.
bool is_summary(std::string_view what) { return what.starts_with("Failed to "); }

/// valijson's adapter takes whole numbers of 64 bits with a sign, and fails on larger ones.
void make_large_numbers_double(json::value& value) {
  if (value.is_uint64())
    value = static_cast<double>(value.get_uint64());
  else if (value.is_array())
    for (auto& each : value.get_array())
      make_large_numbers_double(each);
  else if (value.is_object())
    for (auto& each : value.get_object())
      make_large_numbers_double(each.value());
}

std::optional<json::value> parse(std::string_view text, const json::storage_ptr& memory) {
  json::parse_options options;
  options.max_depth = answer_depth_max;
  json::error_code problem;
  auto value = json::parse({text.data(), text.size()}, problem, memory, options);
  if (problem)
    return std::nullopt;
  make_large_numbers_double(value);
  return value;
}

} // namespace

struct answer_schema::parts {
  valijson::Schema schema;
  std::vector<std::string> words;
  std::size_t bytes = 0;

  bool validate(std::string_view text, valijson::ValidationResults* results, std::int64_t steps) const {
    json::monotonic_resource memory;
    const auto value = parse(text, &memory);
    if (!value)
      return false;
    try {
      const step_budget budget{steps};
      valijson::Validator validator{valijson::Validator::kStrongTypes};
      return validator.validate(schema, adapter{*value}, results);
    } catch (const too_much_work&) {
      return false;
    }
  }
};

answer_schema::answer_schema(std::unique_ptr<const parts> made) : parts_(std::move(made)) {}
answer_schema::~answer_schema() = default;

answer_schema::compiled answer_schema::compile(std::string_view schema_json) {
  auto prepared = prepare_schema(schema_json);
  if (auto* why = std::get_if<std::string>(&prepared))
    return std::move(*why);
  auto& rules = std::get<prepared_schema>(prepared);
  make_large_numbers_double(rules.document);
  auto made = std::make_unique<parts>();
  try {
    schema_patterns patterns;
    valijson::SchemaParser parser{valijson::SchemaParser::kDraft7};
    add_bounded_keywords(parser, patterns);
    parser.populateSchema(adapter{rules.document}, made->schema);
    made->bytes = schema_bytes_per_byte * schema_json.size() + schema_bytes_per_part * rules.subschemas
                  + schema_patterns::pattern_memory_max * patterns.count();
  } catch (const bad_pattern& bad) {
    return "a pattern in it cannot be used: " + bad.why;
  } catch (const std::exception&) {
    return std::string{"it is not a valid JSON Schema"};
  }
  made->words = std::move(rules.words);
  return std::shared_ptr<const answer_schema>{new answer_schema{std::move(made)}};
}

bool answer_schema::accepts(std::string_view json) const { return parts_->validate(json, nullptr, steps_max); }

std::vector<violation> answer_schema::violations(std::string_view json) const {
  valijson::ValidationResults results;
  if (parts_->validate(json, &results, explaining_steps_max))
    return {};
  std::vector<violation> found;
  for (const auto& each : results) {
    auto what = each.description;
    if (what.ends_with('.')) // it becomes a part of a sentence
      what.pop_back();
    const auto other_value = what.starts_with(other_value_mark);
    found.push_back({path_of(each.context), what.substr(other_value ? 1 : 0), other_value});
  }
  return found;
}

const std::vector<std::string>& answer_schema::words() const { return parts_->words; }

std::size_t answer_schema::bytes() const { return parts_->bytes; }

std::string pointer_text(const std::vector<std::string>& path) {
  if (path.empty())
    return "the answer";
  std::string text;
  for (const auto& each : path) {
    text += '/';
    for (const auto c : each)
      text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return text;
}

std::string reason_text(const std::vector<violation>& violations) {
  constexpr std::size_t told_max = 3;
  std::vector<std::string> told;
  for (const auto summaries : {false, true})
    for (const auto& each : violations) {
      if (is_summary(each.what) != summaries || told.size() == told_max || (summaries && !told.empty()))
        continue;
      auto text = pointer_text(each.path) + ": " + each.what;
      if (std::find(told.begin(), told.end(), text) == told.end())
        told.push_back(std::move(text));
    }
  std::string reason;
  for (const auto& each : told)
    reason += (reason.empty() ? "" : "; ") + each;
  if (reason.empty())
    return "it does not follow the schema";
  if (reason.size() > reason_bytes_max) {
    reason.resize(reason_bytes_max);
    while (!reason.empty() && (static_cast<unsigned char>(reason.back()) & 0xC0) == 0x80)
      reason.pop_back(); // no half of a character
    if (!reason.empty() && static_cast<unsigned char>(reason.back()) >= 0x80)
      reason.pop_back();
    reason += "...";
  }
  return reason;
}

} // namespace mp
