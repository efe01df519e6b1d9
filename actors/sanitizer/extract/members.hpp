#pragma once
// The members of JSON values, to be compared.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mp {

/// Names without their escapes and values as written, sorted by name; the views point into the JSON.
using member_list = std::vector<std::pair<std::string, std::string_view>>;

/// The members of a valid object; those of all its objects for an array.
member_list members_of(std::string_view json);

struct comparison {
  bool shared = false;    ///< there are members with the same name
  bool differing = false; ///< one of those has another value
  bool missing = false;   ///< `theirs` has names that `ours` has not
};

/// In time that grows with `theirs`, and with the logarithm of `ours`.
comparison compare(const member_list& theirs, const member_list& ours);

} // namespace mp
