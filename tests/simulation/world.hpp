#pragma once
// A whole simulated world: Kafka, model hosts, several instances of the service, and what goes wrong.

#include "tests/simulation/sim_nodes/node_instance.hpp"
#include "tests/simulation/sim_service/service_instance.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mp::sim {

struct world_options {
  std::uint64_t seed = 1;
  std::size_t requests = 200;
  bool exactly_once = false;
  bool nodes = false; ///< with worker nodes
  control_arm arm = control_arm::none;
  bool tracing = false;
};

/// What came of one world.
struct world_outcome {
  bool satisfied = true;
  std::vector<std::string> complaints;
  std::array<std::uint64_t, wrong_count> wrongs{};
  std::uint64_t requests = 0;
  std::uint64_t faults = 0;
  std::uint64_t calls = 0;
  std::uint64_t calls_redone = 0;
  std::uint64_t steps = 0;
  std::uint64_t trace = 0;        ///< equal for equal runs
  std::uint64_t mailbox_most = 0;
  double virtual_seconds = 0;
};

class world {
public:
  /// A world as its seed makes it.
  explicit world(const world_options& options);

  /// A world of this plan; the seed decides the rest.
  world(const world_options& options, const profile& plan);

  ~world();

  /// Requests and faults for a while, then no more faults; everything has to have its end.
  world_outcome run();

  // ---- for scripts ----

  void start_all();
  void live(duration time);

  /// False: it never was so.
  bool live_until(const std::function<bool()>& condition, duration longest = std::chrono::seconds{10});

  /// Appends a text: `tag` names its content, `left` the time until its deadline.
  void ask_text(std::int32_t partition, const std::string& key, const std::string& tag,
                std::optional<duration> left = std::nullopt, request_shape how = request_shape::plain);
  /// A record that is no request, or is refused without a model call.
  void ask_bad(std::int32_t partition);

  /// Appends a batch of so many requests that cannot be read.
  void ask_unreadable(std::int32_t partition, std::size_t count);

  service_instance& instance(std::size_t which) { return *instances_.at(which); }
  node_instance& node(std::size_t which) { return *nodes_.at(which); }
  links& network() { return network_; }
  sim_host& host(std::size_t which) { return *hosts_.at(which); }
  fault_rates& rates() { return around_.now; }
  broker& kafka() { return kafka_; }
  const oracle& judge() const { return judge_; }
  bool drained() const;

  /// The faults are over, everything has to have its end.
  world_outcome finish();

  // What can become of the requests topic.
  void make_topic_anew();
  void elect_leader(std::int32_t partition, std::size_t records_lost);
  void trim_log(std::int32_t partition, std::size_t records);

private:
  world(const world_options& options, const profile* plan);
  void append(asked what, std::optional<std::int64_t> place_in_bad_batch = std::nullopt);
  void plan_requests();
  void ask();
  void plan_fault();
  void inject_fault(world_fault what);
  void inject_node_fault(world_fault what);
  void freeze(int owner, duration time);
  void look_for_disturbance(std::string_view line);
  void nodes_disturbed(duration time = {});
  bool is_node_undisturbed(int number, std::uint64_t life, time_point since) const;
  caf::strong_actor_ptr entrance_of(const std::string& reader) const;
  void cut_off(service_instance& victim, duration time);
  void kill_or_stop(bool kill);
  void change_logs(world_fault what);
  void set_position();
  void removed(const std::vector<std::size_t>& numbers, std::string_view why);
  void close_some_topic();
  void begin_liveness_phase();
  void trace_log(std::string_view line) const;
  void step();
  service_instance* some_running();

  world_options options_;
  stage stage_;
  sim_context around_;
  profile plan_;
  oracle judge_;
  broker kafka_;
  std::shared_ptr<mp::metrics> metrics_;
  std::vector<std::shared_ptr<sim_host>> hosts_;
  links network_;
  std::vector<std::unique_ptr<service_instance>> instances_;
  std::vector<std::unique_ptr<node_instance>> nodes_;
  time_point nodes_disturbed_until_{}; ///< something came between nodes and readers
  request_generator requests_;
  bool faults_on_ = true;
};

/// Runs the world of one seed from its beginning to its end.
world_outcome run_world(const world_options& options);

} // namespace mp::sim
