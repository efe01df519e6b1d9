#pragma once
// Which requests a producer has taken and not yet published in full. No Kafka, no actors.

#include "messages/origin.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mp {

/// Counts the records of each request (one or two) until all are acknowledged. An entry outlives the dispatcher that
/// sent it: its records are under way and will be acknowledged, so the next dispatcher is told of the request and does
/// not repeat the model call.
class pending_publications {
public:
  struct ended_publication {
    origin from;
    bool orphaned = false; ///< its dispatcher is gone
    bool whole = true;   ///< all of its records are acknowledged; else a refused one will not be sent again
  };

  /// The dispatcher hands over a record of the request; `undelivered` are the bits of all records that it still needs.
  /// Gives the number by which the record's result is reported: an orphaned one of the same record has another one.
  std::uint64_t take(const origin& from, std::uint8_t undelivered);

  /// Record `index` is acknowledged. Gives the request when it was its last one, and forgets it; an orphaned one also
  /// when the rest of it was refused before.
  std::optional<ended_publication> acknowledged(const origin& from, std::uint64_t number, std::uint8_t index);

  /// A record was not published. An orphaned request is returned and its entry removed, because nobody will send it
  /// again. Of other requests nothing is returned: the dispatcher decides. An entry without records under way is
  /// removed: if the dispatcher crashed before it had sent the record again, its successor must not be told that this
  /// producer still holds the request.
  std::optional<ended_publication> refused(const origin& from, std::uint64_t number);

  /// A new dispatcher: all of these are its predecessor's.
  void mark_all_orphaned();

  /// Of all requests here.
  std::vector<origin> origins() const;

  std::size_t size() const { return publications_.size(); }

private:
  struct entry {
    origin from;
    std::uint64_t number = 0;
    std::uint8_t acknowledged = 0;
    std::uint8_t undelivered = 0;
    unsigned under_way = 0; ///< records taken whose fate is not known
    bool orphaned = false;
  };
  using publications = std::map<record_key, entry>;
  publications::iterator find(const origin& from, std::uint64_t number);
  void forget_idle(publications::iterator i);

  publications publications_;
  std::uint64_t next_number_ = 1;
};

} // namespace mp
