#pragma once
// One model, one spelling.

#include <cstddef>
#include <string>
#include <string_view>

namespace mp {

/// The longest name of a model, or of a task, in bytes: settings take none that is longer (OLLAMA_MODEL, MODEL_ROUTES),
/// and what requests name is passed over where it is.
inline constexpr std::size_t model_name_bytes_max = 255;

/// A model's name in the one spelling that is compared: small letters, with a tag ("latest" when none is given),
/// without the names of the usual registry and library. `llava`, `LLaVA:latest`, `library/llava` and
/// `registry.ollama.ai/library/llava:latest` are one model.
std::string canonical_model_name(std::string_view name);

} // namespace mp
