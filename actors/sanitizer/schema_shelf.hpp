#pragma once
// Compiled schemas that were used last.

#include "actors/sanitizer/answer_schema.hpp"

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>

namespace mp {

/// Keeps the schemas that were asked for last, so that requests with the same schema cost one compilation. Bounded in
/// number and in parts (answer_schema::size), so in memory. For several actors: the reader compiles a request's schema to see
/// whether it can be used, the sanitizer uses it.
class schema_shelf {
public:
  explicit schema_shelf(std::size_t schemas_max = 16, std::size_t parts_max = 8'000)
      : schemas_max_(schemas_max), parts_max_(parts_max) {}

  /// As answer_schema::compile. What could not be compiled is not kept.
  answer_schema::compiled get(std::string_view schema_json);

private:
  struct kept {
    std::string text;
    std::shared_ptr<const answer_schema> schema;
  };

  std::shared_ptr<const answer_schema> find(std::string_view text);

  const std::size_t schemas_max_;
  const std::size_t parts_max_;
  std::mutex mutex_;
  std::list<kept> kept_; ///< the last used one in front; few, so they are looked through
  std::size_t parts_ = 0;
};

} // namespace mp
