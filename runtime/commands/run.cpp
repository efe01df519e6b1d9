#include "actors/telemetry/log.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/node/service.hpp"
#include "runtime/node/signals.hpp"

#include <iostream>
#include <memory>

namespace mp {

int run_command(const settings& chosen, node_role role) {
  std::unique_ptr<service> running;
  try {
    running = std::make_unique<service>(chosen, service_extras{role});
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << "\n";
    return exit_wrong_settings;
  }
  int code = 0;
  {
    signal_watch watch{[&] { running->stop(); }};
    code = running->wait();
  }
  running.reset();
  log::info("service_ended", {{"code", code}});
  log::flush();
  return code;
}

} // namespace mp
