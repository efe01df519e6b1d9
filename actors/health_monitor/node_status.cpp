#include "actors/health_monitor/node_status.hpp"

#include "actors/telemetry/kafka_advice.hpp"

#include <algorithm>

namespace mp {
namespace {

/// What a status says that comes from something in front of Ollama, and what to do; empty where Ollama itself may have
/// given it.
std::string advice_about_front(int status) {
  const auto answered = "answers with status " + std::to_string(status);
  switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return answered + ", a redirect, which is not followed; set OLLAMA_HOST to the address it leads to (https?)";
    case 401: return answered + ": what stands in front of Ollama wants a login; let this service in there without one";
    case 403: return answered + ": what stands in front of Ollama does not let this service in; allow it there";
    case 407: return answered + ": a proxy wants a login; let this service reach Ollama without it";
    case 502:
    case 504:
      return answered + ": what stands in front of Ollama does not reach it; is Ollama running there (ollama serve)?";
    default: return {};
  }
}

} // namespace

node_status::node_status(std::string model, const std::vector<std::string>& hosts) : model_(std::move(model)) {
  for (const auto& name : hosts)
    hosts_.push_back(host{name, false, {}});
}

bool node_status::host_probed(const std::string& name, const host_report& report) {
  for (auto& each : hosts_)
    if (each.name == name) {
      bool changed = !each.probed || each.report.condition != report.condition;
      each.probed = true;
      each.report = report;
      return changed;
    }
  return false;
}

bool node_status::probed(const std::string& name) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const host& each) { return each.name == name && each.probed; });
}

bool node_status::usable(const std::string& name) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const host& each) {
    return each.name == name && each.probed && each.report.condition == host_condition::usable;
  });
}

host_state node_status::state_of(const std::string& name, std::uint64_t trouble) const {
  host_state state{name, usable(name), trouble};
  for (const auto& each : hosts_)
    if (each.name == name) {
      state.gpu_share = gpu_share_of(each.report);
      state.loaded = each.report.loaded;
      state.has_room = each.report.holds_all;
    }
  return state;
}

std::string node_status::advice(const std::string& name) const {
  for (const auto& each : hosts_)
    if (each.name == name)
      return advice(each);
  return {};
}

std::string node_status::advice(const host& h) const {
  if (!h.probed)
    return h.name + ": not probed yet, the model may be loading";
  const auto& model = h.report.model.empty() ? model_ : h.report.model;
  const auto differs =
    h.report.condition == host_condition::model_differs || h.report.condition == host_condition::model_missing;
  if (auto front = differs ? std::string{} : advice_about_front(h.report.http_status); !front.empty())
    return h.name + ": " + front;
  switch (h.report.condition) {
    case host_condition::usable: return {};
    case host_condition::unreachable:
      return h.report.why.empty() ? h.name + ": not reachable; is Ollama running there (ollama serve)?"
                                  : h.name + ": not reachable: " + h.report.why + "; check OLLAMA_HOST";
    case host_condition::not_trusted:
      return h.name + ": its certificate is not trusted: " + h.report.why
             + "; set SSL_CERT_FILE to a file (PEM) with the authority that signed it, or use the name that it is for "
               "in OLLAMA_HOST";
    case host_condition::not_ollama:
      return h.name + ": answers"
             + (h.report.http_status != 0 ? " with status " + std::to_string(h.report.http_status) : std::string{})
             + ", but not as Ollama does; check OLLAMA_HOST";
    case host_condition::model_missing: return h.name + ": has no model " + model + "; run: ollama pull " + model;
    case host_condition::busy:
      return h.name + ": is busy with other requests; see OLLAMA_MAX_QUEUE and OLLAMA_NUM_PARALLEL there";
    case host_condition::model_failed:
      return h.name + ": could not load " + model
             + (h.report.http_status >= 400 ? " (status " + std::to_string(h.report.http_status) + ")" : std::string{})
             + "; see Ollama's log there";
    case host_condition::model_differs:
      return h.name + ": its " + model
             + " is not the one that MODEL_DIGESTS wants; pull the right one, or correct the digest (ollama list)";
  }
  return {};
}

std::string node_status::why_not_usable() const {
  std::string reasons;
  if (intake_.usable_remote_hosts > 0)
    return {};
  if (hosts_.empty())
    reasons = "no worker node with a usable host has joined, and OLLAMA_HOST is empty";
  for (const auto& each : hosts_) {
    if (each.probed && each.report.condition == host_condition::usable)
      return {};
    if (!reasons.empty())
      reasons += "; ";
    reasons += advice(each);
  }
  return reasons;
}

std::vector<host_view> node_status::hosts() const {
  std::vector<host_view> views;
  views.reserve(hosts_.size());
  for (const auto& each : hosts_)
    views.push_back({each.name, each.probed, each.report.condition});
  return views;
}

/// Advice about the hosts whose models are not what they should be. Given also when other hosts are usable: somebody
/// may have put another model in place of the one that was tested.
std::string node_status::which_differ() const {
  std::string reasons;
  for (const auto& each : hosts_)
    if (each.probed && each.report.condition == host_condition::model_differs)
      reasons += (reasons.empty() ? "" : "; ") + advice(each);
  return reasons;
}

health_response node_status::answer() const {
  health_response said;
  auto nobody = why_not_usable();
  said.detail = nobody.empty() ? which_differ() : nobody;
  said.healthy = said.detail.empty();
  if (intake_.draining)
    said.not_ready_reason = "draining: the service is stopping";
  else if (!nobody.empty())
    said.not_ready_reason = "no usable model host: " + nobody;
  else if (intake_.intake_paused)
    said.not_ready_reason =
      "intake is paused: too many of the last 100 requests ended as dead letters; one is tried now and then";
  else if (!output_.empty())
    said.not_ready_reason = "replies cannot be published: " + output_;
  else if (intake_.is_worker_node && intake_.partitions == 0)
    said.not_ready_reason = "no reader has been joined: see NODE_JOIN, and the log";
  else if (intake_.partitions == 0)
    said.not_ready_reason = "no partition of the requests topic is assigned"
                            + (intake_.reader_trouble.empty() ? "" : ": " + with_advice(intake_.reader_trouble));
  else if (!intake_.reader_trouble.empty())
    said.not_ready_reason = "offsets are not committed: " + with_advice(intake_.reader_trouble);
  else if (!intake_.stalled.empty())
    said.not_ready_reason = intake_.stalled;
  said.ready = said.not_ready_reason.empty();
  return said;
}

} // namespace mp
