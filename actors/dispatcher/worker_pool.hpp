#pragma once
// Which free worker gets the next request. No actors.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mp {

/// The workers of all hosts. A worker has one slot: it is free, or it works on one ticket.
class worker_pool {
public:
  using worker_id = std::uint64_t;
  using ticket = std::uint64_t;

  void add(worker_id worker, const std::string& host);

  /// Gives the ticket it worked on, if any and if no other worker has it by now. Harmless for an unknown worker.
  std::optional<ticket> remove(worker_id worker);

  /// The worker is free and requests work. False for an unknown worker.
  bool set_free(worker_id worker);

  /// What the worker worked on has ended, and it requests nothing yet.
  void set_idle(worker_id worker);

  /// A free worker is not free any more. False if it was not.
  bool set_not_free(worker_id worker);

  /// Only usable hosts are given work; a host is unusable until it is said to be usable.
  void set_usable(const std::string& host, bool usable);
  bool usable(const std::string& host) const;
  bool any_usable() const;

  /// Whether the host gets one call at a time.
  void set_trial(const std::string& host, bool on_trial);

  /// How fast the host is beside the others, 0 to 1: it gets less work by as much, both when it is chosen among others
  /// and in the calls under way at once, as long as a faster host is usable. A quarter at least, so that it helps where
  /// much waits.
  void set_speed(const std::string& host, double speed);

  /// The host is on another machine.
  void set_remote(const std::string& host) { hosts_[host_index(host)].is_remote = true; }

  /// The models that the host has in memory, by their canonical names, and whether it has room for a further one: else
  /// it has to unload one for each that it loads (it swaps).
  void set_models(const std::string& host, std::vector<std::string> loaded, bool has_room);

  /// A free worker of a usable host for a call to `model` (canonical). Not of one that would have to swap while another
  /// usable host has the model loaded, however busy that is: a swap takes as long as many calls, and costs the others
  /// their model. Of those that may take it: another than `avoid` where there is one, then one that has the model
  /// loaded, then the one with the fewest slots in use for its speed (whoever uses them: another reader may have those
  /// of a worker node), then one on this machine. The worker then works on `work`.
  std::optional<worker_id> choose(ticket work, std::string_view model, std::string_view avoid);

  /// As choose(), but of a host that has nothing under way; that host is then given nothing else until `work` has ended
  /// there.
  std::optional<worker_id> choose_alone(ticket work, std::string_view model, std::string_view avoid);

  /// Workers are free, but only of hosts that would have to swap for the model, which another host has loaded.
  bool waits_for_its_host(std::string_view model) const;

  /// A usable host has no room for a further model.
  bool any_swaps() const;

  /// The worker that works on `work`, or nothing.
  std::optional<worker_id> worker_of(ticket work) const;

  const std::string& host_of(worker_id worker) const { return hosts_[workers_.at(worker).host].name; }

  /// Free workers on usable hosts that may be given work.
  std::size_t free_count() const;

private:
  struct host {
    std::string name;
    bool usable = false;
    bool kept_alone = false; ///< what is under way there is not to be joined
    bool on_trial = false; ///< nor is anything else
    std::size_t busy = 0;
    std::size_t workers = 0;
    double speed = 1;
    std::vector<worker_id> free;
    bool is_remote = false;
    bool has_room = true;
    std::vector<std::string> loaded; ///< few

    bool has_loaded(std::string_view model) const;
    bool would_swap(std::string_view model) const { return !has_room && !has_loaded(model); }
  };
  struct worker {
    std::size_t host = 0;
    bool free = false;
    std::optional<ticket> work;
  };
  std::size_t room_of(const host& h) const;
  double best_speed() const;
  std::size_t host_index(const std::string& name);
  std::optional<ticket> end_work(worker_id id, worker& w);
  bool is_loaded_somewhere(std::string_view model) const;
  static bool is_better(const host& a, const host& b, std::string_view model, std::string_view avoid);
  std::optional<worker_id> choose(ticket work, std::string_view model, std::string_view avoid, bool alone);

  std::vector<host> hosts_; // few; searched in order
  std::unordered_map<worker_id, worker> workers_;
  std::unordered_map<ticket, worker_id> by_ticket_;
};

} // namespace mp
