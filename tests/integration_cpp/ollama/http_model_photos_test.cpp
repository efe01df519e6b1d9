#define CAF_SUITE http_model_photos
#include "tests/support/test.hpp"

#include "tests/integration_cpp/ollama/http_model_fixture.hpp"
#include "tests/unit/messages/photo/tiny_images.hpp"
#include "tests/unit/photos/drawn_photos.hpp"

#include "messages/photo/photo_check.hpp"

using namespace mp;
using namespace mp::test;
using tiny::to_base64;

namespace {

/// A server with a model that sees, and the photos that came to it.
struct photo_server {
  std::vector<std::string> photos;
  scripted_server server{[this](scripted_connection& client) {
    while (auto request = client.read())
      if (request->path == "/api/show") {
        client.respond(200, R"({"capabilities":["completion","vision"]})");
      } else {
        constexpr std::string_view before = R"("images":[")";
        const auto from = request->body.find(before) + before.size();
        photos.push_back(request->body.substr(from, request->body.find('"', from) - from));
        client.answer({"pizza"});
      }
  }};
};

const auto large = to_base64(photo::encode_jpeg(drawn::four_fields(640, 480)));

std::string size_of(const std::string& base64) {
  const auto checked = photo::check_photo(photo::base64_view{base64}, {0, true});
  const auto* facts = std::get_if<photo::photo_facts>(&checked);
  return facts == nullptr ? "unreadable" : std::to_string(facts->width) + "x" + std::to_string(facts->height);
}

} // namespace

TEST_CASE("a photo larger than the host's rules say is scaled down on its way") {
  photo_server ollama;
  const auto host = port_under_test::settings_for(ollama.server.address());
  host->photos = {320, false, drawn::pixels_max};
  port_under_test port{host};
  CHECK_EQ(port.ask(photo_call(large)), "pizza");
  REQUIRE_EQ(ollama.photos.size(), 1u);
  CHECK_EQ(size_of(ollama.photos.at(0)), "320x240");
}

TEST_CASE("without rules it arrives as it is") {
  photo_server ollama;
  port_under_test port{ollama.server.address()};
  CHECK_EQ(port.ask(photo_call(large)), "pizza");
  REQUIRE_EQ(ollama.photos.size(), 1u);
  CHECK(ollama.photos.at(0) == large);
}

TEST_CASE("a photo that cannot be decoded ends before the server hears of it, and the next call goes on") {
  photo_server ollama;
  const auto host = port_under_test::settings_for(ollama.server.address());
  host->photos = {0, true, drawn::pixels_max};
  port_under_test port{host};
  CHECK_EQ(port.ask(photo_call(to_base64(tiny::png(1, 1'000)))), "(photo_unreadable)");
  CHECK(ollama.photos.empty());
  CHECK_EQ(port.ask(photo_call(large)), "pizza");
  CHECK(ollama.photos.at(0) == large);
}

TEST_CASE("WebP goes only to a server whose version is known to read it, unless the host's rules say otherwise") {
  const auto photo = to_base64(tiny::webp_lossless(2, 2));
  photo_server ollama;
  const auto host = port_under_test::settings_for(ollama.server.address());
  host->webp_by_version = true;
  port_under_test port{host};
  CHECK_EQ(port.ask(photo_call(photo)), "(photo_unreadable)");
  host->catalog->learn_version("0.24.0");
  CHECK_EQ(port.ask(photo_call(photo)), "(photo_unreadable)");
  CHECK(ollama.photos.empty());
  host->catalog->learn_version("0.32.14");
  CHECK_EQ(port.ask(photo_call(photo)), "pizza");
  host->catalog->learn_version("0.24.0");
  host->webp_by_version = false;
  CHECK_EQ(port.ask(photo_call(photo)), "pizza");
  CHECK_EQ(ollama.photos.size(), 2u);
}

TEST_CASE("a schema that cannot be used ends before the server hears of anything, and the next call goes on") {
  photo_server ollama;
  const auto host = port_under_test::settings_for(ollama.server.address());
  std::vector<std::string> looked_at;
  host->accepts_schema = [&](std::string_view schema) {
    looked_at.emplace_back(schema);
    return schema.find("good") != std::string_view::npos;
  };
  port_under_test port{host};
  const auto asking = [&](std::string schema) {
    auto call = photo_call(large);
    auto question = *call.question;
    if (!schema.empty())
      question.schema_json = text_slice{std::move(schema)};
    call.question = shared_request{std::move(question)};
    return port.ask(std::move(call));
  };
  CHECK_EQ(asking(R"({"title":"bad"})"), "(invalid_request)");
  CHECK(ollama.photos.empty());
  CHECK_EQ(asking(R"({"title":"good"})"), "pizza");
  CHECK_EQ(asking(""), "pizza");
  CHECK_EQ(looked_at.size(), 2u);
}
