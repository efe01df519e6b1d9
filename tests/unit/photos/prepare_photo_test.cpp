#define CAF_SUITE prepare_photo
#include "tests/support/test.hpp"

#include "messages/photo/photo_check.hpp"
#include "runtime/photos/prepare_photo.hpp"
#include "tests/unit/messages/photo/tiny_images.hpp"
#include "tests/unit/photos/drawn_photos.hpp"

#include <random>
#include <thread>

using namespace mp;
using namespace mp::drawn;
using tiny::to_base64;

namespace {

const photo::photo_rules scaled_to_100{100, false, pixels_max};
const photo::photo_rules tried{0, true, pixels_max};

std::string bytes_of(const photo::smaller_photo& photo) {
  const photo::base64_view view{photo.base64};
  std::string bytes(view.size(), '\0');
  view.copy(0, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  return bytes;
}

/// "as it is", a fault's code, or what became of it: "100x75 of 3 channels".
std::string in_words(const photo::prepared_photo& result) {
  if (std::holds_alternative<photo::as_it_is>(result))
    return "as it is";
  if (const auto* why = std::get_if<fault>(&result))
    return to_string(*why);
  const auto made = shown(bytes_of(std::get<photo::smaller_photo>(result)));
  if (!made)
    return "broken";
  return std::to_string(made->shape.width) + "x" + std::to_string(made->shape.height) + " of "
         + std::to_string(made->shape.channels) + " channels";
}

/// As in_words; "no photo" for what a request would be refused for.
std::string prepared(std::string_view bytes, const photo::photo_rules& rules) {
  const auto base64 = to_base64(bytes);
  const auto checked = photo::check_photo(photo::base64_view{base64}, {0, true});
  const auto* facts = std::get_if<photo::photo_facts>(&checked);
  return facts == nullptr ? "no photo" : in_words(photo::prepare_photo(base64, *facts, rules));
}

photo::smaller_photo scaled(std::string_view bytes, const photo::photo_rules& rules) {
  const auto base64 = to_base64(bytes);
  const auto checked = photo::check_photo(photo::base64_view{base64}, {});
  return std::get<photo::smaller_photo>(photo::prepare_photo(base64, std::get<photo::photo_facts>(checked), rules));
}

photo::picture made_of(std::string_view bytes, const photo::photo_rules& rules) {
  return shown(bytes_of(scaled(bytes, rules))).value_or(photo::picture{});
}

/// The same file with the first of its scans repeated, which changes nothing about the picture.
std::string with_scans(std::string progressive, int more) {
  const auto first = progressive.find("\xFF\xDA");
  const auto scan = progressive.substr(first, progressive.find("\xFF\xC4", first) - first);
  for (; more > 0; --more)
    progressive.insert(first, scan);
  return progressive;
}

/// A JPEG or PNG whose header and blocks are in order and whose compressed data are not.
std::string with_broken_data(std::string bytes) {
  const auto png_data = bytes.find("IDAT");
  const auto at = png_data == std::string::npos ? bytes.find("\xFF\xDA") + 14 : png_data + 12;
  for (std::size_t i = at; i < bytes.size() - (png_data == std::string::npos ? 2 : 20); ++i)
    bytes[i] = static_cast<char>(i % 7 == 0 ? 0xFE : 0x7F);
  return bytes;
}

} // namespace

TEST_CASE("without a rule no photo is touched, not even a broken one") {
  const photo::photo_rules none{0, false, pixels_max};
  CHECK_EQ(prepared(photo::encode_jpeg(four_fields(400, 300)), none), "as it is");
  CHECK_EQ(prepared(with_broken_data(photo::encode_jpeg(four_fields(400, 300))), none), "as it is");
}

TEST_CASE("a photo within the limit is sent as it is") {
  CHECK_EQ(prepared(photo::encode_jpeg(four_fields(100, 100)), scaled_to_100), "as it is");
  CHECK_EQ(prepared(photo::encode_png(four_fields(60, 100)), scaled_to_100), "as it is");
}

TEST_CASE("the longer side becomes what is allowed, the other one keeps its share and at least a pixel") {
  CHECK_EQ(prepared(photo::encode_jpeg(four_fields(400, 300)), scaled_to_100), "100x75 of 3 channels");
  CHECK_EQ(prepared(photo::encode_jpeg(four_fields(300, 400)), scaled_to_100), "75x100 of 3 channels");
  CHECK_EQ(prepared(photo::encode_jpeg(four_fields(101, 101)), scaled_to_100), "100x100 of 3 channels");
  CHECK_EQ(prepared(photo::encode_jpeg(four_fields(5'000, 3)), scaled_to_100), "100x1 of 3 channels");
  CHECK_EQ(prepared(photo::encode_png(four_fields(3, 1'900)), scaled_to_100), "1x100 of 3 channels");
}

TEST_CASE("a scaled photo shows what the whole one shows, whatever kind of file it is") {
  const auto fields = four_fields(640, 480);
  const std::pair<const char*, std::string> files[] = {
    {"JPEG", photo::encode_jpeg(fields)},
    {"progressive JPEG", drawn::jpeg(fields, {true, false})},
    {"JPEG of inks", drawn::jpeg(fields, {false, true})},
    {"PNG", photo::encode_png(fields)},
    {"interlaced PNG", drawn::png(fields, {true, false, false})},
    {"PNG of 16 bits", drawn::png(fields, {false, true, false})},
  };
  const auto is_near = [](const photo::picture& of, unsigned across, unsigned down, int red, int green, int blue) {
    const auto text = pixel(of, across, down);
    int r = -100, g = -100, b = -100;
    std::sscanf(text.c_str(), "%d,%d,%d", &r, &g, &b);
    return std::abs(r - red) < 6 && std::abs(g - green) < 6 && std::abs(b - blue) < 6;
  };
  for (const auto& [name, bytes] : files) {
    const auto small = made_of(bytes, scaled_to_100);
    CHECK_EQ(name + std::to_string(small.shape.width), name + std::to_string(100));
    if (small.pixels.empty())
      continue;
    CHECK(is_near(small, 20, 20, 200, 20, 20));
    CHECK(is_near(small, 80, 20, 20, 200, 20));
    CHECK(is_near(small, 20, 80, 20, 20, 200));
    CHECK(is_near(small, 80, 80, 250, 250, 250));
  }
}

TEST_CASE("grey stays grey") {
  CHECK_EQ(prepared(photo::encode_jpeg(four_fields(400, 300, 1)), scaled_to_100), "100x75 of 1 channels");
  CHECK_EQ(prepared(photo::encode_png(four_fields(400, 300, 1)), scaled_to_100), "100x75 of 1 channels");
}

TEST_CASE("a photo with transparency stays a PNG with transparency") {
  const auto small = made_of(photo::encode_png(four_fields(400, 400, 4)), scaled_to_100);
  CHECK_EQ(pixel(small, 20, 20), "200,20,20,255");
  CHECK_EQ(pixel(small, 80, 80), "0,0,0,0");
  CHECK_EQ(prepared(drawn::png(four_fields(400, 300), {true, false, true}), scaled_to_100), "100x75 of 4 channels");
}

TEST_CASE("what is made passes the check that all photos pass, and is what its facts say") {
  const auto facts_of = [](const photo::smaller_photo& made) {
    REQUIRE(photo::is_standard_base64(made.base64));
    return std::get<photo::photo_facts>(photo::check_photo(photo::base64_view{made.base64}, {}));
  };
  const auto wide = scaled(drawn::jpeg(four_fields(999, 500), {true, false}), scaled_to_100);
  CHECK(facts_of(wide) == photo::photo_facts({photo::image_kind::jpeg, 100, 50, false}));
  CHECK(facts_of(wide) == wide.facts);
  const auto see_through = scaled(drawn::png(four_fields(300, 900, 4), {true, false, false}), scaled_to_100);
  CHECK(facts_of(see_through) == photo::photo_facts({photo::image_kind::png, 33, 100, false}));
  CHECK(facts_of(see_through) == see_through.facts);
}

TEST_CASE("what is done follows from the facts that came with the photo, which are not found again") {
  const auto base64 = to_base64(photo::encode_jpeg(four_fields(400, 300)));
  CHECK_EQ(in_words(photo::prepare_photo(base64, {photo::image_kind::jpeg, 400, 300}, scaled_to_100)),
           "100x75 of 3 channels");
  CHECK_EQ(in_words(photo::prepare_photo(base64, {photo::image_kind::jpeg, 100, 75}, scaled_to_100)), "as it is");
  CHECK_EQ(in_words(photo::prepare_photo(base64, {photo::image_kind::webp, 400, 300}, scaled_to_100)), "as it is");
  CHECK_EQ(in_words(photo::prepare_photo(base64, {photo::image_kind::png, 400, 300}, scaled_to_100)),
           "photo_unreadable");
}

TEST_CASE("kinds of files that are not decoded here stay as they are") {
  CHECK_EQ(prepared(tiny::bmp(200, 2), {100, true, pixels_max}), "as it is");
  CHECK_EQ(prepared(tiny::gif(200, 2), {100, true, pixels_max}), "as it is");
  CHECK_EQ(prepared(tiny::webp_lossless(200, 2), {100, true, pixels_max}), "as it is");
}

TEST_CASE("a trial lets every whole photo pass as it is") {
  const auto fields = four_fields(64, 48);
  for (const auto& bytes :
       {photo::encode_jpeg(fields), photo::encode_png(fields), drawn::jpeg(fields, {true, false}),
        drawn::jpeg(fields, {false, true}), drawn::png(fields, {true, false, false}),
        drawn::png(fields, {false, true, false}), drawn::png(fields, {false, false, true}), tiny::png(), tiny::jpeg()})
    CHECK_EQ(prepared(bytes, tried), "as it is");
}

TEST_CASE("a photo whose header is in order and whose image data are broken is unreadable, scaled or tried") {
  const auto fields = four_fields(200, 150);
  for (const auto& whole : {photo::encode_jpeg(fields), drawn::jpeg(fields, {true, false}), photo::encode_png(fields),
                            drawn::png(fields, {true, false, false})}) {
    const auto broken = with_broken_data(whole);
    const auto base64 = to_base64(broken);
    REQUIRE(std::holds_alternative<photo::photo_facts>(photo::check_photo(photo::base64_view{base64}, {})));
    CHECK_EQ(prepared(broken, scaled_to_100), "photo_unreadable");
    CHECK_EQ(prepared(broken, tried), "photo_unreadable");
  }
}

TEST_CASE("a photo with fewer rows of image data than its header promises is unreadable") {
  auto jpeg = photo::encode_jpeg(four_fields(64, 64));
  jpeg[jpeg.find("\xFF\xC0") + 5] = 8; // 2048 and 64 rows
  CHECK_EQ(prepared(jpeg, tried), "photo_unreadable");
  CHECK_EQ(prepared(tiny::png(1, 1'000), tried), "photo_unreadable");
}

TEST_CASE("a file that claims more pixels than are allowed is not decoded") {
  const photo::photo_rules small{100, true, 10'000};
  CHECK_EQ(prepared(photo::encode_jpeg(four_fields(101, 100)), small), "photo_unreadable");
  CHECK_EQ(prepared(photo::encode_png(four_fields(101, 100)), small), "photo_unreadable");
}

TEST_CASE("a progressive JPEG of more scans than anybody writes is unreadable") {
  const auto progressive = drawn::jpeg(four_fields(200, 150), {true, false});
  CHECK_EQ(prepared(with_scans(progressive, 20), tried), "as it is");
  CHECK_EQ(prepared(with_scans(progressive, 100), tried), "photo_unreadable");
}

TEST_CASE("the larger a progressive JPEG, the fewer scans it may have, but never fewer than encoders write") {
  const auto large = drawn::jpeg(four_fields(3'000, 2'000), {true, false}); // 6 megapixels: 40 scans
  CHECK_EQ(prepared(with_scans(large, 25), tried), "as it is");
  CHECK_EQ(prepared(with_scans(large, 35), tried), "photo_unreadable");
}

TEST_CASE("files with random bytes in them end in a result, and what is made of them can be shown") {
  std::mt19937 random{20261123};
  const auto fields = four_fields(120, 90);
  const auto see_through = four_fields(120, 90, 4);
  const photo::photo_rules rules{50, true, pixels_max};
  std::size_t scaled = 0, refused = 0;
  for (const auto& whole :
       {photo::encode_jpeg(fields), drawn::jpeg(fields, {true, false}), drawn::jpeg(fields, {false, true}),
        photo::encode_png(fields), drawn::png(see_through, {true, true, false})})
    for (int round = 0; round < 400; ++round) {
      auto bytes = whole;
      for (auto changes = 1 + random() % 4; changes > 0; --changes)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      if (random() % 8 == 0)
        bytes.resize(random() % bytes.size());
      const auto result = prepared(bytes, rules);
      CHECK_NE(result, "broken");
      scaled += result.find('x') != std::string::npos;
      refused += result == "photo_unreadable";
    }
  CHECK(scaled > 0);
  CHECK(refused > 0);
}

TEST_CASE("several threads prepare photos at once, each gets its own") {
  const auto wide = photo::encode_jpeg(four_fields(800, 400));
  const auto high = photo::encode_jpeg(four_fields(400, 800));
  std::vector<std::string> results(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i)
    threads.emplace_back([&, i] {
      const auto made = scaled(i % 2 == 0 ? wide : high, scaled_to_100);
      const auto checked = photo::check_photo(photo::base64_view{made.base64}, {});
      results[i] = std::to_string(std::get<photo::photo_facts>(checked).width);
    });
  for (auto& each : threads)
    each.join();
  for (std::size_t i = 0; i < results.size(); ++i)
    CHECK_EQ(results[i], i % 2 == 0 ? "100" : "50");
}
