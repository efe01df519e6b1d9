#pragma once
// A model server behind model_port and host_port.

#include "actors/health_monitor/host_port.hpp"
#include "actors/ollama_worker/model_port.hpp"
#include "tests/simulation/oracle.hpp"
#include "tests/simulation/sim_context.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mp::sim {

/// How a host treats those who ask it.
enum class host_mode : std::uint8_t {
  serving,
  refusing, ///< nobody listens
  silent,   ///< connections are taken and nothing is heard of them
  busy,     ///< 503
  failing,  ///< 500
  cutting,  ///< every answer breaks off
  denying,  ///< a front answers every call with a status in Ollama's place, and lets probes through
  flapping, ///< it is there for a moment and away for the next
};
inline constexpr std::size_t host_mode_count = static_cast<std::size_t>(host_mode::flapping) + 1;

struct host_pace {
  duration answer_from{std::chrono::milliseconds{20}};
  duration answer_to{std::chrono::milliseconds{400}};
  duration load{std::chrono::seconds{1}};
};

/// One call under way at a host. Kept by its port and by the events that it waits for.
struct running_call {
  call_ticket ticket;
  model_call asked;
  model_port::ended tell;
  std::shared_ptr<process> owner;
  bool ended = false;
  bool stalled = false;  ///< nothing more comes of it
  bool deaf = false;     ///< it does not end when cancelled
  time_point first_piece = time_point::max();
  time_point last_piece = time_point::max();
};
using running_call_ptr = std::shared_ptr<running_call>;

class sim_host {
public:
  sim_host(sim_context& world, oracle& judge, std::string name, host_pace pace)
    : world_(world), judge_(judge), name_(std::move(name)), pace_(pace), behind_proxy_(world.rng.one_in(2)) {}

  const std::string& name() const { return name_; }
  host_mode mode() const { return mode_; }

  /// Calls under way feel it: they are cut, or hang, or go on.
  void turn(host_mode mode);

  /// The model is not in memory any more; calls under way are cut.
  void unload();

  // Of the ports.
  void begin(const running_call_ptr& call);
  void cancel(const running_call_ptr& call);
  /// Its worker has gone.
  void abandon(const running_call_ptr& call);
  std::uint64_t progress(const running_call& call) const;
  void probe(host_port::depth how, std::function<void(host_report)> tell);

private:
  void answer(const running_call_ptr& call);
  void refuse(const running_call_ptr& call, std::size_t lot);
  void load(std::function<void()> then);
  void runner_dies(const running_call_ptr& cause);
  /// All of its calls break off, and nobody is there for a while.
  void server_dies();
  void break_off_all();
  void flap();
  bool is_away() const { return mode_ == host_mode::refusing || (mode_ == host_mode::flapping && away_); }
  /// Nobody is there to take the call.
  void turn_away(const running_call_ptr& call);
  void end(const running_call_ptr& call, call_outcome outcome, std::optional<fault> why);
  void fail(const running_call_ptr& call, fault why, int status = 0);
  duration moment() { return world_.rng.between(std::chrono::microseconds{200}, std::chrono::milliseconds{10}); }

  sim_context& world_;
  oracle& judge_;
  std::string name_;
  host_pace pace_;
  host_mode mode_ = host_mode::serving;
  bool loaded_ = false;
  bool loading_ = false;
  bool behind_proxy_; ///< that answers 502 when nobody is there, or its call broke off
  bool away_ = false; ///< flapping
  std::vector<std::function<void()>> after_load_;
  std::vector<running_call_ptr> running_;
};

/// Makes the model port of one worker. `who` says who calls, for the oracle.
std::unique_ptr<model_port> make_sim_model(std::shared_ptr<sim_host> host, std::shared_ptr<process> owner,
                                           sim_context& world, oracle& judge, std::function<caller(const origin&)> who,
                                           std::function<std::size_t(const request&)> number_of);

std::unique_ptr<host_port> make_sim_host_port(std::shared_ptr<sim_host> host, std::shared_ptr<process> owner,
                                              sim_context& world);

} // namespace mp::sim
