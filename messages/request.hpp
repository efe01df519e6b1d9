#pragma once
// A decoded question.

#include "messages/fault.hpp"
#include "messages/origin.hpp"
#include "messages/photo/photo_facts.hpp"
#include "messages/shared_value.hpp"
#include "messages/text_slice.hpp"

#include <caf/default_enum_inspect.hpp>
#include <caf/string_view.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mp {

enum class request_kind : std::uint8_t { text, photo };

/// "text" or "photo": metric label and log field.
inline std::string to_string(request_kind kind) { return kind == request_kind::photo ? "photo" : "text"; }

inline bool from_string(caf::string_view name, request_kind& kind) {
  kind = name == "photo" ? request_kind::photo : request_kind::text;
  return name == "photo" || name == "text";
}

inline bool from_integer(std::uint8_t number, request_kind& kind) {
  kind = static_cast<request_kind>(number);
  return number <= static_cast<std::uint8_t>(request_kind::photo);
}

template <class Inspector>
bool inspect(Inspector& f, request_kind& x) {
  return caf::default_enum_inspect(f, x);
}

/// The largest `priority` of a request.
inline constexpr unsigned request_priority_max = 9;

using name_and_text = std::pair<std::string, std::string>;

/// A question as its sender put it. Fields ending in `_json` are valid JSON exactly as written in the record (a string
/// keeps its quotes and escapes): they are spliced into the model call and the reply byte for byte, so numbers, Unicode
/// and key order survive.
struct request {
  origin from;
  std::string id; ///< the record's key; the body's `key` where the record has none
  request_kind kind = request_kind::text;
  std::string user_email; ///< never logged
  text_slice prompt_json; ///< a JSON string, not blank
  text_slice photo; ///< base64 with neither quotes nor a data: prefix; empty for a text
  std::optional<photo::photo_facts> picture; ///< what the photo is; empty for a text
  text_slice system_json; ///< a JSON string, or empty
  text_slice history_json; ///< a JSON array of {role, content}, or empty
  text_slice schema_json; ///< a JSON Schema object, or empty
  std::string language; ///< `respond_in_language`, or empty
  std::string model; ///< the model asked for, or empty
  std::string task; ///< free text of the sender, or empty
  std::vector<std::pair<std::string, text_slice>> passed_through; ///< name and JSON value, into the reply's value
  std::vector<name_and_text> headers; ///< record headers that the reply repeats
  std::optional<std::int64_t>
    deadline_ms; ///< header `deadline` or the record's greatest age, Unix time in milliseconds
  unsigned priority = 4; ///< header `priority`, 0 to 9; larger ones go first
  std::size_t bytes = 0; ///< the record's size: key, body and headers
  text_slice body; ///< the whole record, kept for dead letters only; empty unless they carry payloads
};

template <class Inspector>
bool inspect(Inspector& f, request& x) {
  return f.object(x).fields(
    f.field("from", x.from), f.field("id", x.id), f.field("kind", x.kind), f.field("user_email", x.user_email),
    f.field("prompt", x.prompt_json), f.field("photo", x.photo), f.field("picture", x.picture),
    f.field("system", x.system_json), f.field("history", x.history_json), f.field("schema", x.schema_json),
    f.field("language", x.language), f.field("model", x.model), f.field("task", x.task),
    f.field("passed_through", x.passed_through), f.field("headers", x.headers), f.field("deadline_ms", x.deadline_ms),
    f.field("priority", x.priority), f.field("bytes", x.bytes), f.field("body", x.body));
}

using shared_request = shared_value<request>;

/// A record that is no question: what is known of it, and what is wrong.
struct bad_record {
  origin from;
  std::string id; ///< the record's key, or empty
  request_kind kind = request_kind::text;
  std::string user_email; ///< empty when the sender is unknown
  std::string model;
  fault why = fault::not_json;
  std::optional<std::chrono::milliseconds> retry_after; ///< for rate_limited
  std::vector<std::pair<std::string, text_slice>> passed_through;
  std::vector<name_and_text> headers;
  std::size_t bytes = 0;
  text_slice body; ///< as in request
  std::optional<std::int64_t> last_offset{}; ///< of record_unreadable: it stands for all from `from` to this one
  std::string cause{}; ///< of record_unreadable: the Kafka client's name of the error
};

/// A record that is none of our business (`EXPECTED_USER_EMAIL`): counted and committed, nothing is published.
struct skipped_record {
  origin from;
  std::size_t bytes = 0;
};

} // namespace mp
