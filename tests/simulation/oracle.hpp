#pragma once
// Observes a simulated world from outside and counts per request, without access to the service's state. No actors.

#include "actors/kafka_reader/commit_metadata.hpp"
#include "messages/outgoing.hpp"
#include "tests/simulation/request_generator.hpp"
#include "tests/simulation/timeline.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mp::sim {

/// What can be wrong, in the order of the summary.
enum class wrong : std::uint8_t {
  repeated, ///< a model call for a request whose end was known
  computed_again, ///< a model call for a request whose answer this instance had
  lost,     ///< everything is committed, and a request has had no end
  doubled,  ///< more than one end
  wrong,    ///< an end that is not the request's
  early,    ///< committed before its end was visible
  stuck,    ///< not all had their end in time
  memory,   ///< more held than was allowed
  mailbox,  ///< more messages waiting at an actor than were asked for
  resent,   ///< a record sent again and again to a topic that refuses it
  failed,   ///< the service said itself that something impossible has happened
};
inline constexpr std::size_t wrong_count = static_cast<std::size_t>(wrong::failed) + 1;
std::string_view to_string(wrong what);

/// Who makes a model call, and what its reader knows of the request's partition.
struct caller {
  int instance = 0;
  std::uint64_t life = 0;          ///< of the instance
  std::uint64_t dispatcher = 0;    ///< the id of its dispatcher
  time_point begun{};              ///< of the call
  std::optional<time_point>
    caught_up{}; ///< since when its dispatcher has heard of all partitions; nothing: it has not yet
  bool holds = false;              ///< its reader holds the partition now
  int reader = 0;                  ///< number of that reader's client
  time_point loaded{};             ///< when the broker read the committed positions for it
};

/// The number of the first worker node, as an instance; those below are readers.
inline constexpr int first_node = 16;

/// One model call.
struct call_ticket {
  std::size_t number = 0;   ///< of its request
  std::uint64_t serial = 0;
  int instance = 0;
};

/// How a call ended, as its worker was told.
enum class call_fate : std::uint8_t { running, answered, failed, cancelled, abandoned };

class oracle {
public:
  struct rules {
    bool exactly_once = false;
    unsigned attempts_max = 3;
    bool order_by_key = false;
    bool rate_limited = false;
    unsigned reask_rounds = 0;
    bool picky_replies = false; ///< see reply_topics
    duration answer_keep = std::chrono::seconds{60};
  };

  explicit oracle(rules of) : rules_(of) {}

  std::vector<asked> requests; ///< by number

  /// A request was appended to `requests`.
  void appended() { states_.emplace_back(), ++open_; }

  /// A record became visible to a read_committed reader.
  void visible(const outgoing& record, time_point now = {});

  /// Somebody asks the broker to store an offset and bitmap for a partition, or a transaction makes them valid.
  /// `accepted`: the broker does it. `reader`: number of the client that knows it, negative for nobody yet; told again
  /// once it does.
  void committed(std::int32_t partition, std::int64_t offset, const std::string& metadata, bool accepted, int reader,
                 time_point now);

  /// A record of the request was refused by a topic that takes nothing.
  void refused(std::int64_t number) {
    if (number >= 0 && static_cast<std::size_t>(number) < states_.size())
      ++of(static_cast<std::size_t>(number)).refusals;
  }

  /// Whether the worker node `number` still lives its life `life`, and nothing has come between it and the readers
  /// since then. Not set: there are no worker nodes.
  std::function<bool(int number, std::uint64_t life, time_point since)> is_undisturbed;

  /// The number of a request that came over a link, without its headers.
  std::size_t number_at_node(const request& asked) const;

  // Model calls.
  call_ticket call_begun(std::size_t number, const caller& who);
  /// `why`: the fault that the service has to see in its outcome; nothing for a usable answer.
  void call_ended(const call_ticket& call, std::optional<fault> why, time_point now = {});
  void call_cancelled(const call_ticket& call);
  /// Its worker went away before the end, or before it can have passed on the answer.
  void call_abandoned(const call_ticket& call);
  void worker_lost() { ++workers_lost_; }

  // Records in the hands of an instance.
  void limit(int instance, std::size_t records_max, std::size_t bytes_max);
  void fetched(int instance, std::size_t number);
  void released(int instance, std::int32_t partition, std::int64_t from_offset);
  void released_all(int instance);

  /// The instance has put the record away as it came, to fetch it again.
  void put_away(int instance, std::size_t number) { release(instance, number); }

  /// `size` messages wait at an actor; `most` is what can have been asked for.
  void mailbox(std::string_view actor, std::size_t size, std::size_t most);

  void complain(wrong what, const std::string& why);

  /// Called with every complaint, also with those that are only counted.
  std::function<void(const std::string&)> told;

  bool all_ended() const { return open_ == 0; }
  std::size_t open() const { return open_; }

  /// Everything is over; `in_time`: all was committed, too.
  void finish(bool in_time);

  std::uint64_t count(wrong what) const { return counts_[static_cast<std::size_t>(what)]; }
  bool satisfied() const;
  const std::vector<std::string>& complaints() const { return complaints_; }

  std::uint64_t calls = 0;
  std::uint64_t calls_redone = 0; ///< for a request whose answer or call went down with somebody
  std::uint64_t mailbox_most = 0;
  std::uint64_t held_most = 0;

private:
  struct answered_call {
    caller who;
    std::uint64_t serial = 0;
    time_point at{}; ///< when the answer came
  };
  struct state {
    bool good = false;
    std::optional<fault> error{}; ///< the latest error reply's
    bool dead_letter = false;
    bool ended = false;
    std::uint32_t replies = 0;
    std::uint32_t dead_letters = 0;
    std::uint32_t refusals = 0; ///< of its records, by closed topics
    std::array<std::uint16_t, fault_count> failures{}; ///< of its calls
    std::uint32_t failures_sum = 0;
    std::uint32_t cancels = 0;
    unsigned calls = 0; ///< of the present dispatcher
    caller last{};
    std::uint64_t last_serial = 0;
    call_fate fate = call_fate::running; ///< of the last call
    bool had_answer = false; ///< some earlier call had been answered, or went down with its worker
    std::vector<answered_call> answered{}; ///< of each instance the last one
    std::optional<time_point> durable{}; ///< when the broker first took a commit that covers it
    int durable_by = -1;
    std::uint32_t held_by = 0; ///< bit i: instance i has fetched it, and no end is visible
    std::uint32_t held_bytes_by = 0; ///< likewise, and its question has to be kept
    std::vector<std::size_t> repetitions{}; ///< of an original: itself and all requests that repeat it
    std::string topic_id{};
    std::int32_t leader_epoch = -1;
    bool is_gone = false;
    bool is_claimed = false; ///< see claimed()
    bool may_repeat = false;
    std::uint32_t question_done_by =
      0; ///< bit i: its call from instance i has ended, and it may not need its question again
  };
  struct instance {
    std::size_t records_max = 0, bytes_max = 0, records = 0, bytes = 0;
  };
  struct partition {
    std::vector<std::size_t> numbers; ///< of its requests, in order of offset
    std::vector<std::size_t> gone_unreadable; ///< that were there once, and could not be read
    std::size_t verified = 0; ///< those before it are known to have had their end when they were committed
    std::string last_metadata;
  };

  state& of(std::size_t number) { return states_.at(number); }
  std::string name_of(std::size_t number) const;
  void refresh(std::size_t number);
  void unreadable(const outgoing& letter);
  void check_error(std::size_t number, fault why, time_point now);
  void check_order(std::size_t number);
  void check_nodes(std::size_t number, const caller& who);
  void check_covered(std::size_t number, bool accepted, int reader, time_point now);
  /// Whether a commit with this metadata speaks of this record, and not of another one at its offset.
  bool covers(const commit_metadata& known, std::size_t number) const;
  void release(int which, std::size_t number);
  void release_bytes(int which, std::size_t number);
  void question_done(const call_ticket& call);
  instance& at(int which);
  partition& in(std::int32_t which);

public:
  /// A request got its place in the log of this topic, appended by the leader of this epoch.
  void placed(std::size_t number, const std::string& topic_id = {}, std::int32_t leader_epoch = -1) {
    in(requests[number].partition).numbers.push_back(number);
    of(requests[number].original).repetitions.push_back(number);
    of(number).topic_id = topic_id;
    of(number).leader_epoch = leader_epoch;
  }

  /// Its record is there no more: nobody can read it, so it needs no end. It may have had one, or get one.
  void gone(std::size_t number);

  /// Somebody who is not of the group has committed it as finished, and nothing tells that it is not: it need not get
  /// an end.
  void claimed(std::size_t number);

  /// What the group knew of its end is lost, or cannot be told from what it knows of another log: it may be answered
  /// again.
  void may_repeat(std::size_t number);

private:
  rules rules_;
  std::vector<state> states_;
  std::vector<instance> instances_;
  std::vector<partition> partitions_;
  std::size_t open_ = 0;
  std::uint64_t workers_lost_ = 0;
  std::array<std::uint64_t, wrong_count> counts_{};
  std::vector<std::string> complaints_;
};

} // namespace mp::sim
