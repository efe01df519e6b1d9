#pragma once
// What a worker node remembers of calls, so that no model is asked twice because a reader was lost. No actors.

#include "messages/interfaces.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mp {

struct held_answer_limits {
  std::chrono::milliseconds age_max{60'000};         ///< ORPHAN_ANSWER_KEEP: after the reader was lost
  std::size_t bytes_max = 64 * 1024 * 1024;          ///< of all answers; the oldest is dropped first
};

/// Every call of a worker node from its beginning until its readers say that the request has had its end. A call whose
/// reader is lost, or has given up the request, is an orphan: it goes on, and it, or its answer, is offered to every
/// reader. Whoever has the request next adopts it. A reader may not know yet that a partition is no longer its own;
/// then the call is its own and the next one's.
class held_answers {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using owner_id = std::uint64_t; ///< a reader's session
  using call_id = std::uint64_t;  ///< the reader's number of the call

  explicit held_answers(held_answer_limits limits = {}) : limits_(limits) {}

  struct owned_call {
    owner_id owner = 0;
    call_id call = 0;

    bool operator==(const owned_call&) const = default;
  };

  /// A call has begun. An older one of the same request is forgotten, although it may go on. Gives the call's number
  /// here.
  std::uint64_t begun(const call_key& key, const std::string& model, owned_call by);

  /// Call `serial` has ended with this answer. Gives whose it is: none when it was forgotten, or is an orphan.
  std::vector<owned_call> answered(const call_key& key, std::uint64_t serial, const call_result& result,
                                   time_point now);

  /// Call `serial` has ended without an answer: nothing is left of it. Gives whose it was.
  std::vector<owned_call> failed(const call_key& key, std::uint64_t serial);

  bool is_orphan(const call_key& key) const;
  bool is_owned(const call_key& key, std::uint64_t serial, owned_call by) const;

  /// One of its readers does not want call `serial` any more. True: none does, and it is forgotten.
  bool cancelled(const call_key& key, std::uint64_t serial, owned_call by);

  /// For this reader its request has had its end, or the answer was of no use.
  void settled(owner_id owner, const call_key& key);

  /// The reader's calls are orphans from now on. Gives them, to be offered.
  std::vector<held_call> lose_owner(owner_id owner, time_point now);

  /// The reader has given up these requests: as lose_owner(), for those it owns.
  std::vector<held_call> lose_owner(owner_id owner, const std::vector<call_key>& keys, time_point now);

  /// All orphans, for a reader that joins.
  std::vector<held_call> orphans() const;

  struct adoption {
    enum class kind : std::uint8_t { none, running, answered } what = kind::none;
    call_result result{}; ///< answered
  };

  /// The call becomes one of this reader. Not one of another model, and not its own: it asks anew then.
  adoption adopt(const call_key& key, const std::string& model, owned_call by);

  /// Forgets answers that nobody has wanted for too long.
  void expire(time_point now);

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }

private:
  struct entry {
    std::uint64_t serial = 0;
    std::string model;
    std::vector<owned_call> owners; ///< none: an orphan
    std::optional<call_result> result{};
    std::size_t bytes = 0;
    std::optional<time_point> orphan_since{};
    std::uint64_t order = 0; ///< of the answers
  };
  using entries = std::map<call_key, entry>;

  entries::iterator erase(entries::iterator which);
  bool lose(entries::value_type& each, owner_id owner, time_point now);
  held_call offer_of(const entries::value_type& each) const;
  void drop_oldest();

  held_answer_limits limits_;
  entries entries_;
  std::map<std::uint64_t, call_key> by_age_; ///< answers, oldest first
  std::size_t bytes_ = 0;
  std::uint64_t next_serial_ = 1;
  std::uint64_t next_order_ = 1;
};

} // namespace mp
