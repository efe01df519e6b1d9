#pragma once
// Ways to break the service from outside, each of which the oracle has to notice.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mp::sim {

enum class control_arm : std::uint8_t {
  none,
  commit_on_arrival, ///< the port commits what it hands out
  bitmap_off,        ///< the broker keeps no metadata
  transactions_off,  ///< exactly-once: records are visible at once and stay, whatever becomes of their transaction
  assignments_ignored,    ///< every assignment has the same number, and the broker takes commits of older generations
  demand_ignored,    ///< the dispatcher is told no limits
  refusals_ignored,  ///< a record that its topic refuses is told to be acknowledged
  supervisor_off,    ///< crashed actors stay dead
  log_changes_ignored, ///< nothing is said of logs, and what comes below the position reached is dropped
  answers_dropped,   ///< nothing is kept of a partition that was taken away
  node_answers_dropped, ///< worker nodes keep nothing of a reader that is lost
};

struct control_arm_row {
  control_arm arm;
  std::string_view name;
  std::string_view meaning;
};

inline constexpr std::array control_arms{
  control_arm_row{control_arm::commit_on_arrival, "commit_on_arrival", "requests are committed when they are read"},
  control_arm_row{control_arm::bitmap_off, "bitmap_off", "finished requests above the commit point are forgotten"},
  control_arm_row{control_arm::transactions_off, "transactions_off",
                  "replies are visible whatever becomes of their transaction"},
  control_arm_row{control_arm::assignments_ignored, "assignments_ignored",
                  "results of an older assignment count for the present one"},
  control_arm_row{control_arm::demand_ignored, "demand_ignored", "the reader is asked for everything there is"},
  control_arm_row{control_arm::refusals_ignored, "refusals_ignored",
                  "records that their topics refuse count as published"},
  control_arm_row{control_arm::supervisor_off, "supervisor_off", "crashed actors stay dead"},
  control_arm_row{control_arm::log_changes_ignored, "log_changes_ignored",
                  "positions count whatever has become of the log"},
  control_arm_row{control_arm::answers_dropped, "answers_dropped",
                  "answers of partitions that were taken away are not kept"},
  control_arm_row{control_arm::node_answers_dropped, "node_answers_dropped",
                  "worker nodes do not keep answers of readers that are lost"},
};

inline std::optional<control_arm> control_arm_of(std::string_view name) {
  for (const auto& each : control_arms)
    if (each.name == name)
      return each.arm;
  return std::nullopt;
}

} // namespace mp::sim
