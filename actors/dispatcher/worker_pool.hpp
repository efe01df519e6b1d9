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

  /// A free worker of the usable host with the least work under way for its speed, another host than `avoid` where
  /// there is one. The worker then works on `work`.
  std::optional<worker_id> choose(ticket work, std::string_view avoid);

  /// As choose(), but of a host that has nothing under way; that host is then given nothing else until `work` has ended
  /// there.
  std::optional<worker_id> choose_alone(ticket work, std::string_view avoid);

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
  std::optional<worker_id> choose(ticket work, std::string_view avoid, bool alone);

  std::vector<host> hosts_; // few; searched in order
  std::unordered_map<worker_id, worker> workers_;
  std::unordered_map<ticket, worker_id> by_ticket_;
};

} // namespace mp
