#pragma once

#include <string_view>

namespace mp::status {

/// The live page: one HTML document, made of the files in runtime/status/page by the target `page`.
std::string_view page();

/// The Content-Security-Policy that goes with it: the hashes of its script and its style, and requests to where it
/// comes from.
std::string_view page_policy();

} // namespace mp::status
