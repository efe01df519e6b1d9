// Any text as commit metadata: what is read lies within the spread and survives being written. The first nine bytes
// choose base and spread, the rest is the text.

#include "tests/fuzz/fuzz.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_bitmap.hpp"

#include <string>

using namespace mp;
using fuzz::claim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const auto base = static_cast<std::int64_t>(in.number()); // a foreign member of the group may commit any
  const auto spread_max = std::int64_t{1} << in.byte() % 15;
  const auto text = in.rest();
  if (const auto found = read_commit_metadata(base, text, spread_max))
    claim(read_commit_metadata(base, write_commit_metadata(base, *found, spread_max), spread_max) == found,
          "metadata that was read can be written and read again");
  const auto finished = fuzz::in_linear_time(text.size(), [&] { return read_offset_bitmap(base, text, spread_max); });
  if (!finished)
    return 0;
  for (const auto offset : *finished)
    claim(offset >= base && offset < base + spread_max, "offsets lie within the spread");
  const auto written = write_offset_bitmap(base, *finished, spread_max);
  claim(read_offset_bitmap(base, written, spread_max) == finished, "what was read can be written and read again");
  return 0;
}
