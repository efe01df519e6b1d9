// Any bytes as a photo: no byte outside of it is read (its text is copied to a buffer of just its size), and what
// passes has a size within the limits. The first byte chooses the limits, the rest is the file.

#include "tests/fuzz/fuzz.hpp"

#include "messages/photo/photo_check.hpp"
#include "tests/unit/messages/photo/tiny_images.hpp"

#include <algorithm>
#include <memory>
#include <string>

using namespace mp;
using fuzz::claim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const auto choice = in.byte();
  photo::photo_limits limits;
  limits.webp_allowed = choice % 2 != 0;
  limits.pixels_max = choice % 4 < 2 ? 0 : 12'000'000;
  const auto text = tiny::to_base64(in.rest());
  const auto exact = std::make_unique<char[]>(text.size());
  std::copy(text.begin(), text.end(), exact.get());
  const std::string_view base64{exact.get(), text.size()};
  const auto checked =
    fuzz::in_linear_time(text.size(), [&] { return photo::check_photo(photo::base64_view{base64}, limits); });
  const auto* facts = std::get_if<photo::photo_facts>(&checked);
  if (facts == nullptr) {
    const auto why = std::get<fault>(checked);
    claim(why == fault::photo_unreadable || why == fault::photo_truncated || why == fault::photo_too_large,
          "base64 is base64");
    return 0;
  }
  claim(facts->width > 0 && facts->height > 0, "a photo has pixels");
  claim(facts->width <= photo::decoder_side_max && facts->height <= photo::decoder_side_max,
        "a side the decoder takes");
  const auto pixels = std::uint64_t{facts->width} * facts->height;
  claim(pixels <= photo::decoder_pixels_max, "no more pixels than the decoder takes");
  claim(limits.pixels_max == 0 || pixels <= limits.pixels_max, "no more than allowed");
  claim(limits.webp_allowed || facts->kind != photo::image_kind::webp, "no WebP where it is not allowed");
  return 0;
}
