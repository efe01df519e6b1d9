#include "tests/simulation/sim_nodes/node_instance.hpp"

#include "tests/simulation/sim_service/service_instance.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <chrono>

namespace mp::sim {
namespace {

using namespace std::chrono_literals;

/// What a crash leaves to be told is dropped with the port.
class sim_reader_port final : public reader_port {
public:
  sim_reader_port(links& network, std::string node, std::shared_ptr<process> owner)
    : network_(network), node_(std::move(node)), owner_(std::move(owner)) {}
  ~sim_reader_port() override { *living_ = false; }

  void dial(const std::string& reader, ended tell) override {
    network_.dial(node_, reader, [living = living_, owner = owner_, tell = std::move(tell)](dial_ended result) {
      if (*living && owner->alive)
        tell(std::move(result));
    });
  }

private:
  links& network_;
  std::string node_;
  std::shared_ptr<process> owner_;
  std::shared_ptr<bool> living_ = std::make_shared<bool>(true);
};

} // namespace

caf::actor node_instance::drained() const { return caf::actor_cast<caf::actor>(directory_->node_link()); }

void node_instance::crash_actor() {
  crash_some([](const stage::member& each) { return each.name != "supervisor"; });
}

service_config node_instance::configure() const {
  const auto& plan = around_.plan;
  auto& world = around_.world;
  auto& judge = around_.judge;
  auto program = program_;
  auto config = configure_alike();
  config.health.hosts.push_back(
    {host_->name(), [host = host_, program, &world] { return make_sim_host_port(host, program, world); }});

  auto worker = configure_worker(*host_);
  worker.make_port = [this, program, &world, &judge] {
    auto who = [this](const origin&) {
      caller self;
      self.instance = number_;
      self.begun = around_.world.time.now();
      self.life = static_cast<std::uint64_t>(lives_);
      if (auto link = directory_->node_link()) // it holds the answers
        self.dispatcher = link.id();
      return self;
    };
    return make_sim_model(host_, program, world, judge, who,
                          [&judge](const request& asked) { return judge.number_at_node(asked); });
  };
  config.workers.push_back({worker, plan.node_slots});

  auto& link = config.link;
  link.node = name();
  link.incarnation = static_cast<std::uint64_t>(lives_);
  link.hosts = {{host_->name(), static_cast<std::uint32_t>(plan.node_slots)}};
  for (std::size_t i = 0; i < plan.instances; ++i)
    link.join.push_back(service_instance::name_of(static_cast<int>(i)));
  link.make_port = [&network = around_.network, name = name(), program] {
    return std::make_unique<sim_reader_port>(network, name, program);
  };
  link.random = config.random;
  if (around_.kafka.arm == control_arm::node_answers_dropped)
    link.held.age_max = 0ms;
  link.directory = directory_;
  link.metrics = around_.metrics;
  return config;
}

} // namespace mp::sim
