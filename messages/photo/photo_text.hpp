#pragma once
// The text of a request's `photo` as senders write it, and the base64 in it.

#include <string_view>

namespace mp::photo {

struct photo_text {
  std::string_view base64;    ///< a part of the text; whether it is base64 is for others to say
  bool of_data_url = false;   ///< the text was a `data:` URL, so that percent escapes may stand in it
};

/// Finds the base64 in `text`: blanks around it are left out (see blank_length), and so is the head of a `data:` URL
/// (RFC 2397) that ends with `;base64`, whatever its media type, its parameters and the case of its letters, blanks
/// around its parts allowed. Spaces behind are left only where the base64 in front of them is whole: a space may be a
/// `+` that a form has decoded. A head has at most 256 bytes, so that a photo is not searched for a comma.
photo_text find_photo_text(std::string_view text);

} // namespace mp::photo
