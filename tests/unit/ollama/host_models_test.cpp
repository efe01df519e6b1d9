#define CAF_SUITE host_models
#include "tests/support/test.hpp"

#include "runtime/ollama/host_models.hpp"

using namespace mp;

namespace {

std::string shares(std::string_view ps) {
  const auto loaded = ollama::loaded_models(ps);
  if (!loaded)
    return "unreadable";
  std::string text;
  for (const auto& each : *loaded)
    text += each.name + (each.gpu_share ? " " + std::to_string(static_cast<int>(*each.gpu_share * 100)) : " ?") + ";";
  return text;
}

} // namespace

TEST_CASE("loaded models are listed with the part of them that is in the GPU's memory") {
  CHECK_EQ(
    shares(
      R"({"models":[{"name":"LLaVA","model":"llava","size":6654289920,"size_vram":3327144960,"details":{"family":"llama"}},)"
      R"({"name":"phi3:mini","size":100,"size_vram":100},{"name":"cpu","size":100,"size_vram":0}]})"),
    "llava:latest 50;phi3:mini 100;cpu:latest 0;");
  CHECK_EQ(shares(R"({"models":[]})"), "");
}

TEST_CASE("a share that cannot be told is none, and one above the whole is the whole") {
  CHECK_EQ(
    shares(
      R"({"models":[{"name":"a"},{"name":"b","size":5},{"name":"c","size":0,"size_vram":0},{"name":"d","size":"x","size_vram":1},)"
      R"({"name":"e","size":5,"size_vram":9},{"name":"f","size":5,"size_vram":-1}]})"),
    "a:latest ?;b:latest ?;c:latest ?;d:latest ?;e:latest 100;f:latest ?;");
}

TEST_CASE("the context of a loaded model is told where the host tells it") {
  const auto loaded = ollama::loaded_models(
    R"({"models":[{"name":"a","context_length":2048},{"name":"b"},{"name":"c","context_length":-1}]})");
  REQUIRE(loaded.has_value());
  REQUIRE_EQ(loaded->size(), 3u);
  CHECK_EQ(loaded->at(0).context_tokens, 2048u);
  CHECK_EQ(loaded->at(1).context_tokens, 0u);
  CHECK_EQ(loaded->at(2).context_tokens, 0u);
}

TEST_CASE("something else than a list of models is unreadable, and entries without a name are left out") {
  for (const auto* body : {"", "nonsense", "[]", R"({"models":null})", R"({"models":{}})", R"({"name":"x"})"})
    CHECK_EQ(shares(body), "unreadable");
  CHECK_EQ(shares(R"({"models":[1,{},{"name":7},"x",{"name":"a"}]})"), "a:latest ?;");
}

TEST_CASE("the digest of a loaded model is told where the host tells it") {
  const auto loaded = ollama::loaded_models(
    R"({"models":[{"name":"llava","digest":"sha256:8DD30F6B"},{"name":"phi3:latest","digest":"64c1188f"},{"name":"old"}]})");
  REQUIRE(loaded.has_value());
  REQUIRE_EQ(loaded->size(), 3u);
  CHECK_EQ(loaded->at(0).digest, "8dd30f6b");
  CHECK_EQ(loaded->at(1).digest, "64c1188f");
  CHECK_EQ(loaded->at(2).digest, "");
}

TEST_CASE("digests are told by canonical name, in small letters and without the algorithm") {
  const auto digests = ollama::digests_of_models(
    R"({"models":[{"name":"LLaVA","digest":"8DD30f6b0cb1"},{"name":"phi3:mini","digest":"sha256:0123456789ab"},{"name":"none"}]})");
  REQUIRE(digests.has_value());
  const std::map<std::string, std::string> expected{
    {"llava:latest", "8dd30f6b0cb1"}, {"none:latest", ""}, {"phi3:mini", "0123456789ab"}};
  CHECK(*digests == expected);
  CHECK(!ollama::digests_of_models("nonsense"));
  CHECK(!ollama::digests_of_models(R"({"models":7})"));
}
