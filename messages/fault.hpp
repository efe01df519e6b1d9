#pragma once
// The one table of faults. Error replies, dead letters, metric labels, log fields and retry decisions all come from
// here.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mp {

/// Everything that can go wrong with one request. The order is that of the table in fault.cpp.
enum class fault : std::uint8_t {
  // The record cannot be understood or answered: its sender is unknown, so a dead letter.
  not_json,
  not_utf8,
  not_an_object,
  no_user_email,
  request_too_large,
  record_unreadable,
  // The question cannot be put to a model: error reply to its sender.
  no_question,
  photo_not_base64,
  photo_unreadable,
  photo_truncated,
  photo_too_large,
  invalid_request,
  model_not_found,
  model_lacks_vision,
  model_refused,
  question_too_long,
  expired,
  rate_limited,
  // The host could not work on it.
  host_unreachable,
  host_busy,
  runner_died,
  model_error,
  stream_cut,
  first_byte_timeout,
  idle_timeout,
  call_timeout,
  cancelled,
  // The model answered, but not usably.
  answer_empty,
  answer_too_large,
  truncated,
  invalid_answer,
  runaway_answer,
  degenerate_answer,
  poison,
  // Our own part failed.
  worker_lost,
  node_lost,
  reply_too_large,
  reply_refused,
};

/// What the dispatcher does about a fault.
enum class retry_class : std::uint8_t {
  dead_letter,   ///< the sender is unknown: dead letter only
  tell,          ///< the sender's mistake: error reply only, no attempt is worth it
  wait_for_host, ///< the host's state, not the request's fault: again when a host is usable, no attempt is charged
  retry,         ///< again after a backoff, another host first, one attempt charged; then error reply and dead letter
  retry_once,    ///< as retry, but two attempts at most: the call may have cost a whole time limit already
  give_up,       ///< no retry can help: error reply and dead letter
};

/// What the table says of a fault.
struct fault_info {
  fault kind;
  std::string_view code;  ///< stable name: `error.code` of replies, metric label, log field
  retry_class retry;
  std::string_view text;  ///< for the sender of the request; carries no internals
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::reply_refused) + 1;

/// The table, in the order of the enumeration.
const std::array<fault_info, fault_count>& faults();

/// What the table says of `f`. Never fails: every enumerator has one (checked at compile time).
const fault_info& info_of(fault f);

/// The stable code of `f`, for example "photo_unreadable".
inline std::string_view code_of(fault f) { return info_of(f).code; }

inline std::string to_string(fault f) { return std::string{code_of(f)}; }

/// The name of `value`, for example "retry_once": header `class` of dead letters.
std::string_view to_string(retry_class value);

} // namespace mp
