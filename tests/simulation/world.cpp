#include "tests/simulation/world.hpp"

#include "actors/telemetry/log.hpp"
#include "tests/simulation/sim_kafka/group_client.hpp"

namespace mp::sim {

using namespace std::chrono_literals;

namespace {

constexpr unsigned attempts_max = 3;
// After the faults have stopped all has to be over in this time. A crashed actor may come back after 36 s, its branch after
// another 36, a host that was found unusable is looked at again after moments; then the work itself has to be done.
constexpr auto timeout = 240s;
// What comes too late shows itself in this time.
constexpr auto afterwards = 2s;

} // namespace

world::world(const world_options& options) : world(options, nullptr) {}

world::world(const world_options& options, const profile& plan) : world(options, &plan) {}

world::world(const world_options& options, const profile* plan)
    : options_(options), around_(stage_.clock(), options.seed), plan_(plan ? *plan : profile_of(around_.luck)),
      judge_({options.exactly_once, attempts_max, plan_.order_by_key, plan_.rate_limit > 0, plan_.reask_rounds, plan_.kafka.picky_replies}),
      kafka_(around_, judge_, plan_.kafka, options.arm),
      metrics_(std::make_shared<mp::metrics>(stage_.system().metrics())), asker_(around_.luck) {
  around_.tracing = options.tracing;
  around_.now = plan_.air;
  stage_.set_order(plan_.order);
  if (options.tracing)
    log::configure(log::level::info, log::line_format::logfmt, [this](std::string_view line) { trace_log(line); });
  else
    log::configure(log::level::error, log::line_format::logfmt, [this](std::string_view line) {
      if (line.find("demand_exceeded") != std::string_view::npos)
        judge_.complain(wrong::failed, "the dispatcher got more than it had asked for");
      // Each of the dead letters that close it (dead_letter_stop is 50 percent of a hundred) stands behind a model call. A topic that
      // refuses pauses it, too, and no model need have failed for that: such a line says how many records are held.
      if (line.find("intake_paused") != std::string_view::npos && line.find("records_held") == std::string_view::npos
          && judge_.calls <= plan_.dead_letter_stop)
        judge_.complain(wrong::failed, "intake was paused though no model had failed");
    });
  judge_.told = [this](const std::string& complaint) { around_.note("ORACLE ", complaint); };
  judge_.requests.reserve(options.requests);
  for (std::size_t i = 0; i < plan_.hosts; ++i)
    hosts_.push_back(std::make_shared<sim_host>(around_, judge_, std::string(1, static_cast<char>('a' + i)), plan_.pace));
  surroundings around{around_, judge_, stage_, kafka_, hosts_, metrics_, plan_, options.exactly_once};
  for (std::size_t i = 0; i < plan_.instances; ++i)
    instances_.push_back(std::make_unique<service_instance>(around, static_cast<int>(i)));
  stage_.before_step = [this](caf::scheduled_actor& next, int owner) {
    for (auto& each : instances_)
      if (each->owner() == owner)
        each->look_at(next);
  };
}

world::~world() {
  for (auto& each : instances_)
    each->kill();
  around_.time.forget_all();
  log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
}

/// The service's own words, without the real time.
void world::trace_log(std::string_view line) const {
  for (const auto& each : instances_)
    if (each->owner() == stage_.current_owner())
      around_.note(each->program().name, ": ", line.substr(std::min(line.find("event="), line.size())));
}

// ---- requests --------------------------------------------------------------------------------------------------------

void world::plan_requests() {
  for (std::size_t i = 0; i < options_.requests; ++i)
    around_.time.after(around_.luck.with(plan_.burst) ? 0ns : around_.luck.between(0ns, plan_.storm), [this] { ask(); });
}

void world::ask() {
  auto what = asker_.next(judge_.requests, around_.time.now().time_since_epoch());
  // Usually one key goes to one partition; some senders do otherwise.
  auto by_key = std::hash<std::string>{}(what.key);
  what.partition = static_cast<std::int32_t>((around_.luck.one_in(10) ? around_.luck.below(100) : by_key)
                                             % static_cast<std::uint64_t>(plan_.kafka.partitions));
  if (around_.luck.with(plan_.unreadable))
    ask_unreadable(what.partition, 1 + (around_.luck.one_in(2) ? around_.luck.below(12) : 0));
  else
    append(std::move(what));
}

void world::ask_unreadable(std::int32_t partition, std::size_t count) {
  ++around_.faults;
  for (std::size_t i = 0; i < count; ++i) {
    auto number = std::to_string(judge_.requests.size());
    auto what = asker_.text(judge_.requests, "k" + number, "t" + number, flavour::plain, std::nullopt);
    what.partition = partition;
    what.unreadable = true;
    append(std::move(what), static_cast<std::int64_t>(i));
  }
}

void world::ask_text(std::int32_t partition, const std::string& key, const std::string& tag, std::optional<duration> left,
                     flavour how) {
  auto now = around_.time.now().time_since_epoch();
  auto what = asker_.text(judge_.requests, key, tag, how, left ? std::optional{now + *left} : std::nullopt);
  what.partition = partition;
  append(std::move(what));
}

void world::ask_bad(std::int32_t partition) {
  auto what = asker_.bad(judge_.requests);
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
  auto gap = !follows && around_.luck.one_in(6) ? static_cast<std::int64_t>(1 + around_.luck.below(3)) : 0;
  judge_.requests[number].offset = kafka_.requests.append(number, std::move(record), gap, place_in_bad_batch);
  const auto& placed = judge_.requests[number];
  judge_.placed(number, kafka_.requests.id(), kafka_.requests.leader_epoch(placed.partition));
  if (placed.unreadable && kafka_.requests.leader_epoch(placed.partition) > 0)
    judge_.may_repeat(number); // of what cannot be read nobody knows the leader epoch
  if (placed.unreadable && placed.offset < kafka_.requests.end_before_cuts(placed.partition))
    judge_.claimed(number); // nor can they tell it from what lay there before, which may have had its end
  if (!place_in_bad_batch && around_.luck.one_in(8))
    kafka_.requests.mark(placed.partition, static_cast<std::int64_t>(1 + around_.luck.below(3)));
  around_.note("asked: r", number, " in partition ", placed.partition, " at ", placed.offset, ", key ", placed.key, ", ",
               placed.unreadable ? "unreadable" : placed.how == flavour::bad ? code_of(placed.bad_as) : std::string_view{*placed.body}.substr(0, 80));
}

// ---- faults ----------------------------------------------------------------------------------------------------------

void world::plan_blow() {
  if (plan_.blows.empty())
    return;
  around_.time.after(around_.luck.about(plan_.between_blows), [this] {
    if (!stormy_)
      return;
    strike(around_.luck.pick(plan_.blows));
    plan_blow();
  });
}

service_instance* world::some_running() {
  std::vector<service_instance*> running;
  for (auto& each : instances_)
    if (each->running())
      running.push_back(each.get());
  return running.empty() ? nullptr : around_.luck.pick(running);
}

void world::strike(blow what) {
  auto& luck = around_.luck;
  auto* victim = some_running();
  ++around_.faults;
  switch (what) {
  case blow::kill_instance:
  case blow::stop_instance: kill_or_stop(what == blow::kill_instance); break;
  case blow::crash_actor:
    if (victim != nullptr)
      victim->crash_actor();
    break;
  case blow::crash_supervisor:
    if (victim != nullptr && luck.one_in(4))
      victim->crash_supervisor();
    break;
  case blow::throw_in_port:
    if (victim != nullptr)
      victim->program().must_throw += 1 + static_cast<unsigned>(luck.below(3));
    break;
  case blow::broker_away:
    if (kafka_.net.broker_is_away())
      break;
    around_.note("the broker goes away");
    kafka_.net.broker_goes();
    around_.time.after(luck.between(10ms, luck.one_in(4) ? 12s : 2s), [this] {
      if (!kafka_.net.broker_is_away())
        return;
      around_.note("the broker is back");
      kafka_.members.returned();
      kafka_.net.broker_returns();
    });
    break;
  case blow::cut_off:
    if (victim != nullptr)
      cut_off(*victim, luck.between(50ms, luck.one_in(3) ? 12s : 1s));
    break;
  case blow::freeze_instance: {
    if (victim == nullptr)
      break;
    auto time = luck.between(50ms, luck.one_in(3) ? 12s : 1s);
    around_.note(victim->program().name, " is frozen");
    stage_.hold_owner(victim->owner(), around_.time.now() + time);
    around_.time.after(time, [] {}); // so that something happens then
    cut_off(*victim, time);
    break;
  }
  case blow::hold_actor:
    if (victim != nullptr) {
      auto time = luck.between(1ms, luck.one_in(5) ? 3s : 300ms);
      victim->hold_actor(time);
      around_.time.after(time, [] {});
    }
    break;
  case blow::consumer_error:
    if (victim != nullptr)
      if (auto reader = victim->program().reader.lock())
        reader->happen(consumer_error{"_FAULT", luck.one_in(2)});
    break;
  case blow::producer_breaks:
    if (victim != nullptr && victim->program().producer_breaks)
      victim->program().producer_breaks();
    break;
  case blow::host_mood:
  case blow::all_hosts_mood: {
    auto mood = static_cast<host_mood>(1 + luck.below(host_mood_count - 1));
    auto& one = luck.pick(hosts_);
    auto takes = luck.between(50ms, luck.one_in(4) ? 8s : 1s);
    for (auto& host : hosts_)
      if (what == blow::all_hosts_mood || host == one) {
        host->turn(mood);
        around_.time.after(takes, [host, mood] {
          if (host->mood() == mood)
            host->turn(host_mood::serving);
        });
      }
    break;
  }
  case blow::topic_refuses: close_some_topic(); break;
  case blow::host_unloads: luck.pick(hosts_)->unload(); break;
  case blow::rebalance: kafka_.members.rebalance(); break;
  case blow::put_out: kafka_.members.put_out_somebody(); break;
  case blow::topic_made_anew:
  case blow::log_elected:
  case blow::log_trimmed:
  case blow::position_set:
    if (luck.one_in(3)) // each throws away work of many seconds
      change_logs(what);
    break;
  }
}

void world::cut_off(service_instance& victim, duration time) {
  if (victim.program().cut_off)
    return;
  around_.note(victim.program().name, " is cut off");
  victim.program().cut_off = true;
  around_.time.after(time, [this, &victim, life = victim.owner()] {
    if (victim.owner() != life || !victim.running())
      return;
    around_.note(victim.program().name, " is connected again");
    victim.program().cut_off = false;
    kafka_.net.reconnect();
  });
}

void world::close_some_topic() {
  auto& luck = around_.luck;
  auto to = static_cast<destination>(luck.below(3));
  if (kafka_.replies.is_closed(to))
    return;
  around_.note("topic ", static_cast<int>(to), " takes nothing");
  kafka_.replies.close(to, luck.one_in(4) ? reply_topics::refusal{delivery_result::rejected, "POLICY_VIOLATION"}
                                          : reply_topics::refusal{delivery_result::topic_refuses, "TOPIC_AUTHORIZATION_FAILED"});
  around_.time.after(luck.between(200ms, luck.one_in(4) ? 20s : 3s), [this, to] {
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
  auto wait = kill ? around_.luck.between(0ns, around_.luck.one_in(3) ? 10s : 1s)
                   : plan_.drain_timeout + around_.luck.between(0ns, 2s);
  around_.time.after(wait, [victim] {
    if (!victim->running())
      victim->start();
  });
}

void world::calm_down() {
  around_.note("no more faults");
  stormy_ = false;
  around_.now = {};
  kafka_.replies.open_all();
  stage_.release_all();
  for (auto& host : hosts_)
    if (host->mood() != host_mood::serving)
      host->turn(host_mood::serving);
  kafka_.members.returned();
  for (auto& each : instances_) {
    if (!each->running())
      each->start();
    each->program().cut_off = false;
    each->program().must_throw = 0;
  }
  kafka_.net.broker_returns();
}

// ---- the run ---------------------------------------------------------------------------------------------------------

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
  if (stage_.step(around_.luck)) {
    clock.advance_time(around_.luck.between(0ns, plan_.message_time));
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
}

void world::live(duration time) {
  live_until([] { return false; }, time);
}

world_outcome world::run() {
  plan_requests();
  for (auto& each : instances_)
    around_.time.after(around_.luck.one_in(2) ? 0ns : around_.luck.between(0ns, 3s), [&each] {
      if (!each->running())
        each->start();
    });
  plan_blow();
  live(plan_.storm);
  return finish();
}

world_outcome world::finish() {
  calm_down();
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
