#pragma once
// What becomes of a request -> bytes of a reply, an error reply or a dead letter. The contract for users:
// messages/README.md.
//
// Every body is compact JSON. What is given as JSON (`analysis_json`, `object_json`, passed_through) is spliced as it
// is, so numbers, escapes and key order survive; it must be valid JSON. Texts are escaped as little as JSON allows.
// Text that is not UTF-8 (a record key may be any bytes) gets U+FFFD in the body; the record key itself stays as it
// was.

#include "messages/outgoing.hpp"
#include "messages/request.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace mp {

/// How a reply came about: its headers `attempt`, `model`, `host`, `duration-ms`, `finish` and `repairs`. Empty texts
/// give no header. The headers that the request asked to have repeated follow them.
struct reply_facts {
  unsigned attempt = 0; ///< the model call that this is the result of, from 1; 0 = none was made
  std::string model;    ///< that answered; in an error reply the one that was asked, if any
  std::string host;
  std::chrono::milliseconds duration{0}; ///< from the intake of the request to this reply
  std::string_view finish;               ///< stop, repaired or truncated
  std::string mends;                   ///< names of the mends, separated by commas
};

/// A photo's reply: `analysis` is a string that holds `analysis_json`, which should be compact.
outgoing photo_reply(const request& asked, std::string_view analysis_json, const reply_facts& facts);

/// A text's reply. `answer` is the model's text. Where it is a JSON object, `object_json` is that object in compact
/// form and its members are merged into the reply's value: never over user_email, response, model and error nor over a
/// passed-through member that the request has; of a name that stands twice the last one counts. Otherwise `object_json`
/// is empty (anything but an object is taken for empty) and `analysis` repeats the text.
outgoing text_reply(const request& asked, std::string_view answer, std::string_view object_json,
                    const reply_facts& facts);

/// The error reply of either kind: `analysis` with the error as JSON in a string for a photo; `error`, an empty
/// `response` and `model` (the one asked for where facts names none) for a text. A record that names a time after which
/// to come again has it as `retry_after_ms` beside the error.
outgoing error_reply(const bad_record& record, const reply_facts& facts);

/// What a dead letter says besides the record: headers `reason`, `class`, `attempts`, `source-topic`,
/// `source-partition`, `source-offset` and `timestamp`, then those that a reply would have repeated.
struct dead_letter_facts {
  unsigned attempts = 0; ///< model calls made
  std::string_view source_topic;
  std::chrono::system_clock::time_point at; ///< of giving up
  std::string_view answer{}; ///< the model's text that could not be used, if there is one
  std::string_view problem{}; ///< what is wrong with it
};

inline constexpr std::string_view dead_letter_answer_header = "answer";

/// A dead letter: the record's key, and its body where that was kept (decode_options::keep_body). Only with the body do
/// the headers `answer`, its first 64 KiB, and `problem` follow the others.
outgoing dead_letter(const bad_record& record, const dead_letter_facts& facts);

} // namespace mp
