#pragma once
// Whether a host answers and has a model. Blocks; for commands only.

#include "runtime/ollama/ollama_host.hpp"

#include <string>

namespace mp::ollama {

enum class model_presence { unreachable, missing, present };

/// Asks the host for the model's facts; takes connect_max and small_request_max of the host at most. Loads nothing.
model_presence look_at_model(const ollama_host& host, const std::string& model);

} // namespace mp::ollama
