#pragma once
// The members of a request's `value`, found by name without building a tree.

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace mp {

/// Every member of `value` that means something, in the order of field_names.
enum class field : std::size_t {
  user_email,
  photo,
  prompt,
  question,
  text,
  content,
  message,
  system_prompt,
  system,
  respond_in_language,
  history,
  model,
  task,
  schema,
  timestamp,
  date,
  image_id,
};

inline constexpr std::size_t field_count = static_cast<std::size_t>(field::image_id) + 1;

inline constexpr std::array<std::string_view, field_count> field_names{
  "user_email",          "photo",   "prompt", "question", "text",   "content",   "message", "system_prompt", "system",
  "respond_in_language", "history", "model",  "task",     "schema", "timestamp", "date",    "image_id"};

/// What stands in a member that should be a string. `null` counts as absent, white space alone as blank.
enum class text_state { absent, blank, given, wrong_type };

/// A member that should be a string: `raw` is the JSON string with its quotes where the state is `given`.
struct text_field {
  text_state state = text_state::absent;
  std::string_view raw;
};

/// Where a name stands twice in the object, the last one counts, as in JavaScript and Python.
class value_fields {
public:
  /// `valid_object` is the text of a valid JSON object, and has to outlive this.
  explicit value_fields(std::string_view valid_object);

  /// The member's JSON value as written; empty when there is none. `null` is a value.
  std::string_view raw(field name) const noexcept { return raw_[static_cast<std::size_t>(name)]; }

  /// The first of `names` that is a string with more than white space in it, or the first one that is of another type.
  /// Blank when there are only blank ones.
  text_field first_text(std::initializer_list<field> names) const;

private:
  std::array<std::string_view, field_count> raw_{};
};

/// Reads a JSON value as a string member: see text_state.
text_field as_text(std::string_view raw);

/// The text of a valid JSON string literal.
std::string text_of(std::string_view literal);

/// Whether a JSON string literal holds nothing but blanks (see blank_length), escaped or not.
bool is_blank_literal(std::string_view literal);

/// `raw`, a valid JSON value, as a conversation: a compact JSON array of {"role", "content"}, both as written and
/// nothing else, so that no member unknown to us (images, tool calls) reaches a model unchecked. Empty for `null`,
/// absent and []. Nothing when an element is no object with a role of system, user, assistant or tool and a string as
/// content.
std::optional<std::string> read_history(std::string_view raw);

} // namespace mp
