#pragma once
// The service in one process: actor system, supervision tree, status endpoints.

#include "actors/supervisor/restart_ledger.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/kafka/rd_properties.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace mp {

/// What a process is.
enum class node_role : std::uint8_t {
  reader, ///< reads Kafka; with NODE_PORT it takes worker nodes
  worker, ///< works for the readers of NODE_JOIN
};

/// What a caller may add to the settings.
struct service_extras {
  node_role role = node_role::reader;
  kafka::property_list consumer_properties{}; ///< for the reader only, before the user's
  std::optional<restart_intensity> intensity{}; ///< of every supervisor
};

class service {
public:
  /// Starts everything; the status server first, so that a port in use stops the start before anything joins a group.
  /// Throws std::runtime_error with one clear line. block_stop_signals() comes first: all threads inherit the mask.
  explicit service(const settings& chosen, const service_extras& extras = {});

  /// Ends what is left, hard after some seconds.
  ~service();

  service(const service&) = delete;
  service& operator=(const service&) = delete;

  /// Where the status endpoints are.
  std::uint16_t port() const;

  /// Begins an orderly stop: nothing new is taken, what is in flight is finished within DRAIN_TIMEOUT, offsets are
  /// committed, the group is left. A second call gives up waiting for what is in flight. Any thread; returns at once.
  void stop();

  /// Waits until the service has ended. Gives the exit code: 0 after stop(), 70 when the root supervisor gave up.
  int wait();

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace mp
