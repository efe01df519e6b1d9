#include "actors/dispatcher/dispatcher_state.hpp"

#include <algorithm>

namespace mp {

bool dispatcher_state::may_begin(const in_flight_request& row) const {
  return !draining.begun && row.owner == ownership::assigned;
}

void dispatcher_state::on_reader_lost() {
  for (auto* row : table.all())
    row->owner = mp::on_reader_lost(row->owner);
  // Which of its ends are committed nobody knows, nor who reads them next.
  for (const auto& record : nodes.uncommitted.take_all())
    nodes.released.push_back(record);
  for (auto* row : table.unbegun())
    drop(*row);
  // What nodes have is whoever's reads the requests next: by then it is offered, to this process too.
  for (auto* row : table.all()) {
    bool goes_on_elsewhere = is_at_node(*row);
    if (row->called_remotely)
      release(*row);
    if (goes_on_elsewhere)
      drop(*row);
  }
}

void dispatcher_state::catch_up(const partitions_taken& taken) {
  for (const auto& each : taken.partitions)
    for (auto* row : table.all()) {
      bool ended_elsewhere = row->from.offset < each.next
                             || std::binary_search(each.finished.begin(), each.finished.end(), row->from.offset);
      bool on_its_way =
        is_ended(row->stage) && row->stage != request_stage::awaiting_redelivery && !publishing.waits_for_topic(*row);
      bool concerned = row->owner == ownership::reader_lost || row->from.assignment == each.assignment;
      if (!concerned || row->from.partition != each.partition || !ended_elsewhere || on_its_way)
        continue;
      call_off(*row);
    }
  after();
}

void dispatcher_state::on_revoking(const partitions_leaving& revoking) {
  for (const auto& each : revoking.partitions) {
    for (auto* row : table.of_partition(each.partition, each.assignment))
      row->owner = mp::on_revoking(row->owner);
    for (auto* row : table.unbegun())
      if (row->owner == ownership::revoking && row->from.partition == each.partition)
        hand_back(*row);
  }
  after();
}

void dispatcher_state::on_revoked(const partitions_gone& revoked) {
  std::vector<in_flight_request*> rows, elsewhere;
  for (const auto& each : revoked.partitions)
    for (auto* row : table.of_partition(each.partition, each.assignment)) {
      row->owner = ownership::revoked;
      bool goes_on_elsewhere = is_at_node(*row);
      if (row->called_remotely)
        release(*row);
      if (goes_on_elsewhere)
        elsewhere.push_back(row);
      else if (is_unbegun(row->stage) || (draining.begun && !is_ended(row->stage)))
        rows.push_back(row);
      if (is_ended(row->stage) && publishing.waits_for_topic(*row)) { // it will not be published here
        keep_answer(*row);
        rows.push_back(row);
      }
    }
  for (const auto& each : revoked.partitions)
    for (const auto& record : nodes.uncommitted.take_partition(each.partition))
      nodes.released.push_back(record);
  for (auto* row : elsewhere)
    drop(*row);
  for (auto* row : rows)
    call_off(*row);
  after();
}

void dispatcher_state::assigned_count(const group_state& state) {
  group = state;
  tell_monitor();
}

} // namespace mp
