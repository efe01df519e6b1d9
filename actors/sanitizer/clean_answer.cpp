#include "actors/sanitizer/clean_answer.hpp"

#include "actors/sanitizer/extract/extract.hpp"
#include "messages/json/ascii.hpp"
#include "messages/json/json_text.hpp"
#include "messages/json/utf8.hpp"

#include <optional>

namespace mp {
namespace {

using outcome = std::variant<cleaned, fault>;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view without_byte_order_mark(std::string_view text, mend_list& mends) {
  while (text.substr(0, byte_order_mark.size()) == byte_order_mark) {
    text.remove_prefix(byte_order_mark.size());
    mends.add(mend_kind::byte_order_mark);
  }
  return text;
}

outcome publish(std::string json, const mend_list& mends) {
  auto object = json.front() == '{' ? json : std::string{};
  return cleaned{std::move(json), std::move(object), mends.kinds()};
}

/// What a string that is the whole answer holds.
enum class holds {
  text,
  perhaps_json, ///< there is a bracket in it
  json,         ///< an object with a name in quotes is all of it, readable or not
};

holds json_meant_by(std::string_view content) {
  content = trimmed(content);
  if (content.substr(0, 1) == "{" && trimmed(content.substr(1)).substr(0, 1) == "\"")
    return holds::json;
  return content.find_first_of("{[") == std::string_view::npos ? holds::text : holds::perhaps_json;
}

void note(const own_turn& turn, mend_list& mends) {
  if (turn.header)
    mends.add(mend_kind::turn_header);
  if (turn.ended)
    mends.add(mend_kind::turn_end);
  if (turn.channels)
    mends.add(mend_kind::channel);
  if (turn.thought)
    mends.add(mend_kind::thinking);
}

/// The answer that is JSON as a whole, if it is.
std::optional<outcome> clean_whole(metered_text text, finish_reason finish, std::size_t depth_max, mend_list mends,
                                   bool string_may_hold_json);

outcome clean_as_json(metered_text text, finish_reason finish, std::size_t depth_max, mend_list mends,
                      bool string_may_hold_json) {
  auto& budget = text.budget();
  if (auto whole = clean_whole(text, finish, depth_max, mends, string_may_hold_json))
    return *std::move(whole);
  const auto cut = finish == finish_reason::length;
  const auto turn = own_turn_of_json(text, depth_max);
  note(turn, mends);
  if (turn.changed())
    if (auto whole = clean_whole({turn.text, budget}, finish, depth_max, mends, string_may_hold_json))
      return *std::move(whole);
  const auto without_thoughts = without_leading_thinking(turn.text);
  if (without_thoughts.thought)
    mends.add(mend_kind::thinking);
  if (trimmed(without_thoughts.text).empty())
    return cut ? fault::truncated : fault::answer_empty;
  if (without_thoughts.thought)
    if (auto whole = clean_whole({without_thoughts.text, budget}, finish, depth_max, mends, string_may_hold_json))
      return *std::move(whole);
  if (const auto inside = inside_only_fence(without_thoughts.text)) {
    auto with_fence = mends;
    with_fence.add(mend_kind::fence);
    if (auto whole = clean_whole({*inside, budget}, finish, depth_max, with_fence, string_may_hold_json))
      return *std::move(whole);
  }
  const auto found = find_values({without_thoughts.text, budget}, depth_max);
  const auto chosen = choose_answer({without_thoughts.text, budget}, found);
  if (!chosen)
    return cut ? fault::truncated : fault::invalid_answer;
  const auto& answer = found.values[chosen->index];
  const auto cut_behind =
    chosen->index + 1 < found.values.size() && found.values.back().outcome != mend_outcome::complete;
  if (cut && (cut_behind || answer.outcome != mend_outcome::complete || !answer.mends.empty()))
    return fault::truncated;
  if (found.thinking)
    mends.add(mend_kind::thinking);
  if (found.fences)
    mends.add(mend_kind::fence);
  if (chosen->among_several)
    mends.add(mend_kind::several_values);
  else if (found.values.size() > 1)
    mends.add(mend_kind::prose);
  if (found.prose)
    mends.add(mend_kind::prose);
  mends.add(answer.mends);
  if (!is_valid_json(answer.json, depth_max))
    return fault::invalid_answer;
  return publish(answer.json, mends);
}

std::optional<outcome> clean_whole(metered_text text, finish_reason finish, std::size_t depth_max, mend_list mends,
                                   bool string_may_hold_json) {
  const auto whole = trimmed(text);
  if (!is_valid_json(whole, depth_max))
    return std::nullopt;
  const auto kind = kind_of(whole);
  if (kind == json_kind::object || kind == json_kind::array)
    return publish(compact_json(whole), mends);
  if (kind == json_kind::string && string_may_hold_json) {
    const auto unescaped = unescape(whole);
    auto with_escapes = mends;
    with_escapes.add(mend_kind::escaped_text);
    const auto content = without_byte_order_mark(unescaped, with_escapes);
    if (const auto meant = json_meant_by(content); meant != holds::text) {
      auto inner = clean_as_json({content, text.budget()}, finish, depth_max, with_escapes, false);
      const auto* done = std::get_if<cleaned>(&inner);
      if (meant == holds::json || (done != nullptr && (done->text.front() == '{' || done->text.front() == '[')))
        return inner;
    }
  }
  if (finish == finish_reason::length)
    return fault::truncated;
  return publish(std::string(whole), mends);
}

/// The object that a text holds, in compact form, or nothing: the whole of it, all of a fence, or the one value that
/// stands in it beside chatter. Nothing is mended here: a text that is not quite JSON is a text.
std::string object_in(metered_text text, std::size_t depth_max) {
  const auto inside = inside_only_fence(text).value_or(text);
  if (inside.substr(0, 1) == "{" && is_valid_json(inside, depth_max))
    return compact_json(inside);
  const auto found = find_values(text, depth_max);
  const auto chosen = choose_answer(text, found);
  if (!chosen || (found.values.size() > 1 && found.values[chosen->index].where != fence_rank::json_fence))
    return {};
  const auto& answer = found.values[chosen->index];
  const auto is_object = answer.outcome == mend_outcome::complete && answer.mends.empty() && answer.json.front() == '{';
  return is_object && is_valid_json(answer.json, depth_max) ? answer.json : std::string{};
}

/// Takes off what is not the answer's own: marks, other turns, thinking. Nothing where there is none of it.
std::optional<std::string> part_without_thinking(std::string_view text, mend_list& mends) {
  const auto turn = own_turn_of_text(text);
  note(turn, mends);
  auto without_thoughts = without_thinking(turn.text);
  if (without_thoughts)
    mends.add(mend_kind::thinking);
  else if (turn.changed())
    without_thoughts = std::string{turn.text};
  return without_thoughts;
}

outcome clean_as_text(metered_text text, finish_reason finish, std::size_t depth_max, mend_list mends) {
  constexpr auto passes_max = 16; // what is left when thinking goes may, in theory, be thinking again
  cleaned result{std::string(text), {}, {}};
  for (auto pass = 0; pass < passes_max && !is_valid_json(result.text, depth_max); ++pass) {
    auto without_thoughts = part_without_thinking(result.text, mends); // but a tag inside of a JSON string is none
    if (!without_thoughts)
      break;
    result.text = without_byte_order_mark(*without_thoughts, mends);
  }
  const auto whole = trimmed(result.text);
  if (whole.empty())
    return finish == finish_reason::length ? fault::truncated : fault::answer_empty;
  if (whole.find('{') != std::string_view::npos)
    result.object = object_in({whole, text.budget()}, depth_max);
  result.mends = mends.kinds();
  return result;
}

} // namespace

outcome clean_answer(std::string_view raw, answer_shape shape, finish_reason finish, const cleaning_limits& limits) {
  auto budget = work_budget::for_answer(raw.size());
  return clean_answer(raw, shape, finish, limits, budget);
}

outcome clean_answer(std::string_view raw, answer_shape shape, finish_reason finish, const cleaning_limits& limits,
                     work_budget& budget) {
  if (raw.size() > limits.answer_bytes_max)
    return fault::answer_too_large;
  mend_list mends;
  std::string mended;
  if (!is_valid_utf8(raw)) {
    mended = mend_utf8(raw);
    mends.add(mend_kind::invalid_utf8);
    raw = mended;
  }
  const metered_text text{without_byte_order_mark(raw, mends), budget};
  if (trimmed(text).empty()) // a model that thinks aside may use up its length with that
    return finish == finish_reason::length ? fault::truncated : fault::answer_empty;
  return shape == answer_shape::json_required ? clean_as_json(text, finish, limits.depth_max, mends, true)
                                              : clean_as_text(text, finish, limits.depth_max, mends);
}

} // namespace mp
