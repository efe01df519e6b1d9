#pragma once
// One model, one spelling.

#include <string>
#include <string_view>

namespace mp {

/// A model's name in the one spelling that is compared: small letters, with a tag ("latest" when none is given),
/// without the names of the usual registry and library. `llava`, `LLaVA:latest`, `library/llava` and `registry.ollama.ai/library/llava:latest`
/// are one model.
std::string canonical_model_name(std::string_view name);

} // namespace mp
