#include "actors/service_tree.hpp"

#include <caf/actor_cast.hpp>
#include <caf/local_actor.hpp>

namespace mp {
namespace {

using namespace std::chrono_literals;

// The reader's orderly end commits and leaves the group; librdkafka's LeaveGroup gives up after 5 s [kafka 6].
constexpr auto reader_grace = 8'000ms;
// Every other actor ends as soon as it sees the message.
constexpr auto usual_grace = 2'000ms;

template <class Handle>
caf::strong_actor_ptr pointer_of(const Handle& handle) {
  return caf::actor_cast<caf::strong_actor_ptr>(handle);
}

supervisor_spec group(const service_config& config, std::string name, restart_strategy strategy,
                      std::vector<child_spec> children) {
  auto report = [journal = config.journal, metrics = config.metrics](const child_event& event) {
    if (is_crash(event))
      metrics->crashed(event.child);
    if (is_crash(event) && event.phase == child_phase::waiting)
      metrics->restarted(event.child);
    journal->heard(event);
  };
  return {std::move(name), strategy, std::move(children), config.backoff, config.intensity, config.random, report};
}

child_spec branch(supervisor_spec spec, std::chrono::milliseconds grace) {
  auto what = std::make_shared<const supervisor_spec>(std::move(spec));
  return {what->name, [what](caf::local_actor* parent) { return pointer_of(spawn_supervisor(parent, *what)); },
          restart_rule::always, grace, what};
}

std::vector<child_spec> worker_specs(const service_config& config) {
  std::vector<child_spec> workers;
  for (const auto& each : config.workers)
    for (std::size_t slot = 0; slot < each.slots; ++slot)
      workers.push_back({"ollama_worker",
                         [worker = each.each](caf::local_actor* parent) { return spawn_ollama_worker(parent, worker); },
                         restart_rule::always, usual_grace});
  return workers;
}

child_spec monitor_spec(const service_config& config) {
  return {"health_monitor",
          [config](caf::local_actor* parent) {
            auto monitor = spawn_health_monitor(parent, config.health);
            config.directory->set_monitor(monitor);
            return pointer_of(monitor);
          },
          restart_rule::always, usual_grace};
}

child_spec nodes_spec(const service_config& config) {
  return {"worker_nodes",
          [config](caf::local_actor* parent) {
            auto nodes = spawn_worker_nodes(parent, *config.nodes);
            config.directory->set_worker_nodes(nodes);
            return pointer_of(nodes);
          },
          restart_rule::always, usual_grace};
}

} // namespace

service_size size_of(const service_config& config) {
  service_size size;
  for (const auto& each : config.workers)
    size.workers += each.slots;
  if (config.nodes) {
    size.workers += config.nodes->slots_max;
    size.hosts += config.nodes->slots_max;
  }
  size.hosts += config.health.hosts.size();
  size.requests = config.dispatcher.intake.held_max;
  size.records = config.producer.window;
  return size;
}

supervisor_spec service_tree(const service_config& given) {
  auto size = size_of(given);
  auto config = given;
  config.dispatcher.rows_checked = config.invariants_checked;
  config.dispatcher.takes_nodes = config.nodes.has_value();
  if (config.invariants_checked) {
    config.health.mailbox_bound = monitor_mailbox_bound(size);
    config.producer.mailbox_bound = producer_mailbox_bound(size);
    config.sanitizer.mailbox_bound = sanitizer_mailbox_bound(size);
    config.dispatcher.mailbox_bound = dispatcher_mailbox_bound(size);
    config.reader.mailbox_bound = reader_mailbox_bound(size);
    for (auto& each : config.workers)
      each.each.mailbox_bound = worker_mailbox_bound();
  }

  child_spec producer{"producer",
                      [config](caf::local_actor* parent) { return spawn_producer(parent, config.producer); },
                      restart_rule::always, usual_grace};
  child_spec sanitizer{"sanitizer",
                       [config](caf::local_actor* parent) { return spawn_sanitizer(parent, config.sanitizer); },
                       restart_rule::always, usual_grace};
  auto for_long = config.sanitizer;
  for_long.lane = cleaning_lane::long_answers;
  child_spec long_sanitizer{"sanitizer/long",
                            [for_long](caf::local_actor* parent) { return spawn_sanitizer(parent, for_long); },
                            restart_rule::always, usual_grace};

  child_spec dispatcher{"dispatcher",
                        [config](caf::local_actor* parent) {
                          auto started = spawn_dispatcher(parent, config.dispatcher);
                          config.directory->set_dispatcher(started);
                          return pointer_of(started);
                        },
                        restart_rule::always, usual_grace};
  child_spec reader{"kafka_reader",
                    [config](caf::local_actor* parent) { return spawn_kafka_reader(parent, config.reader); },
                    restart_rule::always, reader_grace};

  auto workers = worker_specs(config);
  if (config.nodes)
    workers.insert(workers.begin(), nodes_spec(config));
  auto worker_grace = usual_grace * static_cast<int>(workers.size() + 1);

  using enum restart_strategy;
  return group(config, "root", rest_for_one,
               {
                 branch(group(config, "health", one_for_one, {monitor_spec(config)}), 2 * usual_grace),
                 branch(group(config, "outbound", one_for_one, {producer, sanitizer, long_sanitizer}), 4 * usual_grace),
                 branch(group(config, "intake", one_for_one, {dispatcher, reader}), reader_grace + 2 * usual_grace),
                 branch(group(config, "workers", one_for_one, std::move(workers)), worker_grace),
               });
}

supervisor_spec worker_tree(const service_config& given) {
  auto config = given;
  if (config.invariants_checked)
    for (auto& each : config.workers)
      each.each.mailbox_bound = worker_mailbox_bound();
  child_spec link{"node_link",
                  [config](caf::local_actor* parent) {
                    auto started = spawn_node_link(parent, config.link);
                    config.directory->set_node_link(started);
                    return pointer_of(started);
                  },
                  restart_rule::always, usual_grace};
  auto workers = worker_specs(config);
  auto worker_grace = usual_grace * static_cast<int>(workers.size() + 1);

  using enum restart_strategy;
  return group(config, "root", rest_for_one,
               {
                 branch(group(config, "health", one_for_one, {monitor_spec(config)}), 2 * usual_grace),
                 branch(group(config, "links", one_for_one, {link}), 2 * usual_grace),
                 branch(group(config, "workers", one_for_one, std::move(workers)), worker_grace),
               });
}

} // namespace mp
