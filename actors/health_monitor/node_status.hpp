#pragma once
// What /health, /ready and /api/status say, folded from what is known of hosts and intake. No actors.

#include "actors/health_monitor/host_port.hpp"
#include "messages/interfaces.hpp"

#include <string>
#include <utility>
#include <vector>

namespace mp {

class node_status {
public:
  /// `model`: what reports without a model are about.
  node_status(std::string model, const std::vector<std::string>& hosts);

  /// What a probe found. True when the host's condition has changed.
  bool host_probed(const std::string& host, const host_report& report);

  /// How the dispatcher's intake is.
  void intake(const intake_state& state) { intake_ = state; }
  const intake_state& intake() const { return intake_; }

  /// Why records are not published; empty when they are.
  void output(std::string trouble) { output_ = std::move(trouble); }

  bool probed(const std::string& host) const;
  bool usable(const std::string& host) const;

  /// What the dispatcher is to know of a host. `trouble`: host_state::trouble.
  host_state state_of(const std::string& host, std::uint64_t trouble) const;

  /// What to do about a host that is not usable, for people; empty when it is usable.
  std::string advice(const std::string& host) const;

  health_response answer() const;

  std::vector<host_view> hosts() const;

private:
  struct host {
    std::string name;
    bool probed = false;
    host_report report;
  };
  std::string advice(const host& h) const;
  std::string why_not_usable() const;
  std::string which_differ() const;

  std::string model_;
  std::vector<host> hosts_;
  intake_state intake_;
  std::string output_;
};

} // namespace mp
