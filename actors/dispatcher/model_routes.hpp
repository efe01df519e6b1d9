#pragma once
// Which model answers which request. Values in, values out.

#include "messages/request.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mp {

/// The models as they are configured. The first of these that applies to a request is asked: its own `model` where that
/// is allowed, the route of its `task`, the model for its kind, the usual one.
struct model_routes {
  std::string usual; ///< OLLAMA_MODEL
  std::string vision; ///< OLLAMA_VISION_MODEL, for photos; empty: the usual one
  std::string text; ///< OLLAMA_TEXT_MODEL, for texts; empty: the usual one
  std::vector<std::pair<std::string, std::string>> by_task; ///< MODEL_ROUTES: task, as requests write it, and model
  std::vector<std::string> allowed; ///< ALLOWED_MODELS: what requests may ask for; "*" is any
};

/// A request's own model that is not allowed changes nothing: the original service answered every request with its
/// configured model, whatever the request said, and the reply names the model that answered.
struct routed_model {
  std::string name;
  bool of_its_own = false; ///< the request asked for it and no route leads to it: hosts are not looked at for it
  bool refused = false; ///< the request asked for another one, which is not allowed
  std::string label{}; ///< for metrics: the name as it is configured, or "other"
};

routed_model route(const model_routes& routes, const request& question);

/// The model for requests of this kind that say nothing more.
const std::string& model_for(const model_routes& routes, request_kind kind);

/// All models that a route leads to, each once, the one for photos first. Every host has to have them.
std::vector<std::string> routed_models(const model_routes& routes);

} // namespace mp
