#define CAF_SUITE unreadable_search_property
#include "tests/support/test.hpp"

#include "actors/kafka_reader/unreadable_search.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

using namespace mp;
using property::dice;
using property::holds;

namespace {

/// A partition of batches, some of which cannot be read, with gaps within and between them.
struct log_of_batches {
  struct batch {
    std::int64_t base;
    std::int64_t last;
    bool readable;
    std::vector<std::int64_t> records;
  };
  std::vector<batch> batches;
  std::int64_t end = 0;
  std::int64_t stable_end = 0; ///< nothing from here on is given out

  explicit log_of_batches(dice& chance) {
    auto count = chance.between(1, 12);
    for (std::int64_t i = 0; i < count; ++i) {
      if (chance.one_in(4))
        end += chance.between(1, 5);
      batch b{end, 0, !chance.one_in(3), {}};
      b.last = b.base + (chance.one_in(10) ? chance.between(1'000, 100'000) : chance.between(0, 12));
      for (auto offset = b.base; offset <= b.last; offset += chance.one_in(6)        ? chance.between(2, 9)
                                                             : b.last - b.base > 500 ? 97
                                                                                     : 1)
        b.records.push_back(offset);
      end = b.last + 1;
      batches.push_back(std::move(b));
    }
    stable_end = chance.one_in(4) ? batches.at(chance.below(batches.size())).base : end;
  }

  const batch* at_or_behind(std::int64_t offset) const {
    for (const auto& each : batches)
      if (each.last >= offset && each.base < stable_end)
        return &each;
    return nullptr;
  }
};

} // namespace

TEST_CASE("whatever the log: all that can be read is read once and in order, all that cannot is given up once, in "
          "bounded time") {
  property::random_steps(
    [](dice& chance) {
      log_of_batches log{chance};
      auto position = chance.one_in(2) ? 0 : chance.between(0, log.stable_end);
      auto begin = position;
      auto at = position; // where the client reads
      unreadable_search search;
      unreadable_search::time_point now{};
      std::vector<std::int64_t> taken;
      std::map<std::int64_t, int> given_up;
      std::size_t fetches = 0;
      auto obey = [&](const unreadable_search::order& ordered) {
        if (ordered.read_from)
          at = *ordered.read_from;
        if (!ordered.found)
          return;
        holds(ordered.found->first >= position && ordered.found->last >= ordered.found->first,
              "what is given up lies ahead");
        for (const auto& each : log.batches)
          for (auto offset : each.records)
            if (offset >= ordered.found->first && offset <= ordered.found->last) {
              holds(!each.readable, "nothing that can be read is given up");
              ++given_up[offset];
            }
        at = position = ordered.found->last + 1;
        search.reset();
      };
      for (;;) {
        holds(++fetches < 2'000, "the search ends");
        const auto* next = log.at_or_behind(at);
        if (next == nullptr || chance.one_in(50)) { // nothing comes
          now += unreadable_search::probe_wait;
          auto ordered = search.look(true, now);
          obey(ordered);
          if (next == nullptr && !ordered.read_from && !ordered.found)
            break;
          continue;
        }
        if (!next->readable) {
          auto ordered = search.failed({next->base, chance.one_in(10) ? -1 : log.end, "code"}, position, now);
          if (!ordered.read_from && !ordered.found && chance.one_in(4))
            at = next->last + 1; // the client goes on by itself
          obey(ordered);
          continue;
        }
        for (auto offset : next->records) {
          if (offset < at)
            continue;
          auto ordered = search.came(offset, now);
          if (!ordered.take) {
            obey(ordered);
            next = nullptr;
            break;
          }
          taken.push_back(offset);
          at = position = offset + 1;
        }
        if (next != nullptr)
          at = std::max(at, next->last + 1);
      }
      std::vector<std::int64_t> expected;
      for (const auto& each : log.batches)
        for (auto offset : each.records)
          if (offset >= begin && each.base < log.stable_end) {
            if (each.readable)
              expected.push_back(offset);
            else
              holds(given_up[offset] == 1, "what cannot be read is given up once");
          }
      holds(taken == expected, "what can be read is taken once and in order");
    },
    20'000);
}
