// Any schema with any answer, on two lines: neither hangs, what is brought into the schema's form follows it, and
// bringing it there again changes nothing.

#include "tests/fuzz/fuzz.hpp"

#include "actors/sanitizer/schema/follow_schema.hpp"
#include "messages/json/json_text.hpp"

#include <string>

using namespace mp;
using fuzz::claim;

namespace {

/// The work that a schema may cause is bounded by steps, not by its size: some two million of them, twice for each
/// change tried.
constexpr double milliseconds_max = 15000;

constexpr std::size_t depth_max = 64;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto line = input.find('\n');
  const auto compiled = answer_schema::compile(input.substr(0, line));
  if (const auto* why = std::get_if<std::string>(&compiled)) {
    claim(!why->empty(), "what is refused is refused with a reason");
    return 0;
  }
  const auto& schema = *std::get<std::shared_ptr<const answer_schema>>(compiled);
  const auto answer = line == std::string_view::npos ? std::string_view{"{}"} : input.substr(line + 1);
  if (!is_valid_json(answer, depth_max))
    return 0;
  const auto json = compact_json(answer);
  const auto began = fuzz::thread_milliseconds();
  const auto outcome = follow_schema(json, schema);
  claim(fuzz::thread_milliseconds() - began <= milliseconds_max, "the work is bounded");
  if (const auto* why = std::get_if<std::string>(&outcome)) {
    claim(!why->empty() && !schema.accepts(json), "only what does not follow the schema is refused, and with a reason");
    return 0;
  }
  const auto& done = std::get<followed>(outcome);
  claim(is_valid_json(done.json, depth_max) && schema.accepts(done.json), "the answer follows the schema");
  claim(!done.mends.empty() || done.json == json, "nothing changes without a name");
  const auto again = follow_schema(done.json, schema);
  const auto* twice = std::get_if<followed>(&again);
  claim(twice != nullptr && twice->json == done.json && twice->mends.empty(), "an answer that follows is left alone");
  return 0;
}
