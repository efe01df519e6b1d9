#include "actors/health_monitor/health_monitor.hpp"

#include "actors/crash.hpp"
#include "actors/health_monitor/node_status.hpp"
#include "actors/telemetry/log.hpp"

#include <caf/disposable.hpp>
#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace mp {
namespace {

std::vector<std::string> names_of(const std::vector<monitored_host>& hosts) {
  std::vector<std::string> names;
  names.reserve(hosts.size());
  for (const auto& each : hosts)
    names.push_back(each.name);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& each : names)
    text += (text.empty() ? "" : ",") + each;
  return text;
}

struct monitor_state {
  struct probed_host {
    std::unique_ptr<host_port> port;
    bool probing = false;
    bool again = false; ///< asked for while a probe was running: that one may have begun before the trouble
    bool doubted =
      false; ///< the last probe did not find it usable, or there was trouble since: its model has to give a token
    std::uint64_t trouble = 0; ///< number of the last trouble heard of
    std::vector<std::string> reload; ///< models to be unloaded by the next probe
    std::set<std::string> on_cpu;    ///< models of which a part is not in the GPU's memory
    bool holds_all = true;
    caf::disposable timer;
  };

  static inline const char* name = "health_monitor";

  monitor_actor::pointer self;
  monitor_config config;
  node_status status;
  std::map<std::string, probed_host> hosts;
  work_source_actor source;

  monitor_state(monitor_actor::pointer ptr, monitor_config given)
    : self(ptr), config(std::move(given)), status(config.models.at(0), names_of(config.hosts)) {}

  monitor_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    for (const auto& each : config.hosts)
      hosts[each.name].port = each.make_port();
    for (const auto& each : config.hosts)
      probe(each.name);
    config.directory->join_as_worker(monitor_actor{self});
    return {
      [this](const work_source_started& message) { on_source_started(message.source); },
      [this](const host_trouble& trouble) { trouble_at(trouble); },
      [this](const probe_ended& end) { probed(end); },
      [this](const intake_state& state) { status.intake(state); },
      [this](health_request) { return on_health_request(); },
      [this](status_request) { return on_status_request(); },
    };
  }

  void on_source_started(const work_source_actor& present) {
    source = present;
    self->send(source, monitor_started{monitor_actor{self}});
    // Of a host that was not probed yet it keeps what my predecessor said.
    for (const auto& [host, state] : hosts)
      if (status.probed(host))
        self->send(source, status.state_of(host, state.trouble));
  }

  void trouble_at(const host_trouble& trouble) {
    auto i = hosts.find(trouble.host);
    if (i == hosts.end())
      return;
    i->second.trouble = std::max(i->second.trouble, trouble.number);
    i->second.doubted = true;
    if (!trouble.reload.empty())
      i->second.reload.push_back(trouble.reload);
    if (i->second.probing)
      i->second.again = true;
    else
      probe(trouble.host);
  }

  void probe(const std::string& host) {
    auto& state = hosts.at(host);
    state.timer.dispose();
    state.probing = true;
    state.again = false;
    auto how = state.doubted ? host_port::depth::one_token : host_port::depth::look;
    state.port->probe({how, std::exchange(state.reload, {})},
                      [weak = caf::actor_cast<caf::weak_actor_ptr>(monitor_actor{self}), host](host_report report) {
                        if (auto strong = weak.lock())
                          caf::anon_send(caf::actor_cast<monitor_actor>(strong), probe_ended{host, std::move(report)});
                      });
  }

  void probed(const probe_ended& end) {
    check_mailbox(self, config.mailbox_bound);
    auto i = hosts.find(end.host);
    if (i == hosts.end())
      return;
    auto& state = i->second;
    state.probing = false;
    bool changed = status.host_probed(end.host, end.report);
    bool usable = status.usable(end.host);
    if (changed && end.report.condition == host_condition::model_differs)
      log::error("model_differs",
                 {{"host", end.host}, {"model", end.report.model}, {"advice", status.advice(end.host)}});
    else if (changed && !usable)
      log::warning("host_not_usable",
                   {{"host", end.host}, {"advice", status.advice(end.host)}, {"status", end.report.http_status}});
    if (usable && (changed || !end.report.was_loaded))
      log::info("model_ready", {{"host", end.host},
                                {"model", joined(config.models)},
                                {"vision", end.report.vision},
                                {"version", end.report.version},
                                {"was_loaded", end.report.was_loaded}});
    note_models(end.host, state, end.report);
    if (state.again) {
      probe(end.host);
      return;
    }
    state.doubted = !usable;
    if (source)
      self->send(source, status.state_of(end.host, state.trouble));
    state.timer = self->run_delayed(usable ? config.probe_interval : config.unusable_interval,
                                    [this, host = end.host] { probe(host); });
  }

  /// What slows a host down, a line for each change.
  void note_models(const std::string& host, probed_host& state, const host_report& report) {
    for (const auto& each : report.models) {
      if (!each.gpu_share)
        continue;
      config.metrics->model_vram_ratio(host, each.name, *each.gpu_share);
      if (*each.gpu_share <= 0) { // as on a machine without a GPU, where nothing can be done about it
        if (state.on_cpu.insert(each.name).second)
          log::info("model_on_cpu", {{"host", host}, {"model", each.name}});
      } else if (*each.gpu_share >= 1) {
        if (state.on_cpu.erase(each.name) > 0)
          log::info("model_in_gpu_memory", {{"host", host}, {"model", each.name}});
      } else if (state.on_cpu.insert(each.name).second) {
        log::warning("model_partly_on_cpu",
                     {{"host", host},
                      {"model", each.name},
                      {"gpu_percent", *each.gpu_share * 100},
                      {"advice", "the host gets less work; a smaller model or a smaller OLLAMA_NUM_CTX may fit"}});
      }
    }
    if (report.condition != host_condition::usable
        || report.holds_all == std::exchange(state.holds_all, report.holds_all))
      return;
    if (report.holds_all)
      log::info("models_fit_again", {{"host", host}});
    else
      log::warning("models_do_not_fit",
                   {{"host", host},
                    {"models", joined(config.models)},
                    {"advice", "the host loads one in place of another; see OLLAMA_MAX_LOADED_MODELS and its memory"}});
  }

  /// Answers only when the dispatcher does: a node whose dispatcher hangs is not alive.
  caf::result<health_response> on_health_request() {
    check_mailbox(self, config.mailbox_bound);
    auto promise = self->make_response_promise<health_response>();
    if (!source) {
      promise.deliver(caf::make_error(caf::sec::runtime_error, std::string{"no dispatcher"}));
      return promise;
    }
    self->request(source, config.dispatcher_timeout, ping{})
      .then(
        [this, promise](const pong& said) mutable {
          status.output(said.output);
          promise.deliver(status.answer());
        },
        [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
    return promise;
  }

  caf::result<status_response> on_status_request() {
    check_mailbox(self, config.mailbox_bound);
    auto promise = self->make_response_promise<status_response>();
    auto tell = [this, promise](bool dispatcher_answers) mutable {
      promise.deliver(status_response{dispatcher_answers, status.answer(), status.hosts(), status.intake()});
    };
    if (source)
      self->request(source, config.dispatcher_timeout, ping{})
        .then(
          [this, tell](const pong& said) mutable {
            status.output(said.output);
            tell(true);
          },
          [tell](const caf::error&) mutable { tell(false); });
    else
      tell(false);
    return promise;
  }
};

using implementation = monitor_actor::stateful_impl<monitor_state>;

} // namespace

monitor_actor spawn_health_monitor(caf::local_actor* parent, monitor_config config) {
  return parent->spawn<implementation>(std::move(config));
}

} // namespace mp
