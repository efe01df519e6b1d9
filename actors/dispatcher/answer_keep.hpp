#pragma once
// Finished answers whose request was lost before they were published. No actors.

#include "messages/fault.hpp"
#include "messages/origin.hpp"
#include "messages/outgoing.hpp"
#include "messages/request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mp {

struct answer_keep_limits {
  std::chrono::milliseconds age_max{60'000}; ///< ANSWER_KEEP; 0: nothing is kept
  std::size_t bytes_max = 16 * 1024 * 1024;  ///< of all answers kept; the oldest is dropped first
};

/// The end of a request as a model call made it, and what is told of that call.
struct kept_answer {
  std::vector<shared_outgoing> records; ///< what is to be published
  std::optional<fault> ended_by;        ///< empty: it ends well
  bool dead_letter = false;             ///< one of the records is a dead letter
  shared_value<bad_record> identity;    ///< whose it is, should the reply turn out to be too large
  unsigned attempts = 0;                ///< calls charged
  unsigned reask_rounds = 0;
  std::string host;                     ///< of the last call
  std::chrono::nanoseconds model_time{0};
  std::size_t bytes = 0;                ///< what it holds in memory, roughly
};

/// Keeps the answers of requests whose partition was taken away, or whose transaction was given up. A partition often
/// comes back to the same process, after a rebalance or a broker's death, and without the kept answers every one of its
/// model calls would be repeated.
class answer_keep {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit answer_keep(answer_keep_limits limits = {}) : limits_(limits) {}

  /// Keeps the answer to this record, in place of an older one. One that is larger than all answers may be is not kept.
  void add(const record_key& question, kept_answer answer, time_point now);

  /// Takes out the answer to this record, if one is kept. Another record at the same place (of a topic made anew) has
  /// none.
  std::optional<kept_answer> take(const record_key& question, time_point now);

  /// Forgets what is too old.
  void expire(time_point now);

  std::size_t size() const { return answers_.size(); }
  std::size_t bytes() const { return bytes_; }

private:
  struct entry {
    std::uint64_t serial = 0;
    kept_answer answer;
  };
  struct added {
    time_point at;
    record_key question;
    std::uint64_t serial;
  };

  void erase(std::map<record_key, entry>::iterator which);
  void drop_oldest();

  answer_keep_limits limits_;
  std::map<record_key, entry> answers_;
  std::deque<added> order_; ///< oldest first; may name some that were taken
  std::size_t bytes_ = 0;
  std::uint64_t next_serial_ = 1;
};

} // namespace mp
