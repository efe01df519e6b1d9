#pragma once
// The transaction coordinator, a part of the broker.

#include "messages/outgoing.hpp"
#include "tests/simulation/sim_kafka/control_arm.hpp"
#include "tests/simulation/sim_kafka/group.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mp::sim {

/// Knows the producers by their transactional.id. A new one of the same id fences the old one and ends what that had
/// begun.
class transactions {
public:
  /// `store`: a record becomes visible to read_committed readers.
  transactions(sim_context& world, network& net, group& members, duration timeout, control_arm arm,
               std::function<void(const outgoing&)> store)
    : world_(world), net_(net), members_(members), timeout_(timeout), arm_(arm), store_(std::move(store)) {}

  /// A producer starts. Gives its epoch.
  int start(const std::string& id);

  enum class taken : std::uint8_t { yes, fenced, refused };

  /// Records of the open transaction, which is begun by the first.
  taken add(const std::string& id, int epoch, std::vector<outgoing> records);

  /// Offsets of the open transaction. `refused`: the member's group has gone on without it.
  taken add_offsets(const std::string& id, int epoch, const membership& who, std::vector<position> offsets);

  /// Ends the open transaction.
  taken end(const std::string& id, int epoch, bool commit);

private:
  struct producer {
    int epoch = 0;
    bool open = false;
    std::uint64_t serial = 0; ///< of the open transaction
    std::vector<outgoing> records;
  };
  void begin(const std::string& id, producer& who);
  void finish(const std::string& id, producer& who, bool commit);
  void watch(const std::string& id, std::uint64_t serial);

  sim_context& world_;
  network& net_;
  group& members_;
  duration timeout_;
  control_arm arm_;
  std::function<void(const outgoing&)> store_;
  std::map<std::string, producer> producers_;
  std::uint64_t next_serial_ = 1;
};

} // namespace mp::sim
