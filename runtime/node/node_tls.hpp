#pragma once
// The files with which nodes prove to each other who they are.

#include "runtime/config/settings.hpp"

#include <chrono>
#include <string>
#include <variant>

namespace mp {

struct node_certificate {
  std::chrono::system_clock::time_point expires{};
};

/// Looks at NODE_CERT, NODE_KEY and NODE_CA before CAF does, which would end the program: whether they can be read, the
/// key belongs to the certificate, the authority has signed it, and it is valid at `now`. Gives what is wrong
/// otherwise, with the setting's name.
std::variant<node_certificate, std::string> check_node_certificate(const settings& chosen,
                                                                   std::chrono::system_clock::time_point now);

} // namespace mp
