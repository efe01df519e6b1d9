#pragma once
// What the health monitor needs of a model server.

#include "messages/host_report.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mp {

/// Probes one host, one probe at a time.
class host_port {
public:
  using ended = std::function<void(host_report)>;

  /// Cancels a running probe and never blocks.
  virtual ~host_port() = default;

  enum class depth : std::uint8_t {
    look, ///< reachable, models present, capabilities, and loaded: an empty request with keep_alive -1 [ollama 5]
    one_token, ///< and then each has to give a token: a runner that hangs shows only there
  };

  struct probe_order {
    probe_order(depth depth, std::vector<std::string> models = {}) : how(depth), reload(std::move(models)) {}

    depth how;
    std::vector<std::string> reload; ///< models to be unloaded first
  };

  /// Loading may take minutes and has a limit of its own. `tell` is called exactly once, from any thread.
  virtual void probe(probe_order order, ended tell) = 0;
};

using host_factory = std::function<std::unique_ptr<host_port>()>;

} // namespace mp
