#include "messages/record_identity.hpp"

#include <cstddef>
#include <cstring>

namespace mp {
namespace {

// Odd numbers with bits in no order (digits of pi): multiplying by one loses nothing and carries every bit upwards.
constexpr std::uint64_t factor = 0x243f6a8885a308d3, second_factor = 0xa4093822299f31d1;

constexpr std::uint64_t mixed(std::uint64_t sum, std::uint64_t more) {
  auto product = (sum ^ more) * factor;
  return (product ^ product >> 32) * second_factor; // what was carried up comes down, and goes up once more
}

std::uint64_t word_at(const char* place) {
  std::uint64_t word = 0;
  std::memcpy(&word, place, sizeof word);
  return word;
}

/// Both halves of the product: every bit of either factor reaches the result, 16 bytes for one multiplication.
std::uint64_t folded(std::uint64_t a, std::uint64_t b) {
  __extension__ using wide = unsigned __int128;
  auto product = wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// Two sums that do not wait for each other: a photo has megabytes.
std::uint64_t mixed(std::uint64_t sum, std::string_view text) {
  sum = mixed(sum, text.size());
  if (constexpr std::size_t stride = 32; text.size() >= stride) {
    auto even = sum, odd = sum + 1;
    for (; text.size() >= stride; text.remove_prefix(stride)) {
      even = folded(even ^ word_at(text.data()), factor ^ word_at(text.data() + 8));
      odd = folded(odd ^ word_at(text.data() + 16), second_factor ^ word_at(text.data() + 24));
    }
    sum = mixed(mixed(sum, even), odd);
  }
  for (; text.size() >= 8; text.remove_prefix(8))
    sum = mixed(sum, word_at(text.data()));
  std::uint64_t rest = 0;
  if (!text.empty())
    std::memcpy(&rest, text.data(), text.size());
  return mixed(sum, rest);
}

// A photo has hundreds of kilobytes. Reading all of them once more took 8 % of its processor time, 19 KiB of them 6 %
// of the service's instructions. Its beginning and end, and samples of what lies between, tell photos apart: compressed
// data differ everywhere.
constexpr std::size_t whole_bytes_max = std::size_t{32} << 10, end_bytes = std::size_t{4} << 10;
constexpr std::size_t sample_distance = 4096, sample_bytes = 64;

std::uint64_t mixed_body(std::uint64_t sum, std::string_view body) {
  if (body.size() <= whole_bytes_max)
    return mixed(sum, body);
  sum = mixed(mixed(sum, body.size()), body.substr(0, end_bytes));
  for (auto place = end_bytes; place < body.size() - end_bytes; place += sample_distance)
    sum = mixed(sum, body.substr(place, sample_bytes));
  return mixed(sum, body.substr(body.size() - end_bytes));
}

} // namespace

std::uint64_t record_identity(std::string_view topic_id, std::int32_t leader_epoch, std::int64_t timestamp_ms,
                              std::string_view key, std::string_view body,
                              const std::vector<std::pair<std::string, std::string>>& headers) {
  auto sum = mixed(static_cast<std::uint64_t>(timestamp_ms), static_cast<std::uint32_t>(leader_epoch));
  sum = mixed_body(mixed(mixed(sum, topic_id), key), body);
  for (const auto& [name, text] : headers)
    sum = mixed(mixed(sum, name), text);
  sum = mixed(sum ^ sum >> 32, headers.size());
  return sum == 0 ? 1 : sum;
}

} // namespace mp
