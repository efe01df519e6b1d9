#include "messages/wire/request_json.hpp"

#include "messages/json/ascii.hpp"
#include "messages/json/json_text.hpp"
#include "messages/json/utf8.hpp"
#include "messages/model_name.hpp"
#include "messages/photo/base64_view.hpp"
#include "messages/photo/image_header.hpp"
#include "messages/photo/photo_check.hpp"
#include "messages/photo/photo_text.hpp"
#include "messages/wire/request_headers.hpp"
#include "messages/wire/value_fields.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>

namespace mp {
namespace {

using shared_text = std::shared_ptr<const std::string>;
using maybe_fault = std::optional<fault>;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t name_literal_bytes_max = 6 * model_name_bytes_max + 2; ///< every character escaped as \uXXXX

std::size_t size_of(std::string_view key, std::string_view body, const std::vector<name_and_text>& headers) {
  auto bytes = key.size() + body.size();
  for (const auto& [name, text] : headers)
    bytes += name.size() + text.size();
  return bytes;
}

std::vector<name_and_text> repeated_headers(std::vector<name_and_text>& headers) {
  std::vector<name_and_text> kept;
  for (auto& header : headers)
    if (is_repeated_header(header.first) && header.second.size() <= request_header_of(header.first)->bytes_max)
      kept.push_back(std::move(header));
  return kept;
}

/// Reads a header that is a whole number (of several of the name the last one, as Kafka's clients do); false when it is
/// none.
template <class Number>
bool read_number(const std::vector<name_and_text>& headers, std::string_view wanted, std::optional<Number>& found) {
  for (const auto& [name, text] : headers) {
    if (name != wanted)
      continue;
    Number number = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
      return false;
    found = number;
  }
  return true;
}

bool read_orders(const std::vector<name_and_text>& headers, request& facts) {
  std::optional<unsigned> priority;
  if (!read_number(headers, "deadline", facts.deadline_ms) || !read_number(headers, "priority", priority))
    return false;
  facts.priority = priority.value_or(facts.priority);
  return facts.priority <= request_priority_max;
}

/// The members of the body itself.
struct envelope {
  std::string_view key;
  std::string_view value;
  std::string_view user_email;
};

envelope read_envelope(std::string_view valid_object) {
  envelope result;
  for_each_member(valid_object, [&](const json_member& member) {
    if (is_named(member, "value"))
      result.value = member.value_raw;
    else if (is_named(member, "key"))
      result.key = member.value_raw;
    else if (is_named(member, "user_email"))
      result.user_email = member.value_raw;
  });
  return result;
}

/// The body's `key` as a request id: a string's text, a number as it is written, nothing for other kinds.
std::string id_of(std::string_view key) {
  if (key.empty())
    return {};
  if (kind_of(key) == json_kind::string)
    return text_of(key);
  return kind_of(key) == json_kind::number ? std::string{key} : std::string{};
}

std::string_view without_white_space_in_front(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(json_white_space), text.size()));
}

/// One record on its way to being a request. `facts_` holds what is known so far, also when it turns out to be none.
class decoder {
public:
  decoder(const origin& from, std::string_view record_key, shared_text body, const decode_options& options)
    : options_(options), body_(std::move(body)) {
    facts_.from = from;
    facts_.id = record_key;
    if (options.keep_body && body_)
      facts_.body = text_slice{body_, *body_};
  }

  decoded_record decode(std::vector<name_and_text> headers, std::size_t record_bytes) {
    const auto body = body_ ? std::string_view{*body_} : std::string_view{};
    facts_.bytes = std::max(size_of(facts_.id, body, headers), record_bytes);
    const auto orders_are_sound = read_orders(headers, facts_);
    facts_.headers = repeated_headers(headers);
    if (options_.bytes_max != 0 && facts_.bytes > options_.bytes_max)
      return refused(fault::request_too_large);

    const auto json = without_white_space_in_front(body.starts_with(byte_order_mark) ? body.substr(3) : body);
    if (!is_valid_json(json, request_depth_max))
      return refused(is_valid_utf8(json) ? fault::not_json : fault::not_utf8);
    if (kind_of(json) != json_kind::object)
      return refused(fault::not_an_object);
    const auto outer = read_envelope(json);
    if (facts_.id.empty())
      facts_.id = id_of(outer.key);

    auto value = outer.value;
    owner_ = body_;
    if (value.starts_with('"')) {
      owner_ = std::make_shared<const std::string>(text_of(value));
      value = without_white_space_in_front(*owner_);
      if (!is_valid_json(value, request_depth_max))
        return refused(fault::not_json);
    }
    if (!value.starts_with('{'))
      return refused(fault::not_an_object);

    const value_fields fields{value};
    if (!take_user_email({fields.raw(field::user_email), outer.user_email}))
      return refused(fault::no_user_email);
    if (!options_.expected_user_email.empty() && facts_.user_email != options_.expected_user_email)
      return skipped_record{facts_.from, facts_.bytes};

    const auto photo = fields.raw(field::photo);
    facts_.kind = photo.empty() || photo == "null" || photo == "\"\"" ? request_kind::text : request_kind::photo;
    for (const auto name : {field::timestamp, field::date, field::image_id})
      if (const auto raw = fields.raw(name); !raw.empty())
        facts_.passed_through.emplace_back(field_names[static_cast<std::size_t>(name)], text_slice{owner_, raw});
    if (!take_options(fields) || !orders_are_sound)
      return refused(fault::invalid_request);
    if (const auto why = take_question(fields))
      return refused(*why);
    if (facts_.kind == request_kind::photo)
      if (const auto why = take_photo(photo))
        return refused(*why);
    return std::move(facts_);
  }

private:
  bool take_user_email(std::initializer_list<std::string_view> candidates) {
    for (const auto raw : candidates)
      if (as_text(raw).state == text_state::given) {
        facts_.user_email = text_of(raw);
        return true;
      }
    return false;
  }

  /// All but question and photo; false when one of them or the photo has the wrong type.
  bool take_options(const value_fields& fields) {
    const auto take = [&](std::string& to, field name) {
      const auto text = as_text(fields.raw(name));
      if (text.state == text_state::given)
        to = text_of(text.raw);
      return text.state != text_state::wrong_type;
    };
    // No setting names a model or a task that is longer, so a longer one is as good as one that is not listed. It is
    // not kept.
    const auto take_name = [&](std::string& to, field name) {
      const auto text = as_text(fields.raw(name));
      if (text.state == text_state::given && text.raw.size() <= name_literal_bytes_max)
        to = text_of(text.raw);
      if (to.size() > model_name_bytes_max)
        to = {};
      return text.state != text_state::wrong_type;
    };
    // All of them are read even where one is wrong: an error reply repeats the model.
    const auto model_is_sound = take_name(facts_.model, field::model);
    const auto task_is_sound = take_name(facts_.task, field::task);
    const auto language_is_sound = take(facts_.language, field::respond_in_language);
    const auto system = fields.first_text({field::system_prompt, field::system});
    if (system.state == text_state::given)
      facts_.system_json = text_slice{owner_, system.raw};
    const auto schema = fields.raw(field::schema);
    if (schema.starts_with('{'))
      facts_.schema_json = text_slice{owner_, schema};
    auto history = read_history(fields.raw(field::history));
    if (history && !history->empty())
      facts_.history_json = text_slice{std::move(*history)};
    const auto is_photo = facts_.kind == request_kind::photo;
    return model_is_sound && task_is_sound && language_is_sound && history && system.state != text_state::wrong_type
           && (schema.empty() || schema == "null" || schema.starts_with('{'))
           && facts_.schema_json.size() <= request_schema_bytes_max
           && (!is_photo || fields.raw(field::photo).starts_with('"'));
  }

  maybe_fault take_question(const value_fields& fields) {
    const auto question =
      facts_.kind == request_kind::photo
        ? fields.first_text({field::prompt})
        : fields.first_text({field::prompt, field::question, field::text, field::content, field::message});
    if (question.state == text_state::wrong_type)
      return fault::invalid_request;
    if (question.state != text_state::given)
      return fault::no_question;
    facts_.prompt_json = text_slice{owner_, question.raw};
    return std::nullopt;
  }

  maybe_fault take_photo(std::string_view raw) {
    // Nearly always the text between the quotes is standard base64, and that one look at it is all it takes: an escape
    // cannot hide in it.
    auto owner = owner_;
    auto base64 = photo::find_photo_text(raw.substr(1, raw.size() - 2)).base64;
    if (!photo::is_standard_base64(base64)) {
      const auto text = text_of(raw);
      const auto found = photo::find_photo_text(text);
      std::string unescaped;
      if (found.of_data_url && found.base64.find('%') != std::string_view::npos)
        unescaped = without_percent_escapes(found.base64);
      const auto written = unescaped.empty() ? found.base64 : photo::find_photo_text(unescaped).base64;
      auto standard = photo::to_standard_base64(written);
      if (!standard)
        return fault::photo_not_base64;
      if (*standard != written && !photo::kind_of_image(photo::base64_view{*standard}))
        return fault::photo_not_base64;
      owner = std::make_shared<const std::string>(std::move(*standard));
      base64 = *owner;
    }
    const auto checked =
      photo::check_photo(photo::base64_view{base64}, {options_.photo_pixels_max, options_.webp_allowed});
    if (const auto* why = std::get_if<fault>(&checked))
      return *why;
    facts_.photo = text_slice{owner, base64};
    facts_.picture = std::get<photo::photo_facts>(checked);
    if (owner != owner_)
      let_go_of_the_record();
    return std::nullopt;
  }

  /// Gives the small pieces buffers of their own, so that a photo is not held a second time for their sake.
  void let_go_of_the_record() {
    const auto own = [&](text_slice& piece) {
      piece = piece.empty() ? text_slice{} : text_slice{std::string{piece.view()}};
    };
    own(facts_.prompt_json);
    own(facts_.system_json);
    own(facts_.schema_json);
    for (auto& member : facts_.passed_through)
      own(member.second);
  }

  bad_record refused(fault why) {
    bad_record bad;
    bad.from = facts_.from;
    bad.id = std::move(facts_.id);
    bad.kind = facts_.kind;
    bad.user_email = std::move(facts_.user_email);
    bad.model = std::move(facts_.model);
    bad.why = why;
    for (const auto& [name, raw] : facts_.passed_through)
      bad.passed_through.emplace_back(name, text_slice{std::string{raw.view()}});
    bad.headers = std::move(facts_.headers);
    bad.bytes = facts_.bytes;
    bad.body = std::move(facts_.body);
    return bad;
  }

  const decode_options& options_;
  shared_text body_;
  shared_text owner_; ///< what the members of `value` are part of: the body, or the text of a `value` that is a string
  request facts_;
};

} // namespace

bool is_repeated_header(std::string_view name) {
  const auto* known = request_header_of(name);
  return known != nullptr && known->repeated;
}

decoded_record decode_request(const origin& from, std::string_view record_key, shared_text body,
                              std::vector<name_and_text> headers, const decode_options& options,
                              std::size_t record_bytes) {
  return decoder{from, record_key, std::move(body), options}.decode(std::move(headers), record_bytes);
}

} // namespace mp
