#include "actors/sanitizer/schema/bounded_keywords.hpp"

#include "actors/sanitizer/schema/schema_normalizer.hpp"
#include "messages/json/json_text.hpp"
#include "messages/json/utf8.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <valijson/constraint_builder.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#pragma GCC diagnostic pop

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <new>
#include <set>
#include <vector>

namespace mp {
namespace {

using valijson::adapters::Adapter;
using context_path = std::vector<std::string>;

thread_local step_budget* present_budget = nullptr;

// What a step is worth in bytes that are looked at.
constexpr std::size_t bytes_per_step = 16;

/// Appends `value` as JSON in the one form that equal values have: members sorted, whole numbers without a fraction.
void append_canonical(const Adapter& value, std::string& out) {
  step_budget::take(1);
  if (value.isString()) {
    const auto text = value.asString();
    step_budget::take(static_cast<std::int64_t>(text.size() / bytes_per_step));
    append_string_literal(out, is_valid_utf8(text) ? text : mend_utf8(text));
  } else if (value.isBool()) {
    out += value.asBool() ? "true" : "false";
  } else if (value.isInteger()) {
    out += std::to_string(value.asInteger());
  } else if (value.isNumber()) {
    constexpr double exact_max = 9'007'199'254'740'992.0;
    const auto number = value.getNumber();
    char digits[32];
    const auto end = std::abs(number) <= exact_max && number == std::floor(number)
                       ? std::to_chars(digits, std::end(digits), static_cast<std::int64_t>(number)).ptr
                       : std::to_chars(digits, std::end(digits), number).ptr;
    out.append(digits, end);
  } else if (value.isArray()) {
    out += '[';
    value.applyToArray([&](const Adapter& element) {
      if (out.back() != '[')
        out += ',';
      append_canonical(element, out);
      return true;
    });
    out += ']';
  } else if (value.isObject()) {
    std::vector<std::string> members;
    value.applyToObject([&](const std::string& name, const Adapter& member) {
      members.push_back(string_literal(name) + ':');
      append_canonical(member, members.back());
      return true;
    });
    std::sort(members.begin(), members.end());
    out += '{';
    for (const auto& each : members)
      out += (out.back() == '{' ? "" : ",") + each;
    out += '}';
  } else {
    out += "null";
  }
}

std::string canonical(const Adapter& value) {
  std::string text;
  append_canonical(value, text);
  return text;
}

bool is_whole(const Adapter& value) {
  return value.isInteger() || (value.isNumber() && value.getNumber() == std::floor(value.getNumber()));
}

std::string with_article(const std::string& type) {
  return type == "null" ? type : (type.find_first_of("aio") == 0 ? "an " : "a ") + type;
}

std::string type_of(const Adapter& value) {
  return value.isString()   ? "string"
         : value.isBool()   ? "boolean"
         : is_whole(value)  ? "integer"
         : value.isNumber() ? "number"
         : value.isArray()  ? "array"
         : value.isObject() ? "object"
                            : "null";
}

/// What all of our constraints have in common: `Own` has a constructor from the keyword's value and `ok(target)`, and
/// `wish()`, which completes "has to be".
template <class Own>
class bounded_keyword : public valijson::constraints::PolyConstraint {
public:
  static constexpr bool names_values = false; ///< it says which types or values are allowed

  bool validate(const Adapter& target, const context_path& context, valijson::ValidationResults* results) const final {
    const auto& own = static_cast<const Own&>(*this);
    if (own.ok(target, context))
      return true;
    if (results != nullptr)
      results->pushError(context, (Own::names_values ? std::string{other_value_mark} : std::string{}) + "is "
                                    + with_article(type_of(target)) + ", but has to be " + own.wish());
    return false;
  }

private:
  bounded_keyword() = default;
  friend Own;

  valijson::constraints::Constraint* cloneInto(void* place) const final {
    return new (place) Own(static_cast<const Own&>(*this));
  }
  std::size_t sizeOf() const final { return sizeof(Own); }
};

/// Passes always, and is asked before everything else of its subschema.
class step_constraint final : public bounded_keyword<step_constraint> {
public:
  explicit step_constraint(const Adapter& weight) : weight_(weight.asInteger()) {}

  bool ok(const Adapter& target, const context_path& context) const {
    auto bytes = target.isString() ? target.asString().size() : 0;
    for (const auto& each : context)
      bytes += each.size() + sizeof(std::string);
    const auto inside = target.isArray() ? target.getArraySize() : target.isObject() ? target.getObjectSize() : 0;
    step_budget::take(weight_ + static_cast<std::int64_t>(inside + bytes / bytes_per_step));
    return true;
  }
  std::string wish() const { return {}; }

private:
  std::int64_t weight_;
};

class types_constraint final : public bounded_keyword<types_constraint> {
public:
  static constexpr bool names_values = true;

  explicit types_constraint(const Adapter& names) {
    names.applyToArray([&](const Adapter& each) {
      types_.push_back(each.asString());
      return true;
    });
  }

  bool ok(const Adapter& target, const context_path&) const {
    const auto type = type_of(target);
    return std::any_of(types_.begin(), types_.end(), [&](const std::string& each) {
      return each == type || (each == "number" && type == "integer");
    });
  }

  std::string wish() const {
    std::string text;
    for (const auto& each : types_)
      text += (text.empty() ? "" : " or ") + with_article(each);
    return text;
  }

private:
  std::vector<std::string> types_;
};

class values_constraint final : public bounded_keyword<values_constraint> {
public:
  static constexpr bool names_values = true;

  explicit values_constraint(const Adapter& values) : values_(std::make_shared<std::set<std::string>>()) {
    values.applyToArray([&](const Adapter& each) {
      values_->insert(canonical(each));
      return true;
    });
  }

  bool ok(const Adapter& target, const context_path&) const { return values_->contains(canonical(target)); }

  std::string wish() const {
    constexpr std::size_t shown_max = 200;
    std::string text;
    for (const auto& each : *values_) {
      if (text.size() + each.size() > shown_max)
        return text.empty() ? "one of the values that the schema names" : text + " or another that the schema names";
      text += (text.empty() ? "" : " or ") + each;
    }
    return text;
  }

private:
  std::shared_ptr<std::set<std::string>> values_; ///< shared by the copies that valijson makes
};

class pattern_constraint final : public bounded_keyword<pattern_constraint> {
public:
  explicit pattern_constraint(std::shared_ptr<const re2::RE2> pattern) : pattern_(std::move(pattern)) {}

  bool ok(const Adapter& target, const context_path&) const {
    if (!target.isString())
      return true;
    const auto text = target.asString();
    // What does not fit into its memory RE2 reads slower by the size of the pattern's program.
    constexpr std::size_t program_per_step = 64;
    const auto per_byte = 1 + static_cast<std::size_t>(pattern_->ProgramSize()) / program_per_step;
    step_budget::take(static_cast<std::int64_t>(text.size() * per_byte));
    return re2::RE2::PartialMatch(text, *pattern_);
  }

  std::string wish() const { return "one that matches " + pattern_->pattern(); }

private:
  std::shared_ptr<const re2::RE2> pattern_;
};

class unique_constraint final : public bounded_keyword<unique_constraint> {
public:
  explicit unique_constraint(const Adapter&) {}

  bool ok(const Adapter& target, const context_path&) const {
    if (!target.isArray())
      return true;
    std::set<std::string> seen;
    return target.applyToArray([&](const Adapter& each) { return seen.insert(canonical(each)).second; });
  }
  std::string wish() const { return "one without equal elements"; }
};

class multiple_constraint final : public bounded_keyword<multiple_constraint> {
public:
  explicit multiple_constraint(const Adapter& of) : of_(of.getNumber()) {}

  bool ok(const Adapter& target, const context_path&) const {
    if (!target.isNumber())
      return true;
    constexpr double tolerance = 1e-9; // 0.3 is a multiple of 0.1
    const auto times = target.getNumber() / of_;
    return std::abs(times - std::round(times)) <= tolerance * std::max(1.0, std::abs(times));
  }

  std::string wish() const {
    char digits[32];
    return "a multiple of " + std::string(digits, std::to_chars(digits, std::end(digits), of_).ptr);
  }

private:
  double of_;
};

template <class Own>
class own_builder final : public valijson::ConstraintBuilder {
public:
  valijson::constraints::Constraint* make(const Adapter& value) const override { return new Own(value); }
};

class pattern_builder final : public valijson::ConstraintBuilder {
public:
  explicit pattern_builder(schema_patterns& patterns) : patterns_(patterns) {}

  valijson::constraints::Constraint* make(const Adapter& text) const override {
    return new pattern_constraint(patterns_.get(text.asString()));
  }

private:
  schema_patterns& patterns_;
};

} // namespace

step_budget::step_budget(std::int64_t steps) : left_(steps), outer_(present_budget) { present_budget = this; }

step_budget::~step_budget() { present_budget = outer_; }

void step_budget::take(std::int64_t steps) {
  if (present_budget == nullptr)
    return; // a schema is being compiled
  present_budget->left_ -= steps;
  if (present_budget->left_ < 0)
    throw too_much_work{};
}

void add_bounded_keywords(valijson::SchemaParser& parser, schema_patterns& patterns) {
  parser.addConstraintBuilder(bounded_keyword_names::step, new own_builder<step_constraint>);
  parser.addConstraintBuilder(bounded_keyword_names::types, new own_builder<types_constraint>);
  parser.addConstraintBuilder(bounded_keyword_names::values, new own_builder<values_constraint>);
  parser.addConstraintBuilder(bounded_keyword_names::pattern, new pattern_builder{patterns});
  parser.addConstraintBuilder(bounded_keyword_names::unique, new own_builder<unique_constraint>);
  parser.addConstraintBuilder(bounded_keyword_names::multiple, new own_builder<multiple_constraint>);
}

} // namespace mp
