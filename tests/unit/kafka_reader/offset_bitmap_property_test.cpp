#define CAF_SUITE offset_bitmap_property
#include "tests/support/test.hpp"

#include "actors/kafka_reader/offset_bitmap.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <array>
#include <string>

using namespace mp;
using property::dice;
using property::holds;

namespace {

using offsets = std::set<std::int64_t>;

const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The same text, bit by bit: a digit of base64 holds six of them, the first in its highest place, and a byte its
/// lowest bit last.
std::string naive_bitmap(std::int64_t base, const offsets& finished, std::int64_t spread_max) {
  std::string bits; // '0' and '1' in the order of base64
  for (auto offset : finished) {
    if (offset < base || offset >= base + spread_max)
      continue;
    auto bit = static_cast<std::size_t>(offset - base);
    if (bits.size() < (bit / 8 + 1) * 8)
      bits.resize((bit / 8 + 1) * 8, '0');
    bits[bit / 8 * 8 + 7 - bit % 8] = '1';
  }
  auto padding = (3 - bits.size() / 8 % 3) % 3;
  bits.resize(bits.size() + padding * 8, '0');
  std::string text = "1";
  for (std::size_t i = 0; i < bits.size(); i += 6) {
    std::size_t digit = 0;
    for (std::size_t k = 0; k < 6; ++k)
      digit = digit * 2 + (bits[i + k] == '1');
    text += alphabet[digit];
  }
  for (std::size_t i = 0; i < padding; ++i)
    text[text.size() - 1 - i] = '=';
  return text;
}

} // namespace

TEST_CASE("any set of offsets is written as bit by bit, fits the broker's limit and is read back") {
  constexpr std::array<std::int64_t, 4> spreads{8, 64, 100, 8192};
  property::random_steps([&](dice& chance) {
    auto base = chance.one_in(3) ? chance.between(0, 100) : chance.between(0, std::int64_t{1} << 40);
    auto spread = spreads[chance.below(chance.one_in(200) ? 4 : 3)];
    offsets finished, covered;
    for (auto count = chance.below(8); count > 0; --count) {
      auto offset = base + chance.between(-5, chance.one_in(3) ? spread + 5 : 30);
      finished.insert(offset);
      if (offset >= base && offset < base + spread)
        covered.insert(offset);
    }
    auto text = write_offset_bitmap(base, finished, spread);
    holds(text == naive_bitmap(base, finished, spread), "each bit stands where it belongs");
    holds(text.size() <= 4'096, "the broker takes it");
    auto back = read_offset_bitmap(base, text, (spread + 7) / 8 * 8);
    holds(back == covered, "what was written is read back");
  });
}

TEST_CASE("whatever was damaged in a text, it is refused or read as offsets within the spread, and written alike") {
  constexpr std::int64_t spread = 96;
  property::random_steps([&](dice& chance) {
    offsets finished;
    for (auto count = chance.below(6); count > 0; --count)
      finished.insert(1'000 + chance.between(0, spread - 1));
    auto text = write_offset_bitmap(1'000, finished, spread);
    for (auto damages = chance.below(3); damages > 0; --damages) {
      auto at = chance.below(text.size() + 1);
      auto letter = chance.one_in(2) ? alphabet[chance.below(64)] : static_cast<char>(chance.below(256));
      if (chance.one_in(8))
        letter = '=';
      switch (chance.below(4)) {
        case 0: text.resize(at); break;
        case 1: text.insert(at, chance.below(4) + 1, letter); break;
        default:
          if (at < text.size())
            text[at] = letter;
          break;
      }
    }
    auto read = read_offset_bitmap(1'000, text, spread);
    if (!read)
      return;
    holds(read->empty() || (*read->begin() >= 1'000 && *read->rbegin() < 1'000 + spread),
          "no offset beyond the spread");
    auto again = write_offset_bitmap(1'000, *read, spread);
    holds(read_offset_bitmap(1'000, again, spread) == read, "what was understood stays the same");
    holds(text.empty() || text[0] == '1', "only a text of ours is understood");
  });
}
