#pragma once
// An answer brought into the form that its schema asks for, where there is only one way to do so.

#include "actors/sanitizer/schema/answer_schema.hpp"
#include "messages/mend_kind.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace mp {

/// An answer that follows its schema, and what was done to it.
struct followed {
  std::string json;
  mend_list mends;
};

/// `json`, compact and valid, as it follows the schema, or what is wrong with it (reason_text).
///
/// Tried only where the answer does not follow the schema: taking the one member of an object for the answer (wrapper);
/// strings to numbers or booleans, numbers to strings; an array's only element for the array and the other way round;
/// the schema's spelling of a value that differs in the case of ASCII letters alone. A change is kept where no other
/// change at that place would do as well, and nothing is kept unless the whole then follows the schema. All other bytes
/// stay.
std::variant<followed, std::string> follow_schema(std::string_view json, const answer_schema& schema);

} // namespace mp
