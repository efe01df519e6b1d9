#pragma once
// Text of strangers as one line that shows all that is in it.

#include <string>
#include <string_view>

namespace mp {

/// Appends `text` as the inside of a JSON string. Control characters, line separators, bidirectional controls and
/// characters without width are escaped, and bytes that are no UTF-8 become U+FFFD, so that it stays one line, in its
/// order, wherever it is shown.
void append_escaped(std::string& out, std::string_view text);

} // namespace mp
