#pragma once
// Short ways to decode a record and to say what became of it.

#include "messages/json/json_text.hpp"
#include "messages/wire/request_json.hpp"
#include "tests/unit/messages/photo/tiny_images.hpp"

#include <stdexcept>

namespace mp::wire_test {

inline decoded_record decode(std::string body, const decode_options& options = {},
                             std::vector<name_and_text> headers = {}, std::string_view key = "id-1") {
  return decode_request(origin{3, 2, 17}, key, std::make_shared<const std::string>(std::move(body)), std::move(headers),
                        options);
}

/// "photo", "text", "skipped" or a fault's code.
inline std::string outcome(const decoded_record& record) {
  if (const auto* asked = std::get_if<request>(&record))
    return to_string(asked->kind);
  if (const auto* bad = std::get_if<bad_record>(&record))
    return std::string{to_string(bad->why)};
  return "skipped";
}

/// The request; throws, and so fails the test, when it is none.
inline request asked(const decoded_record& record) {
  if (const auto* found = std::get_if<request>(&record))
    return *found;
  throw std::runtime_error{"no request but " + outcome(record)};
}

inline bad_record refused(const decoded_record& record) {
  if (const auto* found = std::get_if<bad_record>(&record))
    return *found;
  throw std::runtime_error{"not refused but " + outcome(record)};
}

/// A body whose value has a user_email and these members, for example R"("prompt":"Hi")".
inline std::string with(std::string_view members) {
  return R"({"key":"k","value":{"user_email":"a@b.c",)" + std::string{members} + "}}";
}

/// A photo request with this JSON value as photo.
inline std::string with_photo(std::string_view photo_json) {
  return with(R"("prompt":"What?","photo":)" + std::string{photo_json});
}

inline std::string in_quotes(std::string_view text) { return '"' + std::string{text} + '"'; }

} // namespace mp::wire_test
