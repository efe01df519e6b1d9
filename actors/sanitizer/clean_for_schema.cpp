#include "actors/sanitizer/clean_for_schema.hpp"

#include "actors/sanitizer/extract/extract.hpp"
#include "actors/sanitizer/schema/follow_schema.hpp"
#include "messages/json/json_text.hpp"
#include "messages/json/utf8.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace mp {
namespace {

// Each may cost a check of the whole; the answer stands last.
constexpr std::size_t candidates_max = 8;

cleaned answer_of(followed follower, mend_list mends) {
  mends.add(follower.mends);
  auto object = follower.json.front() == '{' ? follower.json : std::string{};
  return {std::move(follower.json), std::move(object), mends.kinds()};
}

using member_names = std::set<std::string>;

member_names names_of(std::string_view json) {
  member_names names;
  for_each_member(json, [&](const json_member& member) { names.insert(unescape(member.name_raw)); });
  return names;
}

bool share_a_name(const member_names& a, const member_names& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& name) { return b.contains(name); });
}

/// The one value in the text that follows the schema; `problem` is set where there are several. None where what comes
/// behind it is broken or has members in common with it: that is the answer then, and this an example or a draft. What
/// the text calls an example or wrong does not count.
std::optional<cleaned> only_follower(metered_text raw, const answer_schema& schema, finish_reason finish,
                                     std::size_t depth_max, std::string& problem) {
  mend_list mends;
  const auto is_utf8 = is_valid_utf8(raw);
  const auto text = is_utf8 ? std::string{raw} : mend_utf8(raw);
  if (!is_utf8)
    mends.add(mend_kind::invalid_utf8);
  const auto turn = own_turn_of_json({text, raw.budget()}, depth_max);
  const auto without_thoughts = without_leading_thinking(turn.text);
  const auto found = find_values({without_thoughts.text, raw.budget()}, depth_max);
  if (found.too_many)
    return std::nullopt;
  std::optional<followed> only;
  mend_list of_value;
  member_names behind;
  std::size_t looked_at = 0;
  for (auto value = found.values.rbegin(); value != found.values.rend() && looked_at < candidates_max; ++value) {
    const auto cut =
      finish == finish_reason::length && (value->outcome != mend_outcome::complete || !value->mends.empty());
    if (!value->readable() || cut) {
      if (only)
        continue;
      return std::nullopt;
    }
    ++looked_at;
    const auto end_before = std::next(value) == found.values.rend() ? std::size_t{0} : std::next(value)->end;
    const auto said = what_is_said(without_thoughts.text.substr(end_before, value->begin - end_before),
                                   without_thoughts.text.substr(value->end));
    if (said.is_no_answer() || (found.prose && is_form(value->json)))
      continue;
    auto follows = follow_schema(value->json, schema);
    auto* follower = std::get_if<followed>(&follows);
    auto names = names_of(value->json);
    if (follower == nullptr) {
      behind.merge(names);
      continue;
    }
    if (only && only->json == follower->json)
      continue;
    if (only) {
      problem = "it holds several different answers";
      return std::nullopt;
    }
    if (share_a_name(names, behind))
      return std::nullopt;
    only = std::move(*follower);
    of_value = value->mends;
  }
  if (!only)
    return std::nullopt;
  if (turn.header)
    mends.add(mend_kind::turn_header);
  if (turn.ended)
    mends.add(mend_kind::turn_end);
  if (turn.channels)
    mends.add(mend_kind::channel);
  if (turn.thought || without_thoughts.thought || found.thinking)
    mends.add(mend_kind::thinking);
  if (found.fences)
    mends.add(mend_kind::fence);
  if (found.values.size() > 1)
    mends.add(mend_kind::several_values);
  if (found.prose)
    mends.add(mend_kind::prose);
  mends.add(of_value);
  return answer_of(*std::move(only), mends);
}

} // namespace

std::variant<cleaned, unusable_answer> clean_for_schema(std::string_view raw, const answer_schema* schema,
                                                        finish_reason finish, const cleaning_limits& limits) {
  auto budget = work_budget::for_answer(raw.size());
  auto outcome = clean_answer(raw, answer_shape::json_required, finish, limits, budget);
  const auto* why = std::get_if<fault>(&outcome);
  if (why != nullptr && (*why != fault::invalid_answer || schema == nullptr))
    return unusable_answer{*why, *why == fault::invalid_answer
                                   ? "it holds no JSON, or none that can be read in one way only"
                                   : std::string{info_of(*why).text}};
  auto* done = std::get_if<cleaned>(&outcome);
  if (schema == nullptr)
    return std::move(*done);
  std::string problem = "it holds no JSON, or none that can be read in one way only";
  if (done != nullptr) {
    auto follows = follow_schema(done->text, *schema);
    if (auto* follower = std::get_if<followed>(&follows)) {
      mend_list mends;
      for (const auto each : done->mends)
        mends.add(each);
      return answer_of(std::move(*follower), mends);
    }
    problem = std::get<std::string>(follows);
  }
  if (auto answer = only_follower({raw, budget}, *schema, finish, limits.depth_max, problem))
    return *std::move(answer);
  return unusable_answer{finish == finish_reason::length ? fault::truncated : fault::invalid_answer,
                         std::move(problem)};
}

} // namespace mp
