#pragma once
// Which host gets which request, and what its calls tell of it. No actors.

#include "actors/dispatcher/break_off_watch.hpp"
#include "actors/dispatcher/failing_users.hpp"
#include "actors/dispatcher/host_breaker.hpp"
#include "actors/dispatcher/in_flight_table.hpp"
#include "actors/dispatcher/model_routes.hpp"
#include "actors/dispatcher/model_watch.hpp"
#include "actors/dispatcher/poison_pills.hpp"
#include "actors/dispatcher/refusal_pace.hpp"
#include "actors/dispatcher/worker_pool.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mp {

/// Why a model is loaded anew.
enum class reload_cause : std::uint8_t { degenerate, silent };

/// What is to be done about a host: to be logged, measured and told to the health monitor.
struct host_action {
  enum class kind : std::uint8_t {
    probe,    ///< the monitor is to probe it; it is given work meanwhile
    suspected, ///< likewise, and it is given none until a probe begun from now on has shown that its model answers
    unload,   ///< its model gives bad answers, or none: a `suspected` with `reload` follows
    usable,   ///< it may be given work
    unusable,
  };
  kind what = kind::probe;
  std::string host{};
  std::uint64_t trouble = 0;   ///< probe and suspected: host_trouble::number
  std::string model{};         ///< suspected: host_trouble::reload; unload: the label for metrics
  reload_cause cause = reload_cause::degenerate; ///< unload
  bool is_news = false;        ///< usable and unusable: it was not so before
};

/// A failure, and what was known of the host then.
struct ended_call {
  fault why = fault::model_error;
  bool refused = false;       ///< an HTTP status said so
  bool host_was_well = false; ///< since the last refusal
  bool server_died = false;
  bool breaks_off = false;    ///< it ended in the way that a call ends whose server dies
};

/// The hosts with their workers. Rows are those of the table; `model` is what the request of a row is routed to.
class hosts {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using worker_id = worker_pool::worker_id;
  using ticket = std::uint64_t;

  /// `idle_max`: so long a model that was speaking has said nothing at an idle_timeout. `models`: those that routes
  /// lead to.
  hosts(breaker_limits breaker, std::chrono::milliseconds idle_max, const std::vector<std::string>& models = {});

  /// What has to be done since the last call, in order.
  std::vector<host_action> take_actions() { return std::exchange(actions_, {}); }

  // workers, see worker_pool
  void add_worker(worker_id worker, const std::string& host) { pool_.add(worker, host); }
  void set_remote(const std::string& host) { pool_.set_remote(host); }
  std::optional<ticket> remove_worker(worker_id worker) { return pool_.remove(worker); }
  bool set_free(worker_id worker) { return pool_.set_free(worker); }
  void set_idle(worker_id worker) { pool_.set_idle(worker); }
  bool set_not_free(worker_id worker) { return pool_.set_not_free(worker); }
  std::optional<worker_id> worker_of(ticket request) const { return pool_.worker_of(request); }
  const std::string& host_of(worker_id worker) const { return pool_.host_of(worker); }
  std::size_t free_count() const { return pool_.free_count(); }
  bool any_usable() const { return pool_.any_usable(); }

  // the health monitor

  /// A monitor is there. Whatever it says it has found after all trouble that is known; hosts that get no work are to
  /// be probed by it, because its predecessor has not answered, or not well.
  void on_monitor_started();
  void monitor_lost() { has_monitor_ = false; }
  /// Who takes worker nodes was started anew: what its predecessor was told of these hosts is reported again.
  void on_nodes_started(const std::set<std::string>& remote_hosts);

  void probed(const host_state& state, time_point now);

  // a request whose turn it is

  /// Requests for one model (a canonical name) are in one group; those for models that no route leads to share one.
  std::uint8_t group_of(std::string_view model) const;

  /// Requests of these groups wait for the hosts that have their models loaded: no other one may take them now.
  fair_queue::groups held_back() const;

  struct placement {
    enum class verdict : std::uint8_t {
      wait, ///< no worker may take it now, nor one behind it
      later, ///< it is to be parked until `due`
      poison, ///< its photo is known to end the runners of models
      given, ///< to `worker`: the row says which host it is, and when among the events
    };
    verdict what = verdict::wait;
    time_point due{};
    worker_id worker = 0;
  };
  placement place(in_flight_request& row, in_flight_table& table, time_point now);

  // calls

  /// A call was answered. Tells whether its host had to load the model for it.
  model_watch::finding answered(const in_flight_request& row, const routed_model& model, const raw_answer& answer,
                                std::chrono::nanoseconds duration, time_point now);

  /// A call has failed. The row counts its refusals; of the host more is known.
  ended_call failed(in_flight_request& row, const call_failure& failure, const routed_model& model,
                    std::chrono::nanoseconds duration, in_flight_table& table, time_point now);

  /// The model's runner has died, by what the call says. Every call at the host reports the same death: the first
  /// report finds all of them still assigned, or, where their calls broke off just before, still to be judged.
  void runner_died(in_flight_request& row, in_flight_table& table, time_point now);

  /// The request was at a death. Gives other requests with the same photo whose calls are to be called back, wherever
  /// they are: the server may have it waiting and would give it to the next runner.
  std::vector<in_flight_request*> mark_suspected(const in_flight_request& row, in_flight_table& table, time_point now);

  /// Its photo has ended a runner alone.
  void mark_poison(const in_flight_request& row, time_point now) {
    photos_.mark_poison(row.question->photo.view(), now);
  }

  /// The call may have broken off because the whole server died. Gives the time at which that will be known: the
  /// request is to be parked until then, or judged now.
  std::optional<time_point> in_doubt(in_flight_request& row, const ended_call& call, in_flight_table& table,
                                     time_point now);

  /// What is known now of calls that broke off.
  std::vector<break_off_watch::verdict> judge(in_flight_table& table, time_point now);

  // users

  /// Whether its host answers others than this user.
  bool fails_alone(const std::string& host, std::string_view user, time_point now) const;

  /// How many of those that wait for a worker do so while others of their users fail on trial.
  std::size_t failing_count(in_flight_table& table, time_point now) const;

  // time

  /// Gives hosts work again that have passed a probe before their rest was over.
  void end_pauses(time_point now);

  /// When judge() or end_pauses() has something to do next.
  std::optional<time_point> next() const;

private:
  /// A host as its calls show it.
  struct watched_host {
    host_breaker breaker;
    failing_users users{};
    /// Number of the last trouble told to the monitor, until a probe has answered it: one begun before says nothing.
    std::uint64_t trouble = 0;
    std::string reload{}; ///< a model that the monitor was told to load anew with it
    bool looked_at = false; ///< the monitor was told to probe it, although it goes on
    std::uint64_t well_at =
      0; ///< the last event that shows it well: a probe that passed, or the beginning of a call that was answered
    std::optional<time_point> paused_until{}; ///< it gets no work until then, whatever its probes find
  };

  /// Whether calls at the host that began before an event are under way, beside one.
  static bool goes_on(in_flight_table& table, const std::string& host, std::uint64_t before,
                      const in_flight_request* but = nullptr);

  watched_host& watched(const std::string& host);
  void judge_host(const in_flight_request& row, const ended_call& call, const routed_model& model, bool is_known,
                  in_flight_table& table, time_point now);
  void reload_if_broken(const in_flight_request& row, fault why, const routed_model& model,
                        std::chrono::nanoseconds duration, time_point now);
  void load_anew(const std::string& host, const routed_model& model, reload_cause cause, time_point now);
  void look_at(const std::string& host);
  void report_trouble(const std::string& host, const std::string& reload = {});
  void set_usable(const std::string& host, bool usable, bool is_news);
  bool only_trials() const;
  bool fails_there(const in_flight_request& row, time_point now) const;

  breaker_limits breaker_limits_;
  std::chrono::milliseconds idle_max_;
  std::vector<std::string> routed_; ///< canonical names, each at the place of its group; not all, if they are very many
  worker_pool pool_;
  std::map<std::string, watched_host> hosts_;
  break_off_watch broken_;
  refusal_pace refusals_;
  model_watch models_;
  poison_pills photos_;
  std::uint64_t troubles_ = 0;
  std::uint64_t events_ = 0; ///< numbers assignments, refusals and proofs of a host's health in their order
  std::optional<time_point> next_rest_; ///< when the next host has rested long enough
  bool has_monitor_ = false;
  std::vector<host_action> actions_;
};

/// Whether the request is suspected: a photo in flight at one runner crash, or a text at two. Sent to its host alone it
/// either ends well or is the only one to fail, so a poison photo costs two runners and no attempt of another request.
/// (Alone among this service's calls.)
bool asked_alone(const in_flight_request& row);

/// The row if its call broke off and is still to be judged, else null.
in_flight_request* broken_row(in_flight_table& table, std::uint64_t ticket);

} // namespace mp
