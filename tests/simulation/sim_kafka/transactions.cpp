#include "tests/simulation/sim_kafka/transactions.hpp"

#include <iterator>

namespace mp::sim {

int transactions::start(const std::string& id) {
  auto& who = producers_[id];
  if (who.open)
    finish(id, who, false);
  return ++who.epoch;
}

void transactions::begin(const std::string& id, producer& who) {
  if (who.open)
    return;
  who.open = true;
  who.serial = next_serial_++;
  watch(id, who.serial);
}

/// A transaction that nobody ends is aborted after a while, and its producer fenced.
void transactions::watch(const std::string& id, std::uint64_t serial) {
  world_.time.after(timeout_, [this, id, serial] {
    auto& who = producers_.at(id);
    if (!who.open || who.serial != serial)
      return;
    if (net_.broker_is_away()) {
      watch(id, serial);
      return;
    }
    world_.note("transaction of ", id, " takes too long");
    finish(id, who, false);
    ++who.epoch;
  });
}

transactions::taken transactions::add(const std::string& id, int epoch, std::vector<outgoing> records) {
  auto& who = producers_.at(id);
  if (who.epoch != epoch)
    return taken::fenced;
  begin(id, who);
  if (arm_ == control_arm::transactions_off)
    for (const auto& each : records)
      store_(each);
  else
    who.records.insert(who.records.end(), std::make_move_iterator(records.begin()),
                       std::make_move_iterator(records.end()));
  return taken::yes;
}

transactions::taken transactions::add_offsets(const std::string& id, int epoch, const membership& member,
                                              std::vector<position> offsets) {
  auto& who = producers_.at(id);
  if (who.epoch != epoch)
    return taken::fenced;
  if (members_.may_commit(member) != commit_result::done)
    return taken::refused;
  begin(id, who);
  members_.hold(id, std::move(offsets));
  return taken::yes;
}

transactions::taken transactions::end(const std::string& id, int epoch, bool commit) {
  auto& who = producers_.at(id);
  if (who.epoch != epoch)
    return taken::fenced;
  if (who.open)
    finish(id, who, commit);
  return taken::yes;
}

void transactions::finish(const std::string& id, producer& who, bool commit) {
  world_.note("transaction of ", id, commit ? " is committed" : " is aborted");
  auto records = std::move(who.records);
  who.records.clear();
  who.open = false;
  if (commit)
    for (const auto& each : records)
      store_(each);
  members_.end_held(id, commit);
}

} // namespace mp::sim
