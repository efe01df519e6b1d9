#pragma once
// Which reader is promised the free slots of a worker node. No actors.

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace mp {

/// Every slot of a host is promised to one reader at most: it is free, offered to a reader, or works for one. All free
/// ones are always offered, so that a call costs no round trip. As many as another
/// reader's backlog needs are taken back from readers without one; a reader either gives an offer back or has used it
/// meanwhile. Readers with a backlog get slots in turn, the one with the fewest first.
class slot_offers {
public:
  using reader_id = std::uint64_t;

  /// What is to be told to a reader.
  struct action {
    reader_id reader = 0;
    std::size_t host = 0;
    enum class kind : std::uint8_t { offer, recall } what = kind::offer;
    std::size_t count = 0;
  };

  explicit slot_offers(std::size_t hosts) : hosts_(hosts) {}

  void add_reader(reader_id reader) { readers_.try_emplace(reader, std::vector<share>(hosts_.size())); }

  /// What it was offered is free again. What works for it goes on, for nobody.
  void remove_reader(reader_id reader);

  /// How many requests wait at the reader for which it has no slot, roughly.
  void set_backlog(reader_id reader, std::size_t requests);

  /// A worker of the host can take a call.
  void slot_added(std::size_t host);

  /// A worker of the host is gone that was idle. What was promised stays promised: it starts again in a moment.
  void slot_removed(std::size_t host);

  /// The reader uses a slot that it was offered. False: it was offered none.
  bool used(reader_id reader, std::size_t host);

  /// The call that used it has ended, or was never begun. 0: of a reader that is gone.
  void ended(reader_id reader, std::size_t host);

  /// The reader gives back offers.
  void returned(reader_id reader, std::size_t host, std::size_t count);

  /// Nothing is offered any more, because the node is stopping.
  void stop() { stopping_ = true; }

  /// Distributes what is free. Gives what is to be told.
  std::vector<action> distribute();

  std::size_t offered(reader_id reader, std::size_t host) const;
  std::size_t free(std::size_t host) const { return hosts_[host].free; }

private:
  struct share {
    std::size_t offered = 0;
    std::size_t recalled = 0; ///< of these
    std::size_t busy = 0;
  };
  struct reader {
    explicit reader(std::vector<share> per_host) : hosts(std::move(per_host)) {}
    std::vector<share> hosts;
    std::size_t backlog = 0;
  };
  struct host {
    std::size_t free = 0;
    std::size_t owed = 0; ///< workers that are gone although their slot is promised
  };

  reader_id next_for(std::size_t host) const;
  void recall(std::size_t host, std::vector<action>& actions);
  void give_back(std::size_t host, std::size_t count);

  std::vector<host> hosts_;
  std::map<reader_id, reader> readers_;
  bool stopping_ = false;
};

} // namespace mp
