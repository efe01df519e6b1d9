#pragma once
// Photos as JSON carries them.

#include <string>
#include <string_view>

namespace mp::photo {

/// `bytes` in base64 with padding, on one line (RFC 4648 section 4). Throws std::bad_alloc.
std::string to_base64(std::string_view bytes);

} // namespace mp::photo
