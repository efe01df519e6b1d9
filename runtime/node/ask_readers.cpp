#include "runtime/node/ask_readers.hpp"

#include "messages/interfaces.hpp"
#include "runtime/node/actor_types.hpp"
#include "runtime/node/instance_id.hpp"
#include "runtime/node/network_readers.hpp"
#include "runtime/node/node_network.hpp"
#include "runtime/node/spoken_protocols.hpp"
#include "runtime/threads/background_threads.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace mp {
namespace {

using namespace std::chrono_literals;

constexpr auto answer_max = 2s;

/// Gets the reader's answer. It has the handlers of a node_link that such a reader sends to, and no more.
caf::behavior listener(caf::event_based_actor* self, const std::shared_ptr<std::promise<std::string>>& said) {
  return {
    [self, said](const node_refused& refusal) {
      said->set_value(refusal.why);
      self->quit();
    },
  };
}

/// Empty: it would take the node.
std::string answer_of(caf::actor_system& system, const node_entrance_actor& entrance, const std::string& name) {
  auto said = std::make_shared<std::promise<std::string>>();
  auto answer = said->get_future();
  auto receiver = system.spawn(listener, said);
  constexpr std::uint32_t no_slots = 0; // only asks
  caf::anon_send(entrance,
                 node_hello{spoken_protocols(), MP_VERSION, name, 0,
                            caf::actor_cast<node_link_actor>(caf::actor_cast<caf::strong_actor_ptr>(receiver)), 1,
                            no_slots});
  if (answer.wait_for(answer_max) == std::future_status::ready)
    return answer.get();
  caf::anon_send_exit(receiver, caf::exit_reason::user_shutdown);
  return "it does not answer";
}

} // namespace

std::vector<asked_reader> ask_readers(const settings& chosen) {
  init_actor_types();
  caf::actor_system_config config;
  configure_nodes(config, chosen);
  caf::actor_system system{config};
  auto background = std::make_shared<threads::background_threads>();
  auto node = chosen.node_name.empty() ? host_name() : chosen.node_name;
  std::vector<asked_reader> readers;
  for (const auto& name : chosen.node_join) {
    network_readers port{system, background, uses_node_tls(chosen)};
    std::promise<dial_ended> ended;
    port.dial(name, [&](dial_ended result) { ended.set_value(std::move(result)); });
    auto dial = ended.get_future().get();
    if (dial.addresses.empty())
      readers.push_back({name, {}, dial.why.empty() ? "it has no address" : dial.why});
    for (const auto& each : dial.addresses)
      readers.push_back({name, each.address, each.entrance ? answer_of(system, each.entrance, node) : each.why});
  }
  return readers;
}

} // namespace mp
