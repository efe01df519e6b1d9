#pragma once
// The topics of replies and dead letters, and what they refuse.

#include "actors/producer/producer_port.hpp"
#include "messages/outgoing.hpp"
#include "tests/simulation/oracle.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace mp::sim {

class reply_topics {
public:
  struct refusal {
    delivery_result result = delivery_result::failed;
    std::string code;
  };

  /// `picky`: replies under some keys are never taken, as by a compacted topic those without one.
  reply_topics(oracle& judge, bool picky) : judge_(judge), picky_(picky) {}

  /// From now on the topic takes nothing.
  void close(destination to, refusal why) {
    auto& closed = closed_[static_cast<std::size_t>(to)];
    if (!closed)
      sent_.clear();
    closed = std::move(why);
  }
  void open(destination to) { closed_[static_cast<std::size_t>(to)].reset(); }
  void open_all() { closed_ = {}; }
  bool is_closed(destination to) const { return closed_[static_cast<std::size_t>(to)].has_value(); }

  /// Whether and why a record is refused. `sender`: a life of the service.
  std::optional<refusal> look_at(const outgoing& record, const std::string& sender) {
    auto number = number_of(record.headers);
    if (const auto& closed = closed_[static_cast<std::size_t>(record.to)]) {
      if (++sent_[{sender, number}] > sends_max)
        judge_.complain(wrong::resent,
                        "r" + std::to_string(number) + " was sent again and again to a topic that refuses everything");
      judge_.refused(number);
      return closed;
    }
    if (record.to != destination::dead_letter && record.body.size() > reply_bytes_max)
      return refusal{delivery_result::too_large, "MSG_SIZE_TOO_LARGE"};
    if (picky_ && record.to != destination::dead_letter && is_unwanted(record.key))
      return refusal{delivery_result::invalid, "INVALID_RECORD"};
    return std::nullopt;
  }

private:
  // By one life of the service while a topic is closed. It is tried after pauses that grow; crashes of actors forget
  // those.
  static constexpr unsigned sends_max = 14;

  oracle& judge_;
  bool picky_;
  std::array<std::optional<refusal>, 3> closed_;
  std::map<std::pair<std::string, std::int64_t>, unsigned> sent_;
};

} // namespace mp::sim
