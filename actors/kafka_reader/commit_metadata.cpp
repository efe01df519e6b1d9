#include "actors/kafka_reader/commit_metadata.hpp"

#include "actors/kafka_reader/offset_bitmap.hpp"
#include "messages/json/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace mp {
namespace {

constexpr char version = '2';
constexpr char separator = '.';
constexpr std::size_t topic_id_bytes_max = 64; // Kafka's are 16 bytes, 22 characters in base64

bool is_topic_id(std::string_view text) {
  return !text.empty() && text.size() <= topic_id_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_' || c == '+' || c == '/';
  });
}

std::optional<std::int32_t> number_of(std::string_view text) {
  std::int32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

/// The text before the next separator, which is taken off `text`; nothing when there is none.
std::optional<std::string_view> next_part(std::string_view& text) {
  auto end = text.find(separator);
  if (end == std::string_view::npos)
    return std::nullopt;
  auto part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

} // namespace

std::string write_commit_metadata(std::int64_t base, const commit_metadata& what, std::int64_t spread_max) {
  std::string text{version};
  if (is_topic_id(what.topic_id))
    text += what.topic_id;
  text += separator;
  text += std::to_string(what.leader_epoch);
  text += separator;
  return text += write_offset_bitmap(base, what.finished, spread_max);
}

std::optional<commit_metadata> read_commit_metadata(std::int64_t base, std::string_view text, std::int64_t spread_max) {
  commit_metadata found;
  if (!text.empty()) {
    if (!text.starts_with(version))
      return std::nullopt;
    text.remove_prefix(1);
    auto topic_id = next_part(text);
    auto leader_epoch = topic_id ? next_part(text) : std::nullopt;
    auto number = leader_epoch ? number_of(*leader_epoch) : std::nullopt;
    if (!number || !(topic_id->empty() || is_topic_id(*topic_id))
        || text.empty()) // an empty bitmap has its version, too
      return std::nullopt;
    found.topic_id = *topic_id;
    found.leader_epoch = *number;
  }
  auto finished = read_offset_bitmap(base, text, spread_max);
  if (!finished)
    return std::nullopt;
  found.finished = std::move(*finished);
  return found;
}

} // namespace mp
