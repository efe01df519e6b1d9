#include "tests/simulation/sim_service/service_instance.hpp"

#include "actors/node_link/node_entrance.hpp"
#include "tests/simulation/sim_kafka/sim_consumer.hpp"
#include "tests/simulation/sim_kafka/sim_producer.hpp"
#include "tests/simulation/sim_kafka/sim_transactions.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>

namespace mp::sim {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

// Of a connection that was silent everything comes at once: heartbeats and acknowledgements of up to 12 s, calls, ends.
constexpr std::size_t messages_of_a_node = 300;

} // namespace

void service_instance::started() {
  if (around_.plan.nodes > 0)
    entrance_ = caf::actor_cast<caf::strong_actor_ptr>(spawn_node_entrance(around_.actors.system(), directory_));
}

void service_instance::gone() {
  entrance_ = nullptr;
  around_.judge.released_all(number_);
}

caf::actor service_instance::drained() const { return caf::actor_cast<caf::actor>(directory_->dispatcher()); }

bool service_instance::crash(bool supervisors) {
  return crash_some([&](const stage::member& each) {
    return (each.name == "supervisor") == supervisors && each.actor.lock() != entrance_;
  });
}

void service_instance::hold_actor(duration time) {
  auto all = around_.actors.living(owner_);
  // A worker may have an order that is taken back while it stands still: its call would look like a repeated one.
  std::erase_if(all, [](const stage::member& each) { return each.name == "ollama_worker"; });
  if (all.empty())
    return;
  auto& victim = around_.world.rng.pick(all);
  around_.world.note(program_->name, ": ", victim.name, " stands still");
  if (auto strong = victim.actor.lock())
    around_.actors.hold_actor(strong->id(), around_.world.time.now() + time);
}

bool service_instance::crash_actor(std::string_view name) {
  for (const auto& each : around_.actors.living(owner_))
    if (auto strong = each.actor.lock(); strong && each.name == name) {
      order_exit(strong, caf::exit_reason::kill);
      return true;
    }
  return false;
}

bool service_instance::crash_actor() { return crash(false); }
bool service_instance::crash_supervisor() { return crash(true); }

caller service_instance::caller_for(const origin& from) const {
  caller who;
  who.instance = number_;
  who.begun = around_.world.time.now();
  who.life = static_cast<std::uint64_t>(lives_);
  if (auto dispatcher = directory_->dispatcher())
    who.dispatcher = dispatcher.id();
  who.caught_up = program_->caught_up;
  if (auto reader = program_->reader.lock(); reader && reader->holds(from.partition)) {
    who.holds = true;
    who.reader = reader->number;
    who.loaded = reader->loaded(from.partition);
  }
  return who;
}

void service_instance::look_at(caf::scheduled_actor& next) {
  const auto& plan = around_.plan;
  auto size = next.mailbox().size();
  auto workers = plan.local_slots() + plan.node_slots_in_all();
  auto held = workers + plan.ahead + plan.producer_window;
  // Each request held can be the subject of two messages to one actor, a worker of its start, demand, result and end in
  // two lives; each partition has a notification, and the group its own; the rest are timers, starts and ends of
  // neighbours.
  around_.judge.mailbox(next.name(), size,
                        2 * held + 6 * workers + 4 * static_cast<std::size_t>(plan.kafka.partitions) + 40
                          + plan.nodes * messages_of_a_node);
  if (size <= 1 && !program_->caught_up && std::string_view{next.name()} == "dispatcher")
    program_->caught_up = around_.world.time.now();
}

service_config service_instance::configure() const {
  const auto& plan = around_.plan;
  auto& world = around_.world;
  auto& judge = around_.judge;
  auto program = program_;
  auto& kafka = around_.kafka;
  bool ignores_demand = kafka.arm == control_arm::demand_ignored;
  auto config = configure_alike();
  if (kafka.arm == control_arm::supervisor_off)
    config.backoff.first = config.backoff.limit = std::chrono::hours{10'000};
  for (auto& host : plan.has_local_hosts ? around_.hosts : std::vector<std::shared_ptr<sim_host>>{}) {
    config.health.hosts.push_back(
      {host->name(), [host, program, &world] { return make_sim_host_port(host, program, world); }});
    auto worker = configure_worker(*host);
    worker.make_port = [this, host, program, &world, &judge] {
      return make_sim_model(
        host, program, world, judge, [this](const origin& from) { return caller_for(from); },
        [](const request& asked) { return static_cast<std::size_t>(number_of(asked.headers)); });
    };
    config.workers.push_back({worker, plan.slots});
  }

  config.producer.make_port = [&kafka, program] { return std::make_unique<sim_producer>(kafka, program); };
  if (around_.exactly_once) {
    auto id = "tx" + std::to_string(number_) + (plan.lasting_transactional_ids ? "" : "." + std::to_string(lives_));
    config.producer.make_transactions = [&kafka, program, id] {
      return std::make_unique<sim_transactions>(kafka, program, id);
    };
    config.producer.transaction_interval = ms(plan.transaction_interval);
    config.producer.transaction_records_max = plan.transaction_records;
    config.reader.transactional = true;
  }
  config.producer.window = plan.producer_window;
  config.producer.directory = directory_;
  config.sanitizer.directory = directory_;

  config.dispatcher.routes.usual = model_name;
  config.dispatcher.routes.allowed = {missing_model};
  config.dispatcher.requests_topic = "eater-send-photo";
  auto held_max = plan.local_slots() + plan.node_slots_in_all() + plan.ahead + plan.producer_window;
  if (plan.nodes > 0) {
    config.nodes.emplace();
    config.nodes->name = name_of(number_);
    config.nodes->topic = "eater-send-photo";
    config.nodes->slots_max = plan.node_slots_in_all();
    config.nodes->directory = directory_;
    config.nodes->metrics = around_.metrics;
  }
  // Answers whose reader has died wait beside the table for their requests to be read again, as many as it holds.
  judge.limit(number_, around_.exactly_once ? 2 * held_max : held_max, plan.bytes_max);
  config.dispatcher.intake = {plan.ahead, held_max, static_cast<std::int64_t>(plan.bytes_max), 100};
  if (ignores_demand)
    config.dispatcher.intake = {100'000, 1'000'000, 1'000'000'000, 100};
  config.dispatcher.intake.parked_max = plan.parked_max;
  if (kafka.arm == control_arm::answers_dropped)
    config.dispatcher.keep.age_max = 0ms;
  config.dispatcher.retry = {3, 200ms, 5s};
  config.dispatcher.reask_rounds = plan.reask_rounds;
  config.dispatcher.breaker = {plan.breaker_failures};
  config.dispatcher.dead_letters = {plan.dead_letter_stop, 2s};
  config.dispatcher.rate_limit = plan.rate_limit;
  config.dispatcher.order_by_key = plan.order_by_key;
  config.dispatcher.random = config.random;
  config.dispatcher.wall_clock = [&world] {
    return std::chrono::system_clock::time_point{world_begins}
           + duration_cast<std::chrono::system_clock::duration>(world.time.now().time_since_epoch());
  };
  config.dispatcher.metrics = around_.metrics;

  auto static_name = plan.static_members ? "i" + std::to_string(number_) : std::string{};
  config.reader.make_port = [&kafka, program, static_name] {
    return std::make_unique<sim_consumer>(kafka, program, static_name);
  };
  if (kafka.arm == control_arm::assignments_ignored)
    config.reader.next_assignment = [] { return 1u; };
  else
    config.reader.next_assignment = [assignment = std::make_shared<std::uint32_t>(0)] { return ++*assignment; };
  config.reader.decode.bytes_max = request_bytes_max;
  config.reader.commit_interval = ms(plan.commit_interval);
  config.reader.rebalance_grace = ms(plan.rebalance_grace);
  config.reader.request_max_age = plan.request_age_max;
  config.reader.directory = directory_;
  config.reader.metrics = around_.metrics;
  return config;
}

} // namespace mp::sim
