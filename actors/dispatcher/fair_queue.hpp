#pragma once
// Which waiting request gets the next free worker. No actors.

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace mp {

/// Requests that wait for a worker, in fair order.
///
/// Within a class users take turns by deficit round robin: a user gains one unit of credit a round and is served as
/// soon as the credit covers its next request. The rounds are computed, not iterated: an account keeps the round in
/// which its credit was last used up, and the user whose next request is covered in the earliest round is served, so a
/// pick is O(log n) whatever requests cost. A user without waiting requests has neither debt nor credit, so the account
/// is removed; leaving and returning gives no advantage. While two users of a class have requests all the time, their
/// shares differ by no more than the largest cost of the one plus that of the other: with equal costs by two requests,
/// whatever other users do.
///
/// Larger classes go first. One pick in `oldest_turn` goes to the class whose oldest request has waited longest, so
/// that a class is slowed down by the ones above it but never starves.
///
/// A request belongs to a group. Groups can be left out of a pick: their requests keep their places, and the turn goes
/// to the next one that may be served.
class fair_queue {
public:
  using ticket = std::uint64_t; ///< tickets are given in the order of arrival: the smaller one has waited longer

  static constexpr unsigned priority_max = 9;
  static constexpr unsigned oldest_turn = 8;

  /// The longest address that SMTP allows. Longer names of users are told apart by their beginning only: a name can be
  /// as long as a record, and is kept here beside it.
  static constexpr std::size_t user_bytes_max = 320;

  static constexpr std::size_t group_count = 64;
  using groups = std::bitset<group_count>;

  fair_queue() = default;
  fair_queue(const fair_queue&) = delete; // its parts refer to each other
  fair_queue& operator=(const fair_queue&) = delete;

  /// Adds a request. Within user and class the oldest ticket goes first, also one that comes back from a retry. A
  /// priority above the largest is the largest; a cost of 0 counts as 1, or its user would never have to give way.
  /// Which unit costs are in does not matter. A ticket that waits already stays as it is. `group`: below group_count.
  void push(ticket request, std::string_view user, unsigned priority, std::uint32_t cost, std::size_t group = 0);

  /// The request whose turn it is among those of all groups but `held_back`, or nothing when none waits. The same until
  /// the next push, take or remove. O(1), with groups held back O(n) if one waits that may be served.
  std::optional<ticket> front(const groups& held_back = {}) const;

  /// Takes the request out and charges its user. False: it does not wait here.
  bool take(ticket request);

  /// Takes a request out without a charge: it is handed back, or had its end. False: it does not wait here.
  bool remove(ticket request);

  bool contains(ticket request) const { return places_.contains(request); }
  std::size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }

  /// Accounts that are kept: of users who have requests waiting, one for each class.
  std::size_t accounts() const;

private:
  struct waiting {
    std::uint32_t cost = 1;
    std::size_t group = 0;
  };
  struct account {
    std::uint64_t paid = 0; ///< round up to which everything it got is paid
    std::uint64_t turn = 0; ///< order of arrival: decides within a round
    std::map<ticket, waiting> requests; ///< never empty
  };
  using accounts_by_user = std::map<std::string, account, std::less<>>;
  using user_ref = accounts_by_user::iterator;
  using due = std::tuple<std::uint64_t, std::uint64_t, ticket>; ///< round, turn, the user's oldest request

  struct priority_class {
    std::uint64_t round = 0; ///< the one that was served last
    std::uint64_t next_turn = 0;
    accounts_by_user users;
    std::set<due> order; ///< one entry for each user
    std::set<ticket> oldest; ///< all of its requests
  };
  struct place {
    unsigned priority;
    user_ref user;
  };

  /// The turn of a class: the request that it would serve, and its oldest.
  struct candidate {
    due next;
    ticket oldest = 0;
  };

  static due due_of(const account& of);
  static std::optional<candidate> candidate_of(const priority_class& in, const groups& held_back);
  void take_out(std::unordered_map<ticket, place>::iterator which, bool charged);

  std::array<priority_class, priority_max + 1> classes_;
  std::unordered_map<ticket, place> places_;
  std::array<std::size_t, group_count> group_sizes_{};
  unsigned picks_ = 0; ///< since the last one that went to the oldest
};

} // namespace mp
