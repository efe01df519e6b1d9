#include "tests/simulation/sim_service/sim_program.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <chrono>

namespace mp::sim {

using namespace std::chrono_literals;

std::chrono::milliseconds ms(duration time) {
  return std::max<std::chrono::milliseconds>(1ms, std::chrono::duration_cast<std::chrono::milliseconds>(time));
}

void sim_program::start() {
  owner_ = (number_ + 1) * lives_max + ++lives_;
  program_ = std::make_shared<process>();
  program_->instance = number_;
  program_->name = label_ + "." + std::to_string(lives_);
  around_.world.note(program_->name, " starts");
  directory_ = std::make_shared<actor_directory>();
  root_ = spawn_supervisor(around_.actors.system(), tree());
  started();
  around_.actors.adopt(owner_);
  root_->attach_functor([this, weak = std::weak_ptr{program_}](const caf::error&) {
    if (auto which = weak.lock(); which && which->alive)
      around_.world.time.after(0ns, [this, which] { ended(which); });
  });
}

void sim_program::kill() {
  if (!running())
    return;
  around_.world.note(program_->name, " is dead");
  program_->alive = false;
  root_ = nullptr;
  directory_ = nullptr;
  around_.network.process_ended(name_);
  around_.actors.end_all(owner_);
  gone();
}

/// The root has ended by itself, after a drain or because it gave up, and then the program ends. Somebody starts it
/// again.
void sim_program::ended(const std::shared_ptr<process>& which) {
  if (which != program_ || !which->alive)
    return;
  kill();
  around_.world.time.after(around_.world.rng.between(100ms, 3s), [this] {
    if (!running())
      start();
  });
}

void sim_program::stop() {
  if (!running())
    return;
  auto root = caf::actor_cast<caf::strong_actor_ptr>(root_);
  auto draining = drained();
  around_.world.note(program_->name, " is told to stop");
  if (!draining) {
    order_exit(root, caf::exit_reason::user_shutdown);
    return;
  }
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(root);
  around_.actors.system().spawn([draining, weak, limit = ms(around_.plan.drain_timeout)](caf::event_based_actor* self) {
    auto end = [weak] {
      if (auto strong = weak.lock())
        order_exit(strong, caf::exit_reason::user_shutdown);
    };
    self->request(draining, limit, drain{}).then(end, [end](const caf::error&) { end(); });
  });
  around_.actors.adopt(owner_);
}

bool sim_program::crash_some(const std::function<bool(const stage::member&)>& fits) {
  if (!running())
    return false;
  auto all = around_.actors.living(owner_);
  // Who waits for the end of a drain stands for the program itself.
  std::erase_if(all, [&](const stage::member& each) { return !fits(each) || each.name.starts_with("user."); });
  if (all.empty())
    return false;
  auto& victim = around_.world.rng.pick(all);
  auto strong = victim.actor.lock();
  around_.world.note(program_->name, ": ", victim.name, " is killed");
  order_exit(strong, caf::exit_reason::kill);
  return true;
}

service_config sim_program::configure_alike() const {
  service_config config;
  config.directory = directory_;
  config.metrics = around_.metrics;
  config.random = [&rng = around_.world.rng] { return rng.unit(); };
  if (!around_.plan.patient_restarts)
    config.backoff = {20ms, 2s, 2.0, 0.2, 10s};
  config.health.models = {model_name};
  config.health.metrics = around_.metrics;
  config.health.directory = directory_;
  config.health.probe_interval = 3s;
  config.health.unusable_interval = 300ms;
  return config;
}

worker_config sim_program::configure_worker(const sim_host& host) const {
  const auto& plan = around_.plan;
  worker_config worker;
  worker.host = host.name();
  worker.directory = directory_;
  worker.limits = {ms(plan.first_byte), ms(plan.idle), ms(plan.whole), ms(plan.cancel_wait)};
  return worker;
}

} // namespace mp::sim
