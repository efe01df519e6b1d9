#include "actors/sanitizer/schema_shelf.hpp"

#include <algorithm>

namespace mp {

std::shared_ptr<const answer_schema> schema_shelf::find(std::string_view text) {
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const kept& each) { return each.text == text; });
  if (found == kept_.end())
    return nullptr;
  kept_.splice(kept_.begin(), kept_, found);
  return found->schema;
}

answer_schema::compiled schema_shelf::get(std::string_view schema_json) {
  {
    std::lock_guard guard{mutex_};
    if (auto schema = find(schema_json))
      return schema;
  }
  auto compiled = answer_schema::compile(schema_json); // outside of the lock: it may take milliseconds
  const auto* schema = std::get_if<std::shared_ptr<const answer_schema>>(&compiled);
  if (schema == nullptr)
    return compiled;
  std::lock_guard guard{mutex_};
  if (find(schema_json) != nullptr)
    return compiled;
  kept_.push_front({std::string{schema_json}, *schema});
  parts_ += (*schema)->size();
  while (kept_.size() > 1 && (kept_.size() > schemas_max_ || parts_ > parts_max_)) {
    parts_ -= kept_.back().schema->size();
    kept_.pop_back();
  }
  return compiled;
}

} // namespace mp
