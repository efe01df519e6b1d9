#pragma once
// Whose fault it was that a transaction was aborted. No Kafka, no actors.

#include "actors/producer/transaction_port.hpp"
#include "actors/producer/unit_queue.hpp"

#include <vector>

namespace mp {

struct blamed_unit {
  publication_unit unit;
  std::vector<delivery> fate; ///< of each of its parts
};

struct sorted_units {
  std::vector<blamed_unit> blamed;        ///< it is certain that their records are not taken
  std::vector<publication_unit> suspected; ///< a batch that one of their records was in was refused
  std::vector<publication_unit> innocent;
};

/// `units`: those of the transaction, whose records it had in their order. What a topic refuses from everybody is believed. Of the
/// others Kafka names all records of the batch, so it is certain only where one record alone is named, or one unit was alone.
sorted_units sort_out(std::vector<publication_unit> units, const std::vector<refused_record>& refused);

} // namespace mp
