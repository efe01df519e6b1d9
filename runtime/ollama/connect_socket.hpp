#pragma once
// A TCP connection that can be given up from outside.

#include "runtime/ollama/interrupter.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace mp {

/// Connects to the first address of `host` that answers, all of them within `limit`. Gives a blocking socket with
/// TCP_NODELAY that the caller closes, or -1: no such name, refused, unreachable, too late, interrupted. Resolving a
/// name is up to the system's resolver, which neither the limit nor an interruption ends.
int connect_socket(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit, interrupter& stop);

} // namespace mp
