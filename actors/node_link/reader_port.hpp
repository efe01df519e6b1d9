#pragma once
// How a worker node finds readers. runtime/node implements it with DNS and CAF's network, the tests by script.

#include "messages/interfaces.hpp"

#include <functional>
#include <memory>
#include <string>

namespace mp {

class reader_port {
public:
  /// Told exactly once per dial, from any thread; must only send a message.
  using ended = std::function<void(dial_ended)>;

  /// Gives up running dials and never blocks.
  virtual ~reader_port() = default;

  /// Looks `name` (host:port) up and connects to every address that it has. Connected already, an address gives the
  /// same entrance again.
  virtual void dial(const std::string& name, ended tell) = 0;
};

} // namespace mp
