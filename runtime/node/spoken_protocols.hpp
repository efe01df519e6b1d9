#pragma once

#include "messages/interfaces.hpp"

namespace mp {

/// our_protocols. A file of its own, so that a program of the tests can be one that speaks others
/// (tests/support/other_protocols.cpp).
node_protocols spoken_protocols();

} // namespace mp
