#pragma once
// What a model server says of its models, read from the responses of Ollama. Text in, values out.

#include "messages/host_report.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mp::ollama {

/// A model in memory.
struct loaded_model : model_in_memory {
  std::optional<double>
    gpu_share; ///< the part of it that lies in the GPU's memory, 0 to 1; none where the host does not say
  std::uint64_t context_tokens = 0; ///< of one call; 0 where the host does not say
};

/// Reads the response to GET /api/ps: nothing when `body` is none. Names that occur twice are given twice.
std::optional<std::vector<loaded_model>> loaded_models(std::string_view body);

/// Reads the response to GET /api/tags: digests by canonical name, hexadecimal digits in small letters without the
/// algorithm. Empty where two entries of one name differ. Nothing when `body` is no such response.
std::optional<std::map<std::string, std::string>> digests_of_models(std::string_view body);

} // namespace mp::ollama
