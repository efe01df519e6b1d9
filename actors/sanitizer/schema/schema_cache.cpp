#include "actors/sanitizer/schema/schema_cache.hpp"

#include <algorithm>
#include <optional>

namespace mp {
namespace {

/// Others take less than two milliseconds and a megabyte.
bool is_large(std::string_view schema_json) {
  constexpr std::size_t ordinary_bytes_max = 4 * 1024;
  const auto may_have = [&](std::string_view what) { return schema_json.find(what) != std::string_view::npos; };
  return schema_json.size() > ordinary_bytes_max || may_have("pattern") || may_have("\\u");
}

} // namespace

std::shared_ptr<const answer_schema> schema_cache::find(std::string_view text) {
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const kept& each) { return each.text == text; });
  if (found == kept_.end())
    return nullptr;
  kept_.splice(kept_.begin(), kept_, found);
  return found->schema;
}

std::shared_ptr<const answer_schema> schema_cache::look_up(std::string_view text) {
  const scoped_lock guard{mutex_};
  return find(text);
}

void schema_cache::keep(std::string_view text, std::shared_ptr<const answer_schema> schema) {
  kept fresh{std::string{text}, std::move(schema)};
  if (fresh.bytes() > bytes_max_)
    return;
  const scoped_lock guard{mutex_};
  if (find(text) != nullptr)
    return;
  bytes_ += fresh.bytes();
  kept_.push_front(std::move(fresh));
  while (kept_.size() > schemas_max_ || bytes_ > bytes_max_) {
    bytes_ -= kept_.back().bytes();
    kept_.pop_back();
  }
}

answer_schema::compiled schema_cache::get(std::string_view schema_json, compile_order order) {
  if (auto schema = look_up(schema_json))
    return schema;
  std::optional<scoped_lock> turn;
  if (order == compile_order::in_turn && is_large(schema_json)) {
    turn.emplace(large_);
    if (auto schema = look_up(schema_json)) // another thread has compiled it meanwhile
      return schema;
  }
  auto compiled = answer_schema::compile(schema_json);
  if (const auto* schema = std::get_if<std::shared_ptr<const answer_schema>>(&compiled))
    keep(schema_json, *schema);
  return compiled;
}

std::size_t schema_cache::bytes() const {
  const scoped_lock guard{mutex_};
  return bytes_;
}

} // namespace mp
