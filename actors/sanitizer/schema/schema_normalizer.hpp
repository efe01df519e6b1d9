#pragma once
// Which JSON Schemas are taken, and the form in which the checker gets them. Schemas come with requests, so they are
// hostile until looked at.

#include "messages/wire/request_json.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mp {

/// Bounds of a schema. They keep the checker's memory and its stack bounded, whoever wrote the schema.
struct schema_limits {
  std::size_t bytes_max = request_schema_bytes_max;
  std::size_t depth_max = 64;       ///< arrays and objects of its text inside each other
  std::size_t subschemas_max = 4'000; ///< those that are referred to count again for each target of a `$ref`
  std::size_t targets_max = 64;     ///< different places that `$ref`s lead to
  std::size_t nesting_max = 256;    ///< subschemas inside each other, of the root and all targets of `$ref`s together
  std::size_t in_place_max = 16; ///< subschemas that apply to one value because of each other ($ref, anyOf, not, ...)
};

/// The keywords that the checker implements itself, as they stand in prepared_schema::document.
namespace bounded_keyword_names {
inline constexpr const char* step = "mp:step"; ///< a number: what a look at this subschema costs
inline constexpr const char* types = "mp:types"; ///< an array of names of types
inline constexpr const char* values = "mp:values"; ///< an array of the values that are allowed
inline constexpr const char* pattern = "mp:pattern"; ///< a regular expression
inline constexpr const char* unique = "mp:unique"; ///< true
inline constexpr const char* multiple = "mp:multiple"; ///< a number above 0
} // namespace bounded_keyword_names

/// A schema in the form for the checker: only keywords that are known and well formed, every `$ref` leading to a
/// numbered definition, a step in front of each subschema.
struct prepared_schema {
  boost::json::value document;
  std::vector<std::string> words; ///< the texts among all values of `enum` and `const`, each once
  std::size_t subschemas = 0;
};

/// Takes the schema in `text`, or says in one sentence why not. Linear in its size.
///
/// Draft 7 and what later drafts write differently (`prefixItems`, `dependentRequired`, `dependentSchemas`; any place
/// of definitions). Not looked at, as for all checkers: annotations, names that are not known, what stands beside a
/// `$ref`; besides `format`. Refused: what would change the meaning if it were left out (`patternProperties`,
/// `unevaluated...`,
/// `$dynamicRef`, `minContains`, ...), a `$ref` that leads out of the schema (nothing is ever fetched), to nowhere or
/// in a circle, and what breaks a limit.
std::variant<prepared_schema, std::string> prepare_schema(std::string_view text, const schema_limits& limits = {});

} // namespace mp
