#pragma once
// What the health monitor needs of a model server.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mp {

/// What was found out about a host.
enum class host_condition : std::uint8_t {
  usable,        ///< reachable, the model is there and loaded
  unreachable,   ///< no connection, or no answer in time
  not_ollama,    ///< something else answers
  model_missing, ///< reachable, but it has not got the model
  busy,          ///< reachable, but it takes no more requests for now
  model_failed,  ///< the model could not be loaded
};

struct host_report {
  host_condition condition = host_condition::unreachable;
  bool vision = false;      ///< the model can look at photos
  bool was_loaded = false;  ///< the model was in memory before this probe
  std::string version;      ///< of the server, empty when unknown
  int http_status = 0;      ///< of the request that failed, 0 when there was no response
};

/// Probes one host, one probe at a time.
class host_port {
public:
  using ended = std::function<void(host_report)>;

  /// Cancels a running probe and never blocks.
  virtual ~host_port() = default;

  enum class depth : std::uint8_t {
    look,      ///< reachable, model present, capabilities, and loaded: an empty request with keep_alive -1 (ollama.md 2)
    one_token, ///< and then the model has to give a token: a runner that hangs shows only there
  };

  /// Loading may take minutes and has a limit of its own. `tell` is called exactly once, from any thread.
  virtual void probe(depth how, ended tell) = 0;
};

using host_factory = std::function<std::unique_ptr<host_port>()>;

} // namespace mp
