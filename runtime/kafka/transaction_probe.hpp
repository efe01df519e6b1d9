#pragma once
// Whether a transactional producer could start here. Blocks; for commands only.

#include "runtime/kafka/transaction_options.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mp::kafka {

struct transaction_report {
  std::string
    fault; ///< the error's name, such as TRANSACTIONAL_ID_AUTHORIZATION_FAILED; empty: nothing speaks against it
  std::string words; ///< the client's, about the fault
  std::int64_t timeout_ms = 0;                   ///< transaction.timeout.ms, as it will be used
  std::optional<std::int64_t> timeout_ms_limit;  ///< the broker's transaction.max.timeout.ms, where it may be read
};

/// Asks with a transaction timeout that no broker allows: the broker looks at the rights before it refuses that, and
/// the instance that runs with the same id is not fenced. Throws std::runtime_error for properties that librdkafka
/// refuses.
transaction_report probe_transactions(const transaction_options& options, std::chrono::milliseconds limit);

} // namespace mp::kafka
