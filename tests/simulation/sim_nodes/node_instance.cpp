#include "tests/simulation/sim_nodes/node_instance.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <chrono>

namespace mp::sim {
namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

milliseconds ms(duration time) { return std::max(1ms, duration_cast<milliseconds>(time)); }

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

void node_instance::start() {
  owner_ = (number_ + 1) * lives_max + ++lives_;
  program_ = std::make_shared<process>();
  program_->instance = number_;
  program_->name = "node " + name_ + "." + std::to_string(lives_);
  around_.world.note(program_->name, " starts");
  root_ = spawn_supervisor(around_.actors.system(), worker_tree(configure()));
  around_.actors.adopt(owner_);
  root_->attach_functor([this, weak = std::weak_ptr{program_}](const caf::error&) {
    if (auto which = weak.lock(); which && which->alive)
      around_.world.time.after(0ns, [this, which] { ended(which); });
  });
}

void node_instance::kill() {
  if (!running())
    return;
  around_.world.note(program_->name, " is dead");
  program_->alive = false;
  root_ = nullptr;
  directory_ = nullptr;
  around_.network.process_ended(name_);
  around_.actors.end_all(owner_);
}

void node_instance::ended(const std::shared_ptr<process>& which) {
  if (which != program_ || !which->alive)
    return;
  kill();
  around_.world.time.after(around_.world.rng.between(100ms, 3s), [this] {
    if (!running())
      start();
  });
}

void node_instance::stop() {
  if (!running())
    return;
  auto root = caf::actor_cast<caf::strong_actor_ptr>(root_);
  auto link = directory_->node_link();
  around_.world.note(program_->name, " is told to stop");
  if (!link) {
    order_exit(root, caf::exit_reason::user_shutdown);
    return;
  }
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(root);
  around_.actors.system().spawn([link, weak, limit = ms(around_.plan.drain_timeout)](caf::event_based_actor* self) {
    auto end = [weak] {
      if (auto strong = weak.lock())
        order_exit(strong, caf::exit_reason::user_shutdown);
    };
    self->request(link, limit, drain{}).then(end, [end](const caf::error&) { end(); });
  });
  around_.actors.adopt(owner_);
}

void node_instance::crash_actor() {
  if (!running())
    return;
  auto all = around_.actors.living(owner_);
  std::erase_if(all, [](const auto& each) { return each.name == "supervisor" || each.name.starts_with("user."); });
  if (all.empty())
    return;
  auto& victim = around_.world.rng.pick(all);
  around_.world.note(program_->name, ": ", victim.name, " is killed");
  if (auto strong = victim.actor.lock())
    order_exit(strong, caf::exit_reason::kill);
}

service_config node_instance::configure() {
  const auto& plan = around_.plan;
  auto& world = around_.world;
  auto& judge = around_.judge;
  auto program = program_;
  directory_ = std::make_shared<actor_directory>();

  service_config config;
  config.directory = directory_;
  config.metrics = around_.metrics;
  config.random = [&rng = world.rng] { return rng.unit(); };
  if (!plan.patient_restarts)
    config.backoff = {20ms, 2s, 2.0, 0.2, 10s};
  config.health.models = {model_name};
  config.health.metrics = around_.metrics;
  config.health.directory = directory_;
  config.health.probe_interval = 3s;
  config.health.unusable_interval = 300ms;
  config.health.hosts.push_back(
    {host_->name(), [host = host_, program, &world] { return make_sim_host_port(host, program, world); }});

  worker_config worker;
  worker.host = host_->name();
  worker.directory = directory_;
  worker.limits = {ms(plan.first_byte), ms(plan.idle), ms(plan.whole), ms(plan.cancel_wait)};
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
  link.node = name_;
  link.incarnation = static_cast<std::uint64_t>(lives_);
  link.hosts = {{host_->name(), static_cast<std::uint32_t>(plan.node_slots)}};
  for (std::size_t i = 0; i < plan.instances; ++i)
    link.join.push_back(service_instance::name_of(static_cast<int>(i)));
  link.make_port = [&network = around_.network, name = name_, program] {
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
