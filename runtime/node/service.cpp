#include "runtime/node/service.hpp"

#include "actors/crash.hpp"
#include "actors/telemetry/log.hpp"
#include "actors/threads/mutex.hpp"
#include "runtime/config/describe.hpp"
#include "runtime/node/actor_types.hpp"
#include "runtime/node/assembly.hpp"
#include "runtime/node/network_readers.hpp"
#include "runtime/node/node_network.hpp"
#include "runtime/node/status_pages.hpp"
#include "runtime/status/status_server.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <malloc.h>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace mp {
namespace {

using namespace std::chrono_literals;

// EX_SOFTWARE of sysexits.h: restarting did not help.
constexpr int exit_gave_up = 70;
// After the tree has ended only blocked foreign calls can be left; they are not worth more time than this.
constexpr auto hard_exit_delay = 10s;
// So long after DRAIN_TIMEOUT a process that was told to stop is gone, whatever a broker, a model host or a library
// does meanwhile. What was not committed is read again, and an open transaction is aborted by the broker.
constexpr auto stop_grace = 1500ms;

/// Photos come and go in blocks of hundreds of kilobytes, allocated in one thread and freed in another: with glibc's
/// defaults each of the many threads keeps an arena of its own, and the memory of a burst is never given back.
void bound_allocator() {
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

/// A descriptor for each connection, file and waiting client: the usual soft limit of 1,024 is there for programs that
/// use select(), which none of the libraries here does.
void raise_file_limit() {
  constexpr rlim_t wanted = 8192;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
    return;
  files.rlim_cur = std::min(wanted, files.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &files);
}

struct system_config : caf::actor_system_config {
  explicit system_config(const settings& chosen) {
    // "sharing" wakes a thread at once; 0.18's "stealing" sleeps up to 10 ms in its lazy phase [caf 4].
    set("caf.scheduler.policy", "sharing");
    set("caf.scheduler.max-threads", std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 4));
    set("caf.scheduler.max-throughput", std::size_t{100});
    // CAF keeps caf_actor_mailbox_size, ..._mailbox_time and ..._processing_time for these names of actors. They do not
    // depend on the settings; the tree that runs needs CAF's registry, which comes with the system.
    service_config any;
    any.workers.emplace_back();
    any.nodes.emplace();
    auto names = caf_names_in(service_tree(any));
    for (auto& name : caf_names_in(worker_tree(any)))
      if (std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
    names.emplace_back("remote_worker"); // worker_nodes starts it
    set("caf.metrics-filters.actors.includes", names);
    if (uses_nodes(chosen))
      configure_nodes(*this, chosen);
  }
};

std::string compiler() {
#if defined(__clang__)
  return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__);
#else
  return "gcc " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__);
#endif
}

void log_start(const settings& chosen, std::uint16_t port) {
  std::vector<log::field> fields{
    {"version", MP_VERSION}, {"port", port}, {"topic", chosen.request_topic}, {"model", chosen.ollama_model}};
  auto differing = config::settings_for_log(chosen);
  for (const auto& [name, value] : differing)
    fields.emplace_back(name, value);
  log::write(log::event<log::level::info>{"service_started"}, fields);
}

} // namespace

struct service::parts {
  explicit parts(const settings& given) : chosen(given), config(given) {}

  settings chosen;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::shared_ptr<threads::background_threads> background =
    std::make_shared<threads::background_threads>(); // last to go: waits for threads of model calls
  system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<mp::metrics> metrics;
  std::shared_ptr<actor_directory> directory;
  std::shared_ptr<actor_journal> journal;
  std::vector<std::string> names; ///< of all actors
  std::unique_ptr<status::status_server> status;
  std::uint16_t port = 0;
  bool is_worker = false;
  node_entrance_actor node_entrance; ///< of a reader that takes worker nodes
  mp::mutex mutex;
  supervisor_actor root MP_GUARDED_BY(mutex);
  int stops MP_GUARDED_BY(mutex) = 0;
  int exit_code = EXIT_FAILURE; ///< what wait() has said
  std::thread stop_guard; ///< ends the process when it does not end by itself
  std::promise<void> gone;
  std::promise<caf::error> ended;
  std::future<caf::error> end = ended.get_future();

  /// From now on the process ends at the latest when the time to drain and stop_grace are over.
  void bound_stop();
  supervisor_actor living_root(); ///< null when the tree has ended
  node_facts facts() const;
};

service::service(const settings& chosen, const service_extras& extras) {
  bound_allocator();
  raise_file_limit();
  init_actor_types();
  parts_ = std::make_unique<parts>(chosen);
  auto& p = *parts_;
  p.system = std::make_unique<caf::actor_system>(p.config);
  p.metrics = std::make_shared<mp::metrics>(p.system->metrics());
  p.metrics->build(MP_VERSION, compiler());
  if (uses_nodes(chosen) && uses_node_tls(chosen))
    p.metrics->node_certificate_expires(node_certificate_expiry(chosen));
  p.is_worker = extras.role == node_role::worker;
  auto config = p.is_worker ? assemble_worker(chosen, p.metrics, p.background)
                            : assemble(chosen, p.metrics, p.background, extras.consumer_properties);
  if (extras.intensity)
    config.intensity = *extras.intensity;
  p.directory = config.directory;
  p.journal = config.journal;
  p.names = names_in(p.is_worker ? worker_tree(config) : service_tree(config));
  p.status = std::make_unique<status::status_server>(status::status_handlers{
    [this] { return health_page(*parts_->system, *parts_->directory, parts_->chosen.ollama_model); },
    [this] { return ready_page(*parts_->system, *parts_->directory, parts_->chosen.request_topic); },
    [this] { return metrics_page(*parts_->system); },
    [this] { return status_page(*parts_->system, *parts_->directory, parts_->facts()); },
    chosen.chaos ? [this](std::string_view actor) { return crash_page(parts_->living_root(), parts_->names, actor); }
                 : std::function<status::status_answer(std::string_view)>{},
    chosen.api_token,
  });
  p.port = p.status->start(chosen.listen_address, chosen.port);
  log::info("status_server_listening", {{"address", chosen.listen_address}, {"port", p.port}});
  log_start(chosen, p.port);
  config.link.node = node_name_of(chosen, p.port);
  config.link.make_port = [system = p.system.get(), background = p.background, tls = uses_node_tls(chosen)] {
    return std::make_unique<network_readers>(*system, background, tls);
  };
  if (config.nodes) {
    config.nodes->name = node_name_of(chosen, p.port);
    p.node_entrance = open_node_port(*p.system, p.directory, chosen);
  }
  auto tree = p.is_worker ? worker_tree(config) : service_tree(config);
  const scoped_lock guard{p.mutex}; // the endpoints are there already
  p.root = spawn_supervisor(*p.system, std::move(tree));
  p.root->attach_functor([&p](const caf::error& why) { p.ended.set_value(why); });
}

void service::parts::bound_stop() {
  if (stop_guard.joinable())
    return;
  stop_guard = std::thread{[done = gone.get_future(), limit = chosen.drain_timeout + stop_grace] {
    if (done.wait_for(limit) != std::future_status::timeout)
      return;
    log::warning("stop_forced", {{"after_s", std::chrono::duration<double>(limit).count()}});
    log::flush();
    std::_Exit(EXIT_SUCCESS);
  }};
}

supervisor_actor service::parts::living_root() {
  const scoped_lock guard{mutex};
  return root;
}

node_facts service::parts::facts() const {
  auto uptime = std::chrono::round<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
  return {MP_VERSION,   chosen.ollama_model, chosen.request_topic, uptime,
          std::nullopt, std::nullopt,        metrics->table_now(), journal->report()};
}

std::uint16_t service::port() const { return parts_->port; }

void service::stop() {
  auto& p = *parts_;
  const scoped_lock guard{p.mutex};
  if (!p.root)
    return;
  p.bound_stop();
  auto root = caf::actor_cast<caf::strong_actor_ptr>(p.root);
  // What drains: of a worker node its link, else the dispatcher.
  auto drained = p.is_worker ? caf::actor_cast<caf::actor>(p.directory->node_link())
                             : caf::actor_cast<caf::actor>(p.directory->dispatcher());
  if (++p.stops > 1 || !drained) {
    log::warning("stopping_at_once");
    order_exit(root, caf::exit_reason::user_shutdown);
    return;
  }
  log::info("stopping", {{"drain_timeout_s", std::chrono::duration<double>(p.chosen.drain_timeout).count()}});
  p.system->spawn([drained, root, limit = p.chosen.drain_timeout](caf::event_based_actor* self) {
    self->request(drained, limit, drain{})
      .then([root] { order_exit(root, caf::exit_reason::user_shutdown); },
            [root](const caf::error&) {
              log::warning("drain_incomplete");
              order_exit(root, caf::exit_reason::user_shutdown);
            });
  });
}

int service::wait() {
  auto& p = *parts_;
  auto why = p.end.get();
  {
    const scoped_lock guard{p.mutex};
    p.root = nullptr;
  }
  bool asked_to = !why || why == caf::exit_reason::user_shutdown;
  if (!asked_to)
    log::error("service_gave_up", {{"reason", reason_of(why)}});
  p.exit_code = asked_to ? EXIT_SUCCESS : exit_gave_up;
  return p.exit_code;
}

service::~service() {
  auto& p = *parts_;
  if (p.status)
    p.status->stop();
  {
    const scoped_lock guard{p.mutex};
    if (p.root)
      order_exit(caf::actor_cast<caf::strong_actor_ptr>(p.root), caf::exit_reason::user_shutdown);
    p.root = nullptr;
  }
  // ~actor_system waits for every actor; one that is stuck in a foreign call must not keep the process.
  std::promise<void> gone;
  std::thread guard{[done = gone.get_future()] {
    if (done.wait_for(hard_exit_delay) == std::future_status::timeout) {
      log::error("hard_exit");
      log::flush();
      std::_Exit(EXIT_FAILURE);
    }
  }};
  if (p.node_entrance)
    caf::anon_send_exit(std::exchange(p.node_entrance, {}), caf::exit_reason::user_shutdown);
  p.directory.reset();
  p.system.reset();
  gone.set_value();
  guard.join();
  // Everything has had its end by now. A call of the client library that never returns
  // (producer_config::transaction_limit) is left behind with the process.
  if (!kafka::background()->wait(hard_exit_delay)) {
    log::warning("client_call_left_behind");
    log::flush();
    std::_Exit(p.exit_code);
  }
  if (p.stop_guard.joinable()) {
    p.gone.set_value();
    p.stop_guard.join();
  }
}

} // namespace mp
