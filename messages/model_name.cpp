#include "messages/model_name.hpp"

#include <algorithm>

namespace mp {

std::string canonical_model_name(std::string_view name) {
  std::string out{name};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::string_view usual_library = "library/";
  if (out.starts_with(usual_library))
    out.erase(0, usual_library.size());
  const auto slash = out.rfind('/');
  if (out.find(':', slash == std::string::npos ? 0 : slash) == std::string::npos)
    out += ":latest";
  return out;
}

} // namespace mp
