#pragma once
// Whose fault it was that a transaction was aborted. No Kafka, no actors.

#include "actors/producer/transaction_port.hpp"
#include "actors/producer/transaction_queue.hpp"

#include <vector>

namespace mp {

struct blamed_publication {
  request_publication publication;
  std::vector<delivery> fate; ///< of each of its parts
};

struct sorted_publications {
  std::vector<blamed_publication> blamed;        ///< it is certain that their records are not taken
  std::vector<request_publication> suspected; ///< a batch that one of their records was in was refused
  std::vector<request_publication> innocent;
};

/// `publications`: those of the transaction, whose records it had in their order. What a topic refuses from everybody
/// is believed. Of the others Kafka names all records of the batch, so it is certain only where one record alone is
/// named, or one publication was alone.
sorted_publications sort_out(std::vector<request_publication> publications, const std::vector<refused_record>& refused);

} // namespace mp
