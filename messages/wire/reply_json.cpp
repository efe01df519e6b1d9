#include "messages/wire/reply_json.hpp"

#include "messages/iso_8601.hpp"
#include "messages/json/json_text.hpp"
#include "messages/json/utf8.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace mp {
namespace {

using passed_members = std::vector<std::pair<std::string, text_slice>>;

/// What a request and a bad record both know of the sender.
struct addressee {
  const std::string& id;
  const std::string& user_email;
  const passed_members& passed_through;
  const std::vector<name_and_text>& headers;
};

addressee of(const request& asked) { return {asked.id, asked.user_email, asked.passed_through, asked.headers}; }
addressee of(const bad_record& record) { return {record.id, record.user_email, record.passed_through, record.headers}; }

/// Appends `text` as a JSON string, mended where it is not UTF-8.
void append_text(std::string& out, std::string_view text) {
  if (is_valid_utf8(text))
    append_string_literal(out, text);
  else
    append_string_literal(out, mend_utf8(text));
}

/// Writes a reply's body: key and user_email first, then what is appended, then the passed-through members.
class body_writer {
public:
  body_writer(const addressee& to, std::size_t content_bytes) : to_(to) {
    body_.reserve(content_bytes + content_bytes / 8 + 256);
    body_ += "{\"key\":";
    if (to.id.empty())
      body_ += "null";
    else
      append_text(body_, to.id);
    body_ += ",\"value\":{\"user_email\":";
    append_text(body_, to.user_email);
  }

  void text_member(std::string_view name, std::string_view text) {
    begin_member(name);
    append_text(body_, text);
  }

  /// `name_literal` and `value_json` as they are.
  void raw_member(std::string_view name_literal, std::string_view value_json) {
    body_ += ',';
    body_ += name_literal;
    body_ += ':';
    body_ += value_json;
  }

  std::string finish() {
    for (const auto& [name, value] : to_.passed_through) {
      begin_member(name);
      body_ += value.view();
    }
    body_ += "}}";
    return std::move(body_);
  }

private:
  void begin_member(std::string_view name) {
    body_ += ',';
    append_text(body_, name);
    body_ += ':';
  }

  const addressee& to_;
  std::string body_;
};

std::vector<name_and_text> reply_headers(const addressee& to, const reply_facts& facts) {
  std::vector<name_and_text> headers;
  headers.reserve(6 + to.headers.size());
  const auto add_unless_empty = [&](const char* name, std::string_view text) {
    if (!text.empty())
      headers.emplace_back(name, text);
  };
  headers.emplace_back("attempt", std::to_string(facts.attempt));
  add_unless_empty("model", facts.model);
  add_unless_empty("host", facts.host);
  headers.emplace_back("duration-ms", std::to_string(facts.duration.count()));
  add_unless_empty("finish", facts.finish);
  add_unless_empty("repairs", facts.mends);
  headers.insert(headers.end(), to.headers.begin(), to.headers.end());
  return headers;
}

/// What clients read of the service or of their own requests and not of the model, whether the request has it or not;
/// and the name that sets an object's prototype in JavaScript.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 11> reserved{"key",       "value", "user_email",     "response",
                                                      "model",     "error", "retry_after_ms", "__proto__",
                                                      "timestamp", "date",  "image_id"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

/// One member of the answer to merge: the name's literal and the value, both as the model wrote them.
using raw_members = std::vector<json_member>;

/// The members of `object_json` that may be merged, each name once, at the place of its first and with the value of its
/// last.
raw_members mergeable(std::string_view object_json, const passed_members& passed_through) {
  const auto is_ours = [&](const std::string& name) {
    return is_reserved(name) || std::any_of(passed_through.begin(), passed_through.end(), [&](const auto& ours) {
             return ours.first == name;
           });
  };
  raw_members members;
  std::map<std::string, std::size_t> places; // a tree, because the sender chooses the names: no hash to be flooded
  for_each_member(object_json, [&](const json_member& member) {
    auto name = unescape(member.name_raw);
    if (is_ours(name))
      return;
    const auto [place, is_new] = places.emplace(std::move(name), members.size());
    if (is_new)
      members.push_back(member);
    else
      members[place->second].value_raw = member.value_raw;
  });
  return members;
}

/// `,"retry_after_ms":1500`, or nothing.
std::string retry_member(std::optional<std::chrono::milliseconds> retry_after) {
  return retry_after ? ",\"retry_after_ms\":" + std::to_string(retry_after->count()) : std::string{};
}

} // namespace

outgoing photo_reply(const request& asked, std::string_view analysis_json, const reply_facts& facts) {
  const auto to = of(asked);
  body_writer body{to, analysis_json.size()};
  body.text_member("analysis", analysis_json);
  return {destination::photo_reply, asked.id, body.finish(), reply_headers(to, facts)};
}

outgoing text_reply(const request& asked, std::string_view answer, std::string_view object_json,
                    const reply_facts& facts) {
  const auto to = of(asked);
  body_writer body{to, 2 * answer.size()};
  body.text_member("response", answer);
  body.text_member("model", facts.model);
  if (!object_json.empty() && kind_of(object_json) == json_kind::object) {
    for (const auto& member : mergeable(object_json, asked.passed_through))
      body.raw_member(member.name_raw, member.value_raw);
  } else {
    body.text_member("analysis", answer);
  }
  return {destination::text_reply, asked.id, body.finish(), reply_headers(to, facts)};
}

outgoing error_reply(const bad_record& record, const reply_facts& facts) {
  const auto to = of(record);
  const auto code = info_of(record.why).code;
  const auto text = info_of(record.why).text;
  const auto retry = retry_member(record.retry_after);
  body_writer body{to, text.size() + retry.size()};
  if (record.kind == request_kind::photo) {
    std::string analysis = "{\"error\":";
    append_string_literal(analysis, std::string{code} + ": " + std::string{text});
    body.text_member("analysis", analysis + retry + '}');
    return {destination::photo_reply, record.id, body.finish(), reply_headers(to, facts)};
  }
  body.raw_member("\"error\"",
                  "{\"code\":" + string_literal(code) + ",\"message\":" + string_literal(text) + retry + '}');
  body.text_member("response", "");
  body.text_member("model", facts.model.empty() ? record.model : facts.model);
  return {destination::text_reply, record.id, body.finish(), reply_headers(to, facts)};
}

outgoing dead_letter(const bad_record& record, const dead_letter_facts& facts) {
  std::vector<name_and_text> headers{{"reason", std::string{to_string(record.why)}},
                                     {"class", std::string{to_string(info_of(record.why).retry)}},
                                     {"attempts", std::to_string(facts.attempts)},
                                     {"source-topic", std::string{facts.source_topic}},
                                     {"source-partition", std::to_string(record.from.partition)},
                                     {"source-offset", std::to_string(record.from.offset)},
                                     {"timestamp", iso_8601(facts.at)}};
  headers.insert(headers.end(), record.headers.begin(), record.headers.end());
  if (!record.body.empty() && !facts.answer.empty()) {
    constexpr std::size_t answer_bytes_max = 64 * 1024; // brokers take records of 1 MiB, the request among it
    headers.emplace_back(dead_letter_answer_header, facts.answer.substr(0, answer_bytes_max));
    if (!facts.problem.empty())
      headers.emplace_back("problem", facts.problem);
  }
  if (record.last_offset)
    headers.emplace_back("source-offset-last", std::to_string(*record.last_offset));
  if (!record.cause.empty())
    headers.emplace_back("cause", record.cause);
  return {destination::dead_letter, record.id, std::string{record.body.view()}, std::move(headers)};
}

} // namespace mp
