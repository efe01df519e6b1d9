#pragma once
// Makes answers fit to publish.

#include "actors/actor_directory.hpp"
#include "actors/mailbox_bound.hpp"
#include "actors/sanitizer/clean_answer.hpp"
#include "actors/sanitizer/schema/schema_cache.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace mp {

struct sanitizer_config {
  cleaning_lane lane = cleaning_lane::short_answers; ///< whose answers it is for
  cleaning_limits limits;
  std::shared_ptr<const answer_schema> photo_schema; ///< of photos that bring none of their own; null: any JSON
  std::shared_ptr<schema_cache> schemas = std::make_shared<schema_cache>(); ///< of requests
  std::shared_ptr<actor_directory> directory;
  std::size_t mailbox_bound = mailbox_unbounded; ///< of service_tree, see mailbox_bound.hpp
};

/// Started by outbound. Holds nothing between two messages: when it dies, the dispatcher sends the answers again to its
/// successor.
caf::strong_actor_ptr spawn_sanitizer(caf::local_actor* parent, sanitizer_config config);

} // namespace mp
