#include "actors/sanitizer/extract/choose_answer.hpp"

#include "actors/sanitizer/extract/lead_in.hpp"
#include "actors/sanitizer/extract/members.hpp"
#include "actors/sanitizer/repair/tokens.hpp"
#include "messages/json/ascii.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace mp {
namespace {

/// What a value is worth as an answer.
enum class weight { none, list, structure };

/// `[1]`, `[12]`: a footnote's mark.
bool is_footnote(std::string_view json) {
  return json.size() <= 5 && json.front() == '[' && std::all_of(json.begin() + 1, json.end() - 1, is_digit);
}

weight weight_of(const found_value& value, bool amid_prose) {
  if (!value.readable())
    return weight::structure;
  const std::string_view json = value.json;
  if (amid_prose && (json.size() <= 2 || !value.plausible || is_footnote(json)))
    return weight::none;
  return json.front() == '{' || json.substr(0, 2) == "[{" ? weight::structure : weight::list;
}

/// Whether nothing but white space and commas lies between two values.
bool are_adjacent(std::string_view text, const found_value& first, const found_value& second) {
  const auto between = text.substr(first.end, second.begin - first.end);
  return between.find_first_not_of(" \n\r\t,") == std::string_view::npos;
}

/// `{"name`: an object that was meant to be read.
bool is_meant_as_object(std::string_view text, const found_value& value) {
  if (text[value.begin] != '{')
    return false;
  const auto next = std::min(text.find_first_not_of(" \n\r\t{[", value.begin), text.size());
  return opening_quote(text, next).kind != quote_kind::none;
}

/// More of them are a list, not an answer with examples.
constexpr std::size_t candidates_max = 64;

class chooser {
public:
  chooser(metered_text text, const found_values& found) : text_(text), values_(found.values), prose_(found.prose) {}

  std::optional<chosen_answer> run() {
    weigh();
    const auto candidates =
      weights_.size() - static_cast<std::size_t>(std::count(weights_.begin(), weights_.end(), weight::none));
    if (candidates > candidates_max || !drop_examples() || !rank())
      return std::nullopt;
    last_ = values_.size();
    while (!counts(last_ - 1))
      --last_;
    --last_;
    if (!answer().readable() || !is_alone())
      return std::nullopt;
    return chosen_answer{last_, candidates > 1};
  }

private:
  const found_value& answer() const { return values_[last_]; }
  bool counts(std::size_t i) const { return values_[i].where == rank_ && weights_[i] == heaviest_; }

  void weigh() {
    for (const auto& value : values_)
      weights_.push_back(weight_of(value, value.where == fence_rank::bare && (prose_ || values_.size() > 1)));
  }

  /// What the text calls no answer is none. Neither is what has only placeholders, beside others or amid prose. False
  /// where the budget is used up.
  bool drop_examples() {
    std::size_t end = 0;
    said_.resize(values_.size());
    forms_.resize(values_.size());
    for (std::size_t i = 0; i < values_.size() && !text_.is_used_up(); ++i) {
      const auto& value = values_[i];
      const auto before = text_.substr(end, value.begin - end);
      end = value.end;
      if (weights_[i] == weight::none)
        continue;
      text_.spend(2000 + 32 * std::min<std::size_t>(before.size(), 400));
      said_[i] = what_is_said(before, text_.substr(value.end));
      const auto amid_prose = prose_ || values_.size() > 1;
      forms_[i] = value.readable() && amid_prose && is_form(value.json);
      text_.spend(4 * value.json.size());
      const auto rejected = said_[i].rejected && values_.size() > 1 && !said_[i].correction;
      if (forms_[i] || said_[i].example || rejected)
        weights_[i] = weight::none;
    }
    return !text_.is_used_up();
  }

  bool rank() {
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (weights_[i] != weight::none)
        rank_ = std::max(rank_, values_[i].where);
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (values_[i].where == rank_)
        heaviest_ = std::max(heaviest_, weights_[i]);
    return heaviest_ != weight::none;
  }

  /// Whether no other value stands against the answer.
  bool is_alone() {
    const auto ours = members_of(answer().json);
    text_.spend(64 * ours.size() + 2 * answer().json.size());
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (i == last_ || values_[i].json == answer().json)
        continue;
      if (!values_[i].readable() ? stands_against_broken(i) : stands_against(i, ours))
        return false;
    }
    return true;
  }

  /// Whether the text says, between the value and the answer, that the answer replaces it.
  bool is_corrected(std::size_t i) const {
    return i < last_ && said_[last_].correction && !said_[last_].option && !said_[last_].is_no_answer();
  }

  bool stands_against_broken(std::size_t i) const {
    const auto& other = values_[i];
    return weights_[i] != weight::none && other.where != fence_rank::code_fence && other.where >= answer().where
           && is_meant_as_object(text_, other) && !is_corrected(i);
  }

  bool stands_against(std::size_t i, const member_list& ours) {
    const auto& other = values_[i];
    const auto theirs = members_of(other.json);
    text_.spend(64 * theirs.size() + 2 * other.json.size());
    const auto [shared, differing, missing] = compare(theirs, ours);
    if (i + 1 == last_ && counts(i) && are_adjacent(text_, other, answer()))
      return true;
    if (forms_[i] || (i < last_ && said_[i].is_no_answer()))
      return false;
    const auto in_code = other.where == fence_rank::code_fence && answer().where != fence_rank::code_fence;
    if (i > last_)
      return !in_code && (shared || is_rival_list(i));
    if (is_corrected(i))
      return false;
    if (in_code && answer().where == fence_rank::json_fence)
      return false;
    if (shared)
      return differing || missing;
    if (is_rival_list(i))
      return true;
    const auto rival = rank_ == fence_rank::bare || counts(i);
    return rival && (in_code ? theirs.size() > ours.size() : theirs.size() >= ours.size()) && !theirs.empty();
  }

  /// Whether both are lists without members, or one is a list of such and the other too.
  bool is_rival_list(std::size_t i) const {
    return answer().json.front() == '[' && values_[i].json.front() == '[' && counts(i);
  }

  metered_text text_;
  const std::vector<found_value>& values_;
  bool prose_;
  std::vector<weight> weights_;
  std::vector<said_of_value> said_;
  std::vector<bool> forms_;
  fence_rank rank_ = fence_rank::code_fence;
  weight heaviest_ = weight::none;
  std::size_t last_ = 0;
};

} // namespace

std::optional<chosen_answer> choose_answer(metered_text text, const found_values& found) {
  if (found.too_many)
    return std::nullopt;
  const auto chosen = chooser{text, found}.run();
  return text.is_used_up() ? std::nullopt : chosen;
}

} // namespace mp
