#pragma once
// Where records that cannot be read begin and end. No Kafka, no actors: values in, values out.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mp {

/// The client could not read a place: the batch there has damaged compression, unpacks to more than is allowed, has a
/// wrong checksum.
struct unreadable_error {
  std::int64_t base =
    0;    ///< offset that the client names: the first one of the batch, which may lie before what was to be read
  std::int64_t log_end =
    0; ///< one above the last offset of the log, at least of what was fetched; less than `base` if unknown
  std::string code;         ///< the client's name of the error
};

/// Offsets that are given up. None of them could be read; there need not be a record at each of them.
struct unreadable_range {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string code;
};

/// Decides for one partition when a place is given up, and finds out how far it extends.
///
/// A batch is packed as a whole, so an error is about all its records, and only the first offset of the batch is known.
/// After `errors_max` equal errors the partition is read from offsets behind it on: an error that names the same first
/// offset says that the batch goes on to there, anything else that it has ended before. The distance doubles as long as
/// the batch goes on, then it is halved: at most two probes for each binary digit of the batch's length. What can be
/// read is never given up: an offset counts as unreadable only when reading from it has failed, and so do those between
/// two such offsets of one batch.
class unreadable_search {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Equal errors in a row after which a place counts as unreadable; the client tries again every tenth of a second.
  static constexpr unsigned errors_max = 5;

  /// A probe that brings neither a record nor an error in this time counts as one behind the batch. (The rest of the
  /// log may be records of an open transaction.) If that is wrong, the range given up is too short and the rest of the
  /// batch the next one. After an error it is the time without a further one in which the place is read once more.
  static constexpr std::chrono::milliseconds probe_wait{5000};

  /// What has to be done.
  struct order {
    bool take = true; ///< came(): the record is to be worked on
    std::optional<std::int64_t> read_from{}; ///< read the partition from this offset on
    std::optional<unreadable_range> found{}; ///< give these up, then read on behind them
    bool log_is_shorter =
      false; ///< came(): a record comes from below the probe, where only a log that ends before it is read
  };

  /// Reading has failed. `position`: the offset to be read next, negative if unknown. An error behind the place that
  /// failed before is like a record that comes there.
  order failed(const unreadable_error& error, std::int64_t position, time_point now);

  /// A record was read. When it lies behind the place that failed, the client has gone on by itself, or what failed was
  /// removed (retention) or replaced: the place is read once more, and the errors there go on counting if there are
  /// any.
  order came(std::int64_t offset, time_point now);

  /// Time has passed. `wanted`: the partition is being read; otherwise a probe cannot bring anything.
  order look(bool wanted, time_point now);

  /// Neither errors nor probes to think of: came() would let the record pass.
  bool idle() const { return errors_ == 0 && !probe_; }

  /// The partition is read from somewhere else.
  void reset() { *this = {}; }

private:
  order next(time_point now);
  order read_again(time_point now);

  unsigned errors_ = 0; ///< equal ones in a row
  std::int64_t first_ = 0; ///< first offset that could not be read
  bool read_again_ = false; ///< reading from `first_` on has been ordered since the last error
  std::int64_t base_ = 0; ///< first offset of its batch, as the client says
  std::string code_;
  std::int64_t within_ = 0; ///< an offset of the batch
  std::int64_t behind_ = 0; ///< one that is not
  std::int64_t distance_ = 1; ///< of the next probe from `within_`
  std::optional<std::int64_t> probe_; ///< reading from here on has been ordered
  time_point asked_{};
};

} // namespace mp
