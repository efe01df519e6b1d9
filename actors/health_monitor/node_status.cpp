#include "actors/health_monitor/node_status.hpp"

#include <algorithm>

namespace mp {

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

std::string node_status::advice(const std::string& name) const {
  for (const auto& each : hosts_)
    if (each.name == name)
      return advice(each);
  return {};
}

std::string node_status::advice(const host& h) const {
  if (!h.probed)
    return h.name + ": not probed yet, the model may be loading";
  switch (h.report.condition) {
    case host_condition::usable: return {};
    case host_condition::unreachable: return h.name + ": not reachable; is Ollama running there (ollama serve)?";
    case host_condition::not_ollama: return h.name + ": answers, but not as Ollama does; check OLLAMA_HOST";
    case host_condition::model_missing: return h.name + ": has no model " + model_ + "; run: ollama pull " + model_;
    case host_condition::busy: return h.name + ": is busy with other requests; see OLLAMA_MAX_QUEUE and OLLAMA_NUM_PARALLEL there";
    case host_condition::model_failed: return h.name + ": could not load " + model_ + "; see Ollama's log there";
  }
  return {};
}

std::string node_status::why_not_usable() const {
  std::string reasons;
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
  for (const auto& each : hosts_)
    views.push_back({each.name, each.probed, each.report.condition});
  return views;
}

health_answer node_status::answer() const {
  health_answer said;
  said.detail = why_not_usable();
  said.healthy = said.detail.empty();
  if (intake_.draining)
    said.not_ready_reason = "draining: the service is stopping";
  else if (!said.healthy)
    said.not_ready_reason = "no usable model host: " + said.detail;
  else if (intake_.flooded)
    said.not_ready_reason = "intake is paused: too many of the last 100 requests ended as dead letters; one is tried now and then";
  else if (intake_.partitions == 0)
    said.not_ready_reason = "no partition of the requests topic is assigned";
  said.ready = said.not_ready_reason.empty();
  return said;
}

} // namespace mp
