#include "runtime/node/actor_types.hpp"

#include "messages/interfaces.hpp" // IWYU pragma: keep: the block of type ids

#include <caf/init_global_meta_objects.hpp>
#include <caf/io/middleman.hpp>

#include <mutex>

namespace mp {

void init_actor_types() {
  static std::once_flag once;
  std::call_once(once, [] {
    caf::init_global_meta_objects<caf::id_block::models_processor>();
    caf::io::middleman::init_global_meta_objects();
    caf::core::init_global_meta_objects();
  });
}

} // namespace mp
