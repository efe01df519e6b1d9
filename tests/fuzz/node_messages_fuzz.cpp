// Any bytes as what a reader or a worker node reads from the other: a message is refused or survives being written, and
// pieces in any order never hold more than is allowed. The first byte chooses.

#include "tests/fuzz/fuzz.hpp"

#include "actors/node_link/blob.hpp"
#include "actors/node_link/pieces.hpp"

#include <caf/init_global_meta_objects.hpp>

using namespace mp;
using fuzz::claim;

namespace {

template <class Message>
void read_and_write(std::string_view bytes) {
  Message message;
  if (!fuzz::in_linear_time(bytes.size(), [&] { return from_bytes(bytes, message); }))
    return;
  const auto written = to_bytes(message);
  Message again;
  claim(from_bytes(written.view(), again), "what was read can be written and read again");
  claim(to_bytes(again).view() == written.view(), "and is the same then");
}

void join_pieces(fuzz::input& in) {
  constexpr std::size_t bytes_max = 1'000;
  piece_joiner joiner{bytes_max};
  std::size_t held_at_most = 0;
  while (!in.rest().empty()) {
    const auto stream = std::uint64_t{in.byte()} % 4;
    const auto is_last = in.byte() % 2 == 0;
    const auto size = std::size_t{in.byte()};
    held_at_most += size;
    switch (joiner.add({1, stream, is_last, text_slice{std::string(size, 'x')}})) {
      case piece_joiner::verdict::more: break;
      case piece_joiner::verdict::whole: claim(joiner.take().size() <= held_at_most, "nothing is added"); break;
      case piece_joiner::verdict::refused: return;
    }
    if (in.byte() % 8 == 0)
      joiner.drop(stream);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // CAF's errors hold values, which it destroys by what it knows of their types.
  static const bool is_ready = (caf::core::init_global_meta_objects(), true);
  claim(is_ready, "CAF knows its types");
  fuzz::input in{data, size};
  switch (in.byte() % 6) {
    case 0: read_and_write<remote_call>(in.rest()); break;
    case 1: read_and_write<remote_result>(in.rest()); break;
    case 2: read_and_write<node_introduction>(in.rest()); break;
    case 3: read_and_write<calls_held>(in.rest()); break;
    case 4: read_and_write<link_piece>(in.rest()); break;
    default: join_pieces(in);
  }
  return 0;
}
