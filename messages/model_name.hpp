#pragma once
// One model, one spelling.

#include <string>
#include <string_view>

namespace mp {

/// A model's name in the one spelling that is compared: small letters, with a tag ("latest" when none is given),
/// without the name of the usual library. `llava`, `LLaVA:latest` and `library/llava` are one model.
std::string canonical_model_name(std::string_view name);

} // namespace mp
