#pragma once
// Bytes of the requests topic -> a question, or what is wrong with it. The contract for users: messages/README.md.

#include "messages/origin.hpp"
#include "messages/request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mp {

struct decode_options {
  std::size_t bytes_max = 0;          ///< of a whole record: key, body and headers; 0 = no limit
  std::string expected_user_email;    ///< records of others are skipped; empty = everybody's are taken
  bool keep_body = false;             ///< dead letters carry the payload, so the record is kept whole
  std::uint64_t photo_pixels_max = 0; ///< 0 = no limit but the decoder's own
  bool webp_allowed = false;          ///< see photo_limits
};

/// Whether replies and dead letters repeat this header of a request.
bool is_repeated_header(std::string_view name);

using decoded_record = std::variant<request, bad_record, skipped_record>;

/// JSON inside of JSON deeper than this is `not_json`; no request needs more than about ten.
inline constexpr std::size_t request_depth_max = 64;

/// The longest `schema`, in bytes as it is written. Whether a shorter one can be used is found out when the request's
/// turn has come: that takes up to milliseconds, and whoever reads requests has to read those of others.
inline constexpr std::size_t request_schema_bytes_max = 64 * 1024;

/// Decodes one record. `body` is shared, not copied: prompt, photo and the other slices of the result point into it.
/// (Where the photo has JSON escapes or base64 that had to be brought into its standard form it gets a buffer of its
/// own, and so does a `value` that is a JSON string; then nothing but `keep_body` keeps the record alive.) A null
/// `body` is a record without payload. Never fails but for lack of memory; linear in the record's size.
///
/// The first of these that applies is the result:
/// - request_too_large: key, body and headers have more than `bytes_max` bytes (the body is not looked at).
/// - not_utf8: the body is not valid UTF-8; a byte order mark in front of it is passed over.
/// - not_json: the body is not one JSON value (so an empty record, too), is nested deeper than request_depth_max, or
///   `value` is a string that holds no JSON.
/// - not_an_object: the body is no object, or its `value` is absent or neither an object nor a string that holds one.
/// - no_user_email: neither in `value` nor beside it there is a string `user_email` that is not blank.
/// - skipped_record: `expected_user_email` is set and is another one.
/// - invalid_request: a member has the wrong type, `schema` is longer than request_schema_bytes_max, `deadline` is no
/// whole number,
///   `priority` not 0 to 9.
/// - no_question: none of prompt, question, text, content, message has text; with a photo: prompt has none.
/// - photo_...: see check_photo. Blanks around the photo and the head of a `data:` URL are left out (find_photo_text).
/// Base64 with
///   line breaks, in the URL-safe alphabet or without padding is brought into its standard form, and is
///   photo_not_base64 where that is no image.
///
/// `model` and `task` of more than model_name_bytes_max bytes are taken as not given: no setting can name them.
///
/// From invalid_request on the sender is known: the bad_record carries user_email, kind, id, model, passed_through and
/// headers for an error reply, in buffers of its own so that a refused photo is not kept.
///
/// `record_bytes`: the record's size where it has more than is given here (headers that nobody reads, a body above the
/// limit).
decoded_record decode_request(const origin& from, std::string_view record_key, std::shared_ptr<const std::string> body,
                              std::vector<name_and_text> headers, const decode_options& options,
                              std::size_t record_bytes = 0);

} // namespace mp
