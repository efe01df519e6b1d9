#pragma once
// Compiled schemas that were used last.

#include "actors/sanitizer/schema/answer_schema.hpp"
#include "actors/threads/mutex.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace mp {

/// Whether a large schema waits until others like it are compiled.
enum class compile_order : std::uint8_t {
  in_turn,
  at_once, ///< for one thread that must not wait for others
};

/// Keeps the schemas that were asked for last, so that requests with the same schema cost one compilation. Bounded in
/// number and in bytes (answer_schema::bytes and its text). For several threads: the ports to model hosts compile a
/// request's schema to see whether it can be used, the sanitizer uses it.
///
/// Large schemas and those with patterns are compiled one at a time, others beside them: so compiling takes the memory
/// of one large schema, and a sender of many schemas does not delay senders of ordinary ones.
class schema_cache {
public:
  explicit schema_cache(std::size_t schemas_max = 64, std::size_t bytes_max = 24 * 1024 * 1024)
    : schemas_max_(schemas_max), bytes_max_(bytes_max) {}

  /// As answer_schema::compile. What could not be compiled is not kept, nor is what is larger than all that may be
  /// kept.
  answer_schema::compiled get(std::string_view schema_json, compile_order order = compile_order::in_turn);

  /// What the schemas that are kept hold, in bytes.
  std::size_t bytes() const;

private:
  struct kept {
    std::string text;
    std::shared_ptr<const answer_schema> schema;

    std::size_t bytes() const { return text.size() + schema->bytes(); }
  };

  std::shared_ptr<const answer_schema> find(std::string_view text) MP_REQUIRES(mutex_);
  std::shared_ptr<const answer_schema> look_up(std::string_view text);
  void keep(std::string_view text, std::shared_ptr<const answer_schema> schema);

  const std::size_t schemas_max_;
  const std::size_t bytes_max_;
  mutable mutex mutex_;
  mutex large_; ///< held while a large schema is compiled; taken before mutex_
  std::list<kept> kept_ MP_GUARDED_BY(mutex_); ///< the last used one in front; few, so they are looked through
  std::size_t bytes_ MP_GUARDED_BY(mutex_) = 0;
};

} // namespace mp
