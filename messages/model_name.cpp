#include "messages/model_name.hpp"

#include "messages/json/ascii.hpp"

namespace mp {

std::string canonical_model_name(std::string_view name) {
  auto out = lower_case(name);
  // As Ollama reads names (types/model/name.go): a scheme is dropped, the usual registry and its library may be left
  // out.
  if (const auto scheme = out.find("://"); scheme != std::string::npos)
    out.erase(0, scheme + 3);
  for (const std::string_view usual : {"registry.ollama.ai/", "library/"})
    if (out.starts_with(usual))
      out.erase(0, usual.size());
  const auto slash = out.rfind('/');
  if (out.find(':', slash == std::string::npos ? 0 : slash) == std::string::npos)
    out += ":latest";
  return out;
}

} // namespace mp
