#pragma once
// How a model host is, as a probe found it.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// What was found out about a host.
enum class host_condition : std::uint8_t {
  usable,        ///< reachable, the model is there and loaded
  unreachable,   ///< no connection, or no answer in time
  not_ollama,    ///< something else answers
  model_missing, ///< reachable, but it has not got the model
  busy,          ///< reachable, but it takes no more requests for now
  model_failed,  ///< the model could not be loaded
  model_differs, ///< a model has another digest than it should (MODEL_DIGESTS)
  not_trusted,   ///< its certificate is not for this host, has expired, or is of an unknown authority
};

/// One of the models that a host has to have.
struct model_report {
  std::string name;
  bool vision = false;             ///< it can look at photos
  bool was_loaded = false;         ///< it was in memory before this probe
  std::optional<double> gpu_share; ///< how much of it lies in the GPU's memory, 0 to 1; none where the host did not say
};

/// A model in a host's memory.
struct model_in_memory {
  std::string name; ///< canonical
  std::string digest; ///< hexadecimal digits without the algorithm; empty where the host does not say
};

struct host_report {
  host_condition condition = host_condition::unreachable;
  bool vision = false; ///< a model can look at photos
  bool was_loaded = false; ///< all models were in memory before this probe
  std::string version; ///< of the server, empty when unknown
  int http_status = 0; ///< of the request that failed, 0 when there was no response
  std::string model{}; ///< that the condition is about; empty: the host, or its only model
  std::vector<model_report> models{};
  std::vector<model_in_memory> loaded{}; ///< as far as is known
  bool holds_all = true; ///< all models fit into its memory at once, as far as is known
  std::string why{}; ///< what is known about a missing connection or a refused certificate, for people
};

/// How fast a host is beside one that has all of its models in the GPU's memory: the smallest share of a model.
inline double gpu_share_of(const host_report& report) {
  double share = 1;
  for (const auto& each : report.models)
    share = std::min(share, each.gpu_share.value_or(1));
  return share;
}

} // namespace mp
