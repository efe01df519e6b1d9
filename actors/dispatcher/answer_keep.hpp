#pragma once
// Finished answers whose request was lost before they were published. No CAF.

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
#include <utility>
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
  unsigned repair_rounds = 0;
  std::string host;                     ///< of the last call
  std::chrono::nanoseconds model_time{0};
  std::size_t bytes = 0;                ///< what it holds in memory, roughly
};

/// A number that two questions share only when they ask the same, in the same name, with the same headers (a reply repeats those).
/// Of a text longer than 8 KiB, such as a photo, its length and pieces spread over all of it are read, so that it costs
/// microseconds whatever the size. It differs between processes.
std::uint64_t content_of(const request& question);

/// Keeps the answers of requests whose partition was taken away, or whose transaction was given up. A partition often comes back to the
/// same process, after a rebalance or a broker's death, and would have every answer of it paid for again.
class answer_keep {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit answer_keep(answer_keep_limits limits = {}) : limits_(limits) {}

  /// Keeps the answer to the question with this content at this place, in place of an older one there. One that is larger than all
  /// answers may be is not kept.
  void add(const origin& place, std::uint64_t content, kept_answer answer, time_point now);

  /// Whether an answer of this place is kept, to what content ever. Costs next to nothing while nothing is kept.
  bool holds(const origin& place) const { return !answers_.empty() && answers_.contains({place.partition, place.offset}); }

  /// Takes out the answer of this place. Nothing: none is kept, or its question was another one (a topic made anew), which is
  /// then forgotten too.
  std::optional<kept_answer> take(const origin& place, std::uint64_t content, time_point now);

  /// Forgets what is too old.
  void expire(time_point now);

  std::size_t size() const { return answers_.size(); }
  std::size_t bytes() const { return bytes_; }

private:
  using key = std::pair<std::int32_t, std::int64_t>; ///< partition and offset

  struct entry {
    std::uint64_t content = 0;
    std::uint64_t serial = 0;
    kept_answer answer;
  };
  struct added {
    time_point at;
    key where;
    std::uint64_t serial;
  };

  void erase(std::map<key, entry>::iterator which);
  void drop_oldest();

  answer_keep_limits limits_;
  std::map<key, entry> answers_;
  std::deque<added> order_; ///< oldest first; may name some that were taken
  std::size_t bytes_ = 0;
  std::uint64_t next_serial_ = 1;
};

} // namespace mp
