#pragma once
// A JSON Schema that answers are checked with. The checker is valijson, behind bounds of our own: a schema comes with a
// request and may be written to make it hang.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mp {

/// One thing in an answer that does not follow the schema.
struct violation {
  std::vector<std::string> path; ///< names and indices from the root to the value
  std::string what; ///< for people and models: "is a string, but has to be a number". May quote the answer
  bool other_value = false; ///< the value has a type, or is one, that is not among those the schema names
};

/// A compiled schema. Immutable; may be used by several threads at once.
class answer_schema {
public:
  using compiled = std::variant<std::shared_ptr<const answer_schema>, std::string>;

  /// Compiles a schema (see prepare_schema for which are taken), or says in one sentence why not. Nothing is ever
  /// fetched. Patterns are RE2's: linear in the text, without look-around and back references, which are refused, as is
  /// what breaks pattern_limits. Takes some 50 ms and 16 MB at most, whatever the schema.
  static compiled compile(std::string_view schema_json);

  ~answer_schema();
  answer_schema(const answer_schema&) = delete;
  answer_schema& operator=(const answer_schema&) = delete;

  /// Whether `json`, a valid JSON value, follows the schema. Work and memory are bounded: what cannot be decided within
  /// a million steps does not follow it.
  bool accepts(std::string_view json) const;

  /// What is wrong with `json`; empty when nothing is, or when it took too much work to say.
  std::vector<violation> violations(std::string_view json) const;

  /// The texts that the schema names as values (`enum`, `const`).
  const std::vector<std::string>& words() const;

  /// What it holds of memory at most, in bytes, the memory that its patterns may take up while texts are read included.
  std::size_t bytes() const;

private:
  struct parts;
  explicit answer_schema(std::unique_ptr<const parts> made);

  std::unique_ptr<const parts> parts_;
};

/// `path` as a JSON pointer, "the answer" for the root.
std::string pointer_text(const std::vector<std::string>& path);

/// The first few of the violations that say most, in one line, at most some 500 bytes.
std::string reason_text(const std::vector<violation>& violations);

} // namespace mp
