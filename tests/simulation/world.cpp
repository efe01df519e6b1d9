#include "tests/simulation/world.hpp"

#include "actors/telemetry/log.hpp"
#include "tests/simulation/sim_kafka/group_client.hpp"

namespace mp::sim {

using namespace std::chrono_literals;

namespace {

constexpr unsigned attempts_max = 3;
// After the faults have stopped all has to be over in this time. A crashed actor may come back after 36 s, its branch
// after another 36, a host that was found unusable is looked at again after moments; then the work itself has to be
// done. One slot for all with four requests among a hundred that every call refuses needs 250 s (seed 9752 in
// exactly-once mode).
constexpr auto timeout = 300s;
// What comes too late shows itself in this time.
constexpr auto afterwards = 2s;
// Owner of what stands for the other side of a connection, see stage.
constexpr int network_owner = 1;
// After a disturbance: heartbeats have shown it, and the nodes have joined again.
constexpr auto joined_again = 6s;

} // namespace

world::world(const world_options& options) : world(options, nullptr) {}

world::world(const world_options& options, const profile& plan) : world(options, &plan) {}

world::world(const world_options& options, const profile* plan)
  : options_(options), around_(stage_.clock(), options.seed), plan_(plan            ? *plan
                                                                    : options.nodes ? profile_with_nodes(around_.rng)
                                                                                    : profile_of(around_.rng)),
    judge_({options.exactly_once, attempts_max, plan_.order_by_key, plan_.rate_limit > 0, plan_.reask_rounds,
            plan_.kafka.picky_replies}),
    kafka_(around_, judge_, plan_.kafka, options.arm),
    metrics_(std::make_shared<mp::metrics>(stage_.system().metrics())),
    network_(around_, stage_, network_owner, [this](const std::string& reader) { return entrance_of(reader); }),
    requests_(around_.rng) {
  around_.tracing = options.tracing;
  around_.now = plan_.rates;
  stage_.set_order(plan_.order);
  if (options.tracing)
    log::configure(log::level::info, log::line_format::logfmt, [this](std::string_view line) {
      look_for_disturbance(line);
      trace_log(line);
    });
  else
    log::configure(plan_.nodes > 0 ? log::level::warning : log::level::error, log::line_format::logfmt,
                   [this](std::string_view line) {
                     look_for_disturbance(line);
                     if (line.find("demand_exceeded") != std::string_view::npos)
                       judge_.complain(wrong::failed, "the dispatcher got more than it had asked for");
                     // Each of the dead letters that close it (dead_letter_stop is 50 percent of a hundred) stands
                     // behind a model call. A topic that refuses pauses it, too, and no model need have failed for
                     // that: such a line says how many records are held.
                     if (line.find("intake_paused") != std::string_view::npos
                         && line.find("records_held") == std::string_view::npos
                         && judge_.calls <= plan_.dead_letter_stop)
                       judge_.complain(wrong::failed, "intake was paused though no model had failed");
                   });
  judge_.told = [this](const std::string& complaint) { around_.note("ORACLE ", complaint); };
  judge_.requests.reserve(options.requests);
  for (std::size_t i = 0; i < plan_.hosts; ++i)
    hosts_.push_back(
      std::make_shared<sim_host>(around_, judge_, std::string(1, static_cast<char>('a' + i)), plan_.pace));
  instance_context around{around_, judge_, stage_, kafka_, hosts_, metrics_, plan_, options.exactly_once, network_};
  for (std::size_t i = 0; i < plan_.instances; ++i)
    instances_.push_back(std::make_unique<service_instance>(around, static_cast<int>(i)));
  for (std::size_t i = 0; i < plan_.nodes; ++i)
    nodes_.push_back(std::make_unique<node_instance>(around, static_cast<int>(i), hosts_[i % hosts_.size()]));
  if (!nodes_.empty())
    judge_.is_undisturbed = [this](int number, std::uint64_t life, time_point since) {
      return is_node_undisturbed(number, life, since);
    };
  stage_.before_step = [this](caf::scheduled_actor& next, int owner) {
    for (auto& each : instances_)
      if (each->owner() == owner)
        each->look_at(next);
  };
}

world::~world() {
  for (auto& each : nodes_)
    each->kill();
  for (auto& each : instances_)
    each->kill();
  around_.time.forget_all();
  log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
}

/// The service's own words, without the real time.
void world::trace_log(std::string_view line) const {
  auto note = [&](const auto& each) {
    if (each->owner() == stage_.current_owner())
      around_.note(each->program().name, ": ", line.substr(std::min(line.find("event="), line.size())));
  };
  std::for_each(instances_.begin(), instances_.end(), note);
  std::for_each(nodes_.begin(), nodes_.end(), note);
}

// ---- nodes ----

caf::strong_actor_ptr world::entrance_of(const std::string& reader) const {
  for (std::size_t i = 0; i < instances_.size(); ++i)
    if (service_instance::name_of(static_cast<int>(i)) == reader)
      return instances_[i]->entrance();
  return nullptr;
}

/// On a machine that is too busy for its heartbeats a peer counts as lost without a fault of the world, and a crash of
/// what has the sessions in a reader loses them all.
void world::look_for_disturbance(std::string_view line) {
  bool is_lost = line.find("event=node_lost") != std::string_view::npos;
  if (is_lost || line.find("no heartbeat for") != std::string_view::npos)
    nodes_disturbed();
}

/// For `time`, and for what it takes to be all together again. A reader that was put out without knowing it disturbs,
/// too: nodes take it for the owner of its calls.
void world::nodes_disturbed(duration time) {
  nodes_disturbed_until_ = std::max(nodes_disturbed_until_, around_.time.now() + time + joined_again);
}

bool world::is_node_undisturbed(int number, std::uint64_t life, time_point since) const {
  const auto& node = *nodes_.at(static_cast<std::size_t>(number - first_node));
  // A reader that its node has not found yet, because it was away for long, knows nothing of it.
  bool is_known = std::all_of(instances_.begin(), instances_.end(), [&](const auto& each) {
    return !each->running() || network_.is_connected(node.name(), service_instance::name_of(each->number()));
  });
  return is_known && node.is_life(life) && nodes_disturbed_until_ <= since;
}

void world::freeze(int owner, duration time) {
  nodes_disturbed(time);
  stage_.hold_owner(owner, around_.time.now() + time);
  around_.time.after(time, [] {}); // so that something happens then
}

void world::inject_node_fault(world_fault what) {
  auto& rng = around_.rng;
  auto& victim = *rng.pick(nodes_);
  auto time = rng.between(50ms, rng.one_in(3) ? 12s : 1500ms);
  switch (what) {
    case world_fault::kill_node:
    case world_fault::stop_node: {
      auto wait = rng.between(0ns, rng.one_in(3) ? 10s : 1s);
      if (what == world_fault::stop_node)
        wait += plan_.drain_timeout;
      nodes_disturbed(wait);
      what == world_fault::kill_node ? victim.kill() : victim.stop();
      around_.time.after(wait, [&victim] {
        if (!victim.running())
          victim.start();
      });
      break;
    }
    case world_fault::crash_node_actor:
      nodes_disturbed(plan_.patient_restarts ? 40s : 3s);
      victim.crash_actor();
      break;
    case world_fault::freeze_node:
      if (victim.running()) {
        around_.note(victim.program().name, " is frozen");
        freeze(victim.owner(), time);
      }
      break;
    case world_fault::link_reset:
      nodes_disturbed();
      network_.reset_some();
      break;
    case world_fault::link_silent:
      nodes_disturbed(time);
      network_.silence_some(rng.one_in(2), rng.one_in(2), time);
      break;
    case world_fault::link_slow:
      nodes_disturbed(time);
      network_.slow_down_some(rng.between(10ms, 600ms), time);
      break;
    default: break;
  }
}

// ---- requests ----

void world::plan_requests() {
  for (std::size_t i = 0; i < options_.requests; ++i)
    around_.time.after(around_.rng.with(plan_.burst) ? 0ns : around_.rng.between(0ns, plan_.fault_phase),
                       [this] { ask(); });
}

void world::ask() {
  auto what = requests_.next(judge_.requests, around_.time.now().time_since_epoch());
  // Usually one key goes to one partition; some senders do otherwise.
  auto by_key = std::hash<std::string>{}(what.key);
  what.partition = static_cast<std::int32_t>((around_.rng.one_in(10) ? around_.rng.below(100) : by_key)
                                             % static_cast<std::uint64_t>(plan_.kafka.partitions));
  if (around_.rng.with(plan_.unreadable))
    ask_unreadable(what.partition, 1 + (around_.rng.one_in(2) ? around_.rng.below(12) : 0));
  else
    append(std::move(what));
}

void world::ask_unreadable(std::int32_t partition, std::size_t count) {
  ++around_.faults;
  for (std::size_t i = 0; i < count; ++i) {
    auto number = std::to_string(judge_.requests.size());
    auto what = requests_.text(judge_.requests, "k" + number, "t" + number, request_shape::plain, std::nullopt);
    what.partition = partition;
    what.unreadable = true;
    append(std::move(what), static_cast<std::int64_t>(i));
  }
}

void world::ask_text(std::int32_t partition, const std::string& key, const std::string& tag,
                     std::optional<duration> left, request_shape how) {
  auto now = around_.time.now().time_since_epoch();
  auto what = requests_.text(judge_.requests, key, tag, how, left ? std::optional{now + *left} : std::nullopt);
  what.partition = partition;
  append(std::move(what));
}

void world::ask_bad(std::int32_t partition) {
  auto what = requests_.bad(judge_.requests);
  what.partition = partition;
  append(std::move(what));
}

void world::append(asked what, std::optional<std::int64_t> place_in_bad_batch) {
  fetched_record record;
  record.partition = what.partition;
  record.key = what.key;
  record.body = what.body;
  record.headers = what.headers;
  record.timestamp_ms = world_begins.count() + static_cast<std::int64_t>(around_.seconds() * 1000);
  if (plan_.request_age_max) {
    auto too_old = record.timestamp_ms + plan_.request_age_max->count();
    what.deadline_ms = std::min(what.deadline_ms.value_or(too_old), too_old);
  }
  auto number = what.number;
  judge_.requests.push_back(std::move(what));
  judge_.appended();
  bool follows = place_in_bad_batch.value_or(0) > 0;
  auto gap = !follows && around_.rng.one_in(6) ? static_cast<std::int64_t>(1 + around_.rng.below(3)) : 0;
  judge_.requests[number].offset = kafka_.requests.append(number, std::move(record), gap, place_in_bad_batch);
  const auto& placed = judge_.requests[number];
  judge_.placed(number, kafka_.requests.id(), kafka_.requests.leader_epoch(placed.partition));
  if (placed.unreadable && kafka_.requests.leader_epoch(placed.partition) > 0)
    judge_.may_repeat(number); // of what cannot be read nobody knows the leader epoch
  if (placed.unreadable && placed.offset < kafka_.requests.end_before_cuts(placed.partition))
    judge_.claimed(number); // nor can they tell it from what lay there before, which may have had its end
  if (!place_in_bad_batch && around_.rng.one_in(8))
    kafka_.requests.mark(placed.partition, static_cast<std::int64_t>(1 + around_.rng.below(3)));
  around_.note("asked: r", number, " in partition ", placed.partition, " at ", placed.offset, ", key ", placed.key,
               ", ",
               placed.unreadable                  ? "unreadable"
               : placed.how == request_shape::bad ? code_of(placed.bad_as)
                                                  : std::string_view{*placed.body}.substr(0, 80));
}

// ---- faults ----

void world::plan_fault() {
  if (plan_.world_faults.empty())
    return;
  around_.time.after(around_.rng.about(plan_.between_faults), [this] {
    if (!faults_on_)
      return;
    inject_fault(around_.rng.pick(plan_.world_faults));
    plan_fault();
  });
}

service_instance* world::some_running() {
  std::vector<service_instance*> running;
  for (auto& each : instances_)
    if (each->running())
      running.push_back(each.get());
  return running.empty() ? nullptr : around_.rng.pick(running);
}

void world::inject_fault(world_fault what) {
  auto& rng = around_.rng;
  auto* victim = some_running();
  ++around_.faults;
  switch (what) {
    case world_fault::kill_instance:
    case world_fault::stop_instance: kill_or_stop(what == world_fault::kill_instance); break;
    case world_fault::crash_actor:
      if (victim != nullptr)
        victim->crash_actor();
      break;
    case world_fault::crash_supervisor:
      if (victim != nullptr && rng.one_in(4))
        victim->crash_supervisor();
      break;
    case world_fault::throw_in_port:
      if (victim != nullptr)
        victim->program().must_throw += 1 + static_cast<unsigned>(rng.below(3));
      break;
    case world_fault::broker_away:
      if (kafka_.net.broker_is_away())
        break;
      around_.note("the broker goes away");
      kafka_.net.broker_goes();
      nodes_disturbed(12s);
      around_.time.after(rng.between(10ms, rng.one_in(4) ? 12s : 2s), [this] {
        if (!kafka_.net.broker_is_away())
          return;
        around_.note("the broker is back");
        kafka_.members.returned();
        kafka_.net.broker_returns();
      });
      break;
    case world_fault::cut_off:
      if (victim != nullptr)
        cut_off(*victim, rng.between(50ms, rng.one_in(3) ? 12s : 1s));
      break;
    case world_fault::freeze_instance: {
      if (victim == nullptr)
        break;
      auto time = rng.between(50ms, rng.one_in(3) ? 12s : 1s);
      around_.note(victim->program().name, " is frozen");
      freeze(victim->owner(), time);
      cut_off(*victim, time);
      break;
    }
    case world_fault::hold_actor:
      if (victim != nullptr) {
        auto time = rng.between(1ms, rng.one_in(5) ? 3s : 300ms);
        nodes_disturbed(time);
        victim->hold_actor(time);
        around_.time.after(time, [] {});
      }
      break;
    case world_fault::consumer_error:
      if (victim != nullptr)
        if (auto reader = victim->program().reader.lock())
          reader->happen(consumer_error{"_FAULT", rng.one_in(2)});
      break;
    case world_fault::producer_breaks:
      if (victim != nullptr && victim->program().producer_breaks)
        victim->program().producer_breaks();
      break;
    case world_fault::host_mode:
    case world_fault::all_hosts_mode: {
      auto mode = static_cast<host_mode>(1 + rng.below(host_mode_count - 1));
      auto& one = rng.pick(hosts_);
      auto takes = rng.between(50ms, rng.one_in(4) ? 8s : 1s);
      for (auto& host : hosts_)
        if (what == world_fault::all_hosts_mode || host == one) {
          host->turn(mode);
          around_.time.after(takes, [host, mode] {
            if (host->mode() == mode)
              host->turn(host_mode::serving);
          });
        }
      break;
    }
    case world_fault::topic_refuses: close_some_topic(); break;
    case world_fault::host_unloads: rng.pick(hosts_)->unload(); break;
    case world_fault::rebalance: kafka_.members.rebalance(); break;
    case world_fault::put_out:
      nodes_disturbed();
      kafka_.members.put_out_somebody();
      break;
    case world_fault::topic_made_anew:
    case world_fault::log_elected:
    case world_fault::log_trimmed:
    case world_fault::position_set:
      if (rng.one_in(3)) // each throws away work of many seconds
        change_logs(what);
      break;
    case world_fault::kill_node:
    case world_fault::stop_node:
    case world_fault::crash_node_actor:
    case world_fault::freeze_node:
    case world_fault::link_reset:
    case world_fault::link_silent:
    case world_fault::link_slow: inject_node_fault(what); break;
  }
}

void world::cut_off(service_instance& victim, duration time) {
  if (victim.program().cut_off)
    return;
  around_.note(victim.program().name, " is cut off");
  victim.program().cut_off = true;
  nodes_disturbed(time);
  around_.time.after(time, [this, &victim, life = victim.owner()] {
    if (victim.owner() != life || !victim.running())
      return;
    around_.note(victim.program().name, " is connected again");
    victim.program().cut_off = false;
    kafka_.net.reconnect();
  });
}

void world::close_some_topic() {
  auto& rng = around_.rng;
  auto to = static_cast<destination>(rng.below(3));
  if (kafka_.replies.is_closed(to))
    return;
  around_.note("topic ", static_cast<int>(to), " takes nothing");
  kafka_.replies.close(to, rng.one_in(4)
                             ? reply_topics::refusal{delivery_result::rejected, "POLICY_VIOLATION"}
                             : reply_topics::refusal{delivery_result::topic_refuses, "TOPIC_AUTHORIZATION_FAILED"});
  around_.time.after(rng.between(200ms, rng.one_in(4) ? 20s : 3s), [this, to] {
    around_.note("topic ", static_cast<int>(to), " takes records again");
    kafka_.replies.open(to);
  });
}

void world::kill_or_stop(bool kill) {
  auto* victim = some_running();
  if (victim == nullptr)
    return;
  kill ? victim->kill() : victim->stop();
  // After a stop the instance may still be draining when it is to be started again.
  auto wait = kill ? around_.rng.between(0ns, around_.rng.one_in(3) ? 10s : 1s)
                   : plan_.drain_timeout + around_.rng.between(0ns, 2s);
  around_.time.after(wait, [victim] {
    if (!victim->running())
      victim->start();
  });
}

void world::begin_liveness_phase() {
  around_.note("no more faults");
  faults_on_ = false;
  around_.now = {};
  kafka_.replies.open_all();
  stage_.release_all();
  for (auto& host : hosts_)
    if (host->mode() != host_mode::serving)
      host->turn(host_mode::serving);
  network_.heal_all();
  for (auto& each : nodes_) {
    if (!each->running())
      each->start();
    each->program().must_throw = 0;
  }
  kafka_.members.returned();
  for (auto& each : instances_) {
    if (!each->running())
      each->start();
    each->program().cut_off = false;
    each->program().must_throw = 0;
  }
  kafka_.net.broker_returns();
}

// ---- the run ----

bool world::drained() const {
  if (!judge_.all_ended())
    return false;
  for (std::int32_t i = 0; i < plan_.kafka.partitions; ++i)
    if (kafka_.requests.end(i) > 0 && kafka_.members.committed_offset(i) != kafka_.requests.end(i))
      return false;
  return true;
}

void world::step() {
  auto& clock = stage_.clock();
  if (stage_.step(around_.rng)) {
    clock.advance_time(around_.rng.between(0ns, plan_.message_time));
  } else {
    auto next = around_.time.next();
    if (auto timer = stage_.next_timer(); timer && (!next || *timer < *next))
      next = timer;
    clock.advance_time(next && *next > clock.current_time ? *next - clock.current_time : 0ns);
  }
  around_.time.run_due();
}

bool world::live_until(const std::function<bool()>& condition, duration longest) {
  auto limit = around_.time.now() + longest;
  while (!condition()) {
    if (around_.time.now() >= limit)
      return false;
    step();
  }
  return true;
}

void world::start_all() {
  for (auto& each : instances_)
    if (!each->running())
      each->start();
  for (auto& each : nodes_)
    if (!each->running())
      each->start();
}

void world::live(duration time) {
  live_until([] { return false; }, time);
}

world_outcome world::run() {
  plan_requests();
  for (auto& each : instances_)
    around_.time.after(around_.rng.one_in(2) ? 0ns : around_.rng.between(0ns, 3s), [this, &each] {
      nodes_disturbed(); // a reader that nodes have never seen is dialled every 5 s
      if (!each->running())
        each->start();
    });
  for (auto& each : nodes_)
    around_.time.after(around_.rng.one_in(2) ? 0ns : around_.rng.between(0ns, 3s), [&each] {
      if (!each->running())
        each->start();
    });
  plan_fault();
  live(plan_.fault_phase);
  return finish();
}

world_outcome world::finish() {
  begin_liveness_phase();
  bool in_time = live_until([this] { return drained(); }, timeout);
  live(afterwards);
  judge_.finish(in_time);

  world_outcome outcome;
  outcome.satisfied = judge_.satisfied();
  outcome.complaints = judge_.complaints();
  for (std::size_t i = 0; i < wrong_count; ++i)
    outcome.wrongs[i] = judge_.count(static_cast<wrong>(i));
  outcome.requests = judge_.requests.size();
  outcome.faults = around_.faults;
  outcome.calls = judge_.calls;
  outcome.calls_redone = judge_.calls_redone;
  outcome.steps = stage_.steps();
  outcome.trace = stage_.trace();
  outcome.mailbox_most = judge_.mailbox_most;
  outcome.virtual_seconds = around_.seconds();
  return outcome;
}

world_outcome run_world(const world_options& options) { return world{options}.run(); }

} // namespace mp::sim
