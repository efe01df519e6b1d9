#pragma once
// Where in near-JSON a string stands.

#include <cstddef>

namespace mp {

enum class string_role { key, object_value, array_element };

/// Where in the JSON the string stands.
struct string_place {
  string_role role = string_role::object_value;
  std::size_t depth = 1;      ///< open brackets around it
  bool inside_array = false;  ///< one of them, at any level, is an array
  bool inside_object = false; ///< one of them, at any level, is an object
  bool inside_tuple = false;  ///< the innermost one is a parenthesis
  bool bare_names = false;    ///< names without quotes came before
  bool first_item = false;    ///< nothing stands between the bracket and the string
};

} // namespace mp
