#include "runtime/node/spoken_protocols.hpp"

namespace mp {

node_protocols spoken_protocols() { return our_protocols; }

} // namespace mp
