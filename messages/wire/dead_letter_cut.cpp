#include "messages/wire/dead_letter_cut.hpp"

#include "messages/wire/reply_json.hpp"
#include "messages/wire/request_json.hpp"

#include <string>

namespace mp {
namespace {

constexpr std::string_view cut_header = "cut";

bool belongs_to_payload(const name_and_text& header) {
  return header.first == dead_letter_answer_header || header.first == "problem";
}

template <class Which>
bool erase_headers(outgoing& letter, Which which) {
  return std::erase_if(letter.headers, which) > 0;
}

void note_cut(outgoing& letter, std::string_view what) {
  for (auto& [name, value] : letter.headers)
    if (name == cut_header) {
      value.append(",").append(what);
      return;
    }
  letter.headers.emplace_back(cut_header, what);
}

bool cut_payload(outgoing& letter) {
  bool cut = erase_headers(letter, belongs_to_payload);
  cut |= !letter.body.empty();
  letter.body.clear();
  if (cut)
    note_cut(letter, "payload");
  return cut;
}

bool cut_key(outgoing& letter) {
  if (letter.key.size() <= cut_key_bytes_max)
    return false;
  letter.headers.emplace_back("key-bytes", std::to_string(letter.key.size()));
  auto end = cut_key_bytes_max;
  while (end > cut_key_bytes_max - 4 && (static_cast<unsigned char>(letter.key[end]) & 0xC0) == 0x80)
    --end; // between two characters, where it is text
  letter.key.resize(end);
  note_cut(letter, "key");
  return true;
}

} // namespace

std::optional<outgoing> cut_dead_letter(const outgoing& letter) {
  auto smaller = letter;
  if (cut_payload(smaller))
    return smaller;
  bool cut = erase_headers(smaller, [](const name_and_text& header) { return is_repeated_header(header.first); });
  if (cut)
    note_cut(smaller, "headers");
  cut |= cut_key(smaller);
  return cut ? std::optional{std::move(smaller)} : std::nullopt;
}

std::optional<outgoing> dead_letter_with_key(const outgoing& letter, const origin& from,
                                             std::string_view source_topic) {
  if (!letter.key.empty())
    return std::nullopt;
  auto keyed = letter;
  keyed.key.append(source_topic)
    .append("-")
    .append(std::to_string(from.partition))
    .append("-")
    .append(std::to_string(from.offset));
  keyed.headers.emplace_back("made-key", "true");
  return keyed;
}

} // namespace mp
