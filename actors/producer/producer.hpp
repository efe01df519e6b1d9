#pragma once
// Publishes records and reports what the broker said.

#include "actors/interfaces.hpp"
#include "actors/introductions.hpp"
#include "actors/mailbox_bound.hpp"
#include "actors/producer/producer_port.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <memory>

namespace mp {

struct producer_config {
  producer_factory make_port;
  std::uint32_t window = 512; ///< records under way at most; several round trips of a fast broker
  std::shared_ptr<introductions> directory;
  std::size_t mailbox_bound = mailbox_unbounded; ///< of service_tree, see mailbox_bound.hpp
};

/// Started by outbound. Owns its producer_port. Crashes when the port is broken for good; the dispatcher then sends everything that
/// was not acknowledged to the successor.
caf::strong_actor_ptr spawn_producer(caf::local_actor* parent, producer_config config);

} // namespace mp
