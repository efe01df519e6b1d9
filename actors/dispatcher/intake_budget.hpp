#pragma once
// How many records and bytes to request from the reader. No actors.

#include <cstddef>
#include <cstdint>
#include <optional>

namespace mp {

struct intake_limits {
  std::size_t ahead = 10;                        ///< BATCH_SIZE: requests read beyond the free slots
  std::size_t held_max = 1'000; ///< requests in the table in any stage: bounds replies not yet acknowledged too
  std::int64_t bytes_max = 64 * 1024 * 1024; ///< MAX_IN_FLIGHT_BYTES
  std::size_t parked_max =
    100; ///< requests that wait for a retry: more of them is trouble that more reading only feeds
};

/// What the dispatcher's table holds.
struct intake_load {
  std::size_t free_slots = 0; ///< of usable hosts
  bool open = false; ///< some host is usable and the service is not draining
  std::size_t waiting = 0; ///< requests that need a slot
  std::size_t held = 0; ///< requests in any stage
  std::int64_t bytes = 0; ///< of all of them
  std::size_t parked = 0; ///< requests that wait for a retry
};

/// An increase of demand.
struct intake_grant {
  std::uint32_t records = 0;
  std::int64_t bytes = 0;
};

/// Accounts for demand that was granted to the reader and has not been used, so that never more arrives than fits.
class intake_budget {
public:
  explicit intake_budget(intake_limits limits) : limits_(limits) {}

  /// The demand to send now, or nothing. Small increases are held back until they make half a batch, unless little is
  /// queued: one message per request would be wasteful.
  std::optional<intake_grant> next(const intake_load& load);

  /// Grants one trial request while intake is paused; nothing while an earlier grant is outstanding.
  std::optional<intake_grant> trial(const intake_load& load);

  /// A record has arrived. False: there was no demand for it.
  bool received(std::size_t bytes);

  /// A new reader: it has no demand yet.
  void reset() { records_ = 0, bytes_ = 0; }

private:
  intake_limits limits_;
  std::size_t records_ = 0; ///< granted and not arrived
  std::int64_t bytes_ = 0; ///< likewise; negative after a record larger than what was left
};

} // namespace mp
