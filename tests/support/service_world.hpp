#pragma once
// The whole service tree between a fake topic, fake models and a fake broker, in virtual time, with an oracle that
// watches.

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"
#include "actors/mailbox_bound.hpp"
#include "actors/service_tree.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/records.hpp"

#include <caf/scheduled_actor.hpp>

#include <functional>
#include <map>
#include <set>

namespace mp::test {

struct service_world : actor_fixture {
  /// One model connection, as long as its worker lives.
  struct connection {
    std::string host;
    std::shared_ptr<fake_model> model = std::make_shared<fake_model>();
    int busy_ticks = 0;
  };

  static constexpr std::chrono::system_clock::time_point wall_time{1'732'356'420s};

  std::shared_ptr<fake_topic> topic = std::make_shared<fake_topic>();
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();
  std::map<std::string, std::shared_ptr<fake_host>> hosts;
  std::vector<std::shared_ptr<connection>> connections;
  std::shared_ptr<std::uint32_t> assignment_count = std::make_shared<std::uint32_t>(0);
  service_config config;
  supervisor_actor root;

  /// Every actor that ever had something to do, by name, in the order of their first job. Supervisors start in the
  /// order of the tree.
  std::map<std::string, std::vector<caf::weak_actor_ptr>> actors;

  // How the world behaves; a tick is ten milliseconds.
  bool hosts_answer = true;
  bool models_answer = true;
  bool broker_answers = true;
  int model_ticks = 5;
  int broker_ticks = 3;

  // What the oracle has seen.
  std::size_t steps = 0;                             ///< messages handled so far
  std::function<void()> before_step;                 ///< called before each
  std::map<std::string, int> model_calls;            ///< by request id
  std::map<std::string, std::vector<outgoing>> ends; ///< acknowledged records by key
  std::vector<std::string> complaints;
  std::size_t unsettled_most = 0;                    ///< most records handed out and not yet ended, at any time
  std::map<std::string, std::size_t> mailbox_most;   ///< most messages waiting at an actor of that name, at any time

  explicit service_world(std::size_t slots_per_host = 1) {
    topic->assigns_by_itself = true;
    topic->partitions[0];
    topic->partitions[1];
    auto chance = [] { return 0.5; };
    config.directory = directory;
    config.metrics = metrics;
    config.journal = std::make_shared<actor_journal>([] { return wall_time; });
    config.random = chance;
    config.health.models = {"llava:latest"};
    config.health.metrics = metrics;
    config.health.directory = directory;
    config.producer = {[broker = broker] { return std::make_unique<fake_producer>(broker); }, 64, directory};
    config.sanitizer.directory = directory;
    config.dispatcher.routes.usual = "llava:latest";
    config.dispatcher.requests_topic = "eater-send-photo";
    config.dispatcher.intake = {2, 8, 1'000'000};
    config.dispatcher.random = chance;
    config.dispatcher.wall_clock = [] { return wall_time; };
    config.dispatcher.metrics = metrics;
    config.reader.make_port = [topic = topic] { return std::make_unique<fake_consumer>(topic); };
    config.reader.next_assignment = [assignment_count = assignment_count] { return ++*assignment_count; };
    config.reader.commit_interval = 100ms;
    config.reader.directory = directory;
    config.reader.metrics = metrics;
    for (const std::string name : {"alpha", "beta"}) {
      auto host = hosts[name] = std::make_shared<fake_host>();
      config.health.hosts.push_back({name, [host] { return std::make_unique<fake_host_port>(host); }});
      worker_config worker;
      worker.host = name;
      worker.directory = directory;
      worker.make_port = [this, name] {
        connections.push_back(std::make_shared<connection>());
        connections.back()->host = name;
        return std::make_unique<fake_model_port>(connections.back()->model);
      };
      config.workers.push_back({worker, slots_per_host});
    }
  }

  ~service_world() {
    before_step = nullptr;
    if (root)
      order_exit(caf::actor_cast<caf::strong_actor_ptr>(root), caf::exit_reason::kill);
    root = nullptr;
    sched.run();
    for (auto& [name, which] : actors)
      for (auto& each : which)
        if (auto living = each.lock())
          order_exit(living, caf::exit_reason::kill);
    sched.run();
  }

  void start() {
    root = spawn_supervisor(sys, service_tree(config));
    run();
  }

  // ---- time ----

  /// Handles messages, one at a time, until there are none or `until` holds.
  bool run(const std::function<bool()>& until = {}) {
    while (!sched.jobs.empty()) {
      notice();
      if (until && until())
        return true;
      if (before_step)
        before_step();
      ++steps;
      sched.run_once();
      watch();
    }
    return until && until();
  }

  /// Ten milliseconds pass.
  bool tick(const std::function<bool()>& until = {}) {
    advance_time(10ms);
    if (run(until))
      return true;
    behave();
    return run(until);
  }

  /// Time passes until `until` holds. False: it never did.
  bool run_until(const std::function<bool()>& until, std::chrono::milliseconds longest = 30s) {
    for (auto left = longest; left > 0ms; left -= 10ms)
      if (tick(until))
        return true;
    return false;
  }

  void live(std::chrono::milliseconds time) {
    run_until([] { return false; }, time);
  }

  /// Time passes until some request is in a stage of its life: "waiting" (read, and nobody has begun to work on it),
  /// "assigned", "cleaning" or "publishing". False: none ever was.
  bool reach(const std::string& stage) {
    if (stage == "waiting")
      return run_until([this] { return busy_connection() != nullptr && model_calls_sum() < topic->fetched; });
    if (stage == "assigned")
      return run_until([this] { return busy_connection() != nullptr; });
    if (stage == "cleaning")
      return run_until([this] { return model_calls_sum() > 0 && has_job("sanitizer"); });
    broker_answers = false;
    bool reached = stage == "publishing" && run_until([this] { return broker->under_way() > 0; });
    broker_answers = true;
    return reached;
  }

  // ---- the world ----

  static std::string id_of(std::int32_t partition, std::int64_t number) {
    return "p" + std::to_string(partition) + "-" + std::to_string(number);
  }

  /// Adds requests, texts and photos in turn.
  void ask(int count) {
    for (int i = 0; i < count; ++i) {
      auto partition = static_cast<std::int32_t>(i % 2);
      auto number = static_cast<std::int64_t>(topic->partitions[partition].size());
      topic->add(partition, id_of(partition, number), i % 4 < 2 ? text_body() : photo_body(), i % 5 == 3 ? 1 : 0);
    }
  }

  static std::string answer_to(const mp::request& asked) {
    return asked.kind == request_kind::photo ? "{\"dish\":\"" + asked.id + "\"}" : "the answer to " + asked.id;
  }

  void behave() {
    for (auto& [name, host] : hosts)
      if (hosts_answer && host->probing())
        host->end(host_condition::usable);
    for (auto each : connections)
      if (!each->model->running)
        each->busy_ticks = 0;
      else if (models_answer && ++each->busy_ticks > model_ticks)
        each->model->answer(answer_to(*each->model->running->question));
    if (topic->notify && !topic->to_unassign && !topic->to_assign && topic->events.empty() && !topic->closing)
      for (const auto& [partition, log] : topic->partitions)
        if (!topic->next.contains(partition) && !topic->to_assign && topic->events.empty())
          topic->assign({partition});
    if (broker_answers && ++broker_age_ > broker_ticks) {
      broker_age_ = 0;
      broker->deliver_all();
    }
  }

  /// The group takes a partition away, or has already given it to somebody else, who gives it back soon.
  void shift_partition(std::int32_t partition, bool lost) {
    if (topic->next.contains(partition) && !topic->to_unassign && !topic->to_assign && topic->events.empty()
        && !topic->closing)
      topic->happen(partitions_revoked{{partition}, lost});
  }

  connection* busy_connection() {
    for (auto& each : connections)
      if (each->model->running)
        return each.get();
    return nullptr;
  }

  // ---- actors ----

  void notice() {
    for (auto* job : sched.jobs)
      if (auto* actor = dynamic_cast<caf::scheduled_actor*>(job); actor != nullptr) {
        if (known_.insert(actor->id()).second)
          actors[actor->name()].push_back(caf::actor_cast<caf::weak_actor_ptr>(caf::strong_actor_ptr{actor->ctrl()}));
        // Asking an idle actor's mailbox for its size would make it miss its next message.
        auto& most = mailbox_most[actor->name()];
        most = std::max(most, actor->mailbox().size());
      }
  }

  /// The youngest living actor of that name, or null.
  caf::strong_actor_ptr find(const std::string& name) {
    auto& which = actors[name];
    for (auto i = which.rbegin(); i != which.rend(); ++i)
      if (auto living = i->lock(); living && alive(living))
        return living;
    return nullptr;
  }

  bool has_job(const std::string& name) {
    auto actor = find(name);
    return actor != nullptr && std::any_of(sched.jobs.begin(), sched.jobs.end(), [&](caf::resumable* job) {
             return dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(actor)) == job;
           });
  }

  /// All living actors.
  std::map<caf::actor_id, std::string> population() {
    std::map<caf::actor_id, std::string> living;
    for (const auto& [name, which] : actors)
      for (const auto& each : which)
        if (auto actor = each.lock(); actor && alive(actor))
          living[actor->id()] = name;
    return living;
  }

  bool kill(const std::string& name) {
    auto actor = find(name);
    if (actor == nullptr)
      return false;
    order_exit(actor, caf::exit_reason::kill);
    return true;
  }

  /// The supervisors of the tree in the order of their start.
  static constexpr const char* branches[] = {"root", "health", "outbound", "intake", "workers"};

  bool kill_branch(std::size_t which) {
    auto living = actors["supervisor"].at(which).lock();
    if (living == nullptr || !alive(living))
      return false;
    order_exit(living, caf::exit_reason::kill);
    return true;
  }

  // ---- the oracle ----

  void complain(std::string what) {
    if (complaints.size() < 10)
      complaints.push_back("step " + std::to_string(steps) + ": " + what);
  }

  void watch() {
    for (auto& each : connections) // counts a call once, when it begins
      if (each->model->running && each->model->calls != counted_[each.get()]) {
        counted_[each.get()] = each->model->calls;
        ++model_calls[each->model->running->question->id];
      }
    for (; acknowledged_ < broker->acknowledged.size(); ++acknowledged_)
      ends[broker->acknowledged[acknowledged_].key].push_back(broker->acknowledged[acknowledged_]);
    for (; commits_ < topic->commits.size(); ++commits_)
      for (const auto& each : topic->commits[commits_])
        check_commit(each);
    std::size_t unsettled = 0;
    for (const auto& [partition, at] : topic->next)
      for (const auto& each : topic->partitions[partition])
        unsettled += each.offset < at && !ends.contains(each.key);
    unsettled_most = std::max(unsettled_most, unsettled);
  }

  /// A commit says of every record before its offset, and of those in its bitmap, that it has had its end.
  void check_commit(const position& said) {
    auto told = read_commit_metadata(said.offset, said.metadata, offset_ledger::spread_max);
    if (!told)
      complain("unreadable metadata");
    for (const auto& each : topic->partitions[said.partition])
      if ((each.offset < said.offset || (told && told->finished.contains(each.offset))) && !ends.contains(each.key))
        complain(each.key + " committed before its end");
  }

  /// Every request has had at least one end and all are committed.
  bool all_done() {
    for (const auto& [partition, log] : topic->partitions) {
      for (const auto& each : log)
        if (!ends.contains(each.key))
          return false;
      if (!log.empty() && topic->committed_offset(partition) != log.back().offset + 1)
        return false;
    }
    return true;
  }

  /// Every end is the right reply, and there are at most `replies_more` beside the first ones.
  void check_replies(std::size_t replies_more = 0) {
    std::size_t more = 0;
    for (const auto& [key, records] : ends) {
      more += records.size() - 1;
      for (const auto& each : records) {
        auto right = each.to == destination::photo_reply
                       ? each.body.find("\"analysis\":\"{\\\"dish\\\":\\\"" + key + "\\\"}\"")
                     : each.to == destination::text_reply ? each.body.find("\"response\":\"the answer to " + key + "\"")
                                                          : std::string::npos;
        if (right == std::string::npos)
          complain("wrong reply to " + key + ": " + each.body);
      }
    }
    if (more > replies_more)
      complain(std::to_string(more) + " replies too many");
  }

  /// What every mailbox may hold at most.
  std::map<std::string, std::size_t> mailbox_bounds() const {
    auto size = size_of(config);
    return {{"health_monitor", monitor_mailbox_bound(size)},
            {"producer", producer_mailbox_bound(size)},
            {"sanitizer", sanitizer_mailbox_bound(size)},
            {"sanitizer/long", sanitizer_mailbox_bound(size)},
            {"dispatcher", dispatcher_mailbox_bound(size)},
            {"kafka_reader", reader_mailbox_bound(size) + 2 * topic->partitions.size()},
            {"ollama_worker", worker_mailbox_bound()}};
  }

  /// The name of an actor whose mailbox held more than that, or nothing.
  std::string mailbox_overrun() {
    for (const auto& [name, bound] : mailbox_bounds())
      if (mailbox_most[name] > bound)
        return name + ": " + std::to_string(mailbox_most[name]) + " messages, and " + std::to_string(bound)
               + " may wait";
    return {};
  }

  std::size_t model_calls_sum() const {
    std::size_t sum = 0;
    for (const auto& [id, count] : model_calls)
      sum += static_cast<std::size_t>(count);
    return sum;
  }

  std::string complaint() const { return complaints.empty() ? "" : complaints.front(); }

private:
  std::set<caf::actor_id> known_;
  std::map<connection*, int> counted_;
  std::size_t acknowledged_ = 0;
  std::size_t commits_ = 0;
  int broker_age_ = 0;
};

} // namespace mp::test
