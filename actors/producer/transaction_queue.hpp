#pragma once
// What waits for the next transaction. No Kafka, no actors.

#include "messages/origin.hpp"
#include "messages/outgoing.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace mp {

/// All records that one request still needs. They become visible together, with its offset.
struct request_publication {
  struct part {
    std::uint64_t token = 0;
    std::uint8_t index = 0;
    shared_outgoing record;
  };

  origin from;
  std::uint8_t undelivered = 0; ///< bit i: record i belongs to it
  bool orphaned = false;          ///< its dispatcher has ended, no receipt is expected
  bool alone = false;           ///< not to be published together with others
  std::vector<part> parts;

  bool complete() const;
};

class transaction_queue {
public:
  /// Record `part` of the request at `from`, which needs `undelivered`. An orphaned one of the same request gives way
  /// to it.
  void add(const origin& from, std::uint8_t undelivered, request_publication::part part, bool alone = false);

  /// Takes the oldest complete publications, together at most `records_max` records, but one publication at least when
  /// there is one. A publication that is to be alone is passed over when others are older, else it is the only one.
  std::vector<request_publication> take(std::size_t records_max);

  /// Puts publications back in front, in their order.
  void put_back(std::vector<request_publication> publications);

  /// A new dispatcher: all of these are its predecessor's. Incomplete ones are dropped: the rest of them will not come.
  void mark_all_orphaned();

  /// Of all publications here.
  std::vector<origin> origins() const;

  /// Records of complete publications.
  std::size_t records() const;

  bool empty() const { return publications_.empty(); }

private:
  void drop_orphaned(const origin& from);

  std::deque<request_publication> publications_;
  std::size_t orphaned_count_ = 0;
};

} // namespace mp
