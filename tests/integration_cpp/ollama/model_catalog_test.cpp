#define CAF_SUITE model_catalog
#include "tests/support/test.hpp"

#include "runtime/ollama/model_catalog.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

const ollama::model_catalog::time_point start{1000s};

} // namespace

TEST_CASE("a model that can see is known by its capabilities") {
  CHECK(ollama::facts_from_show(R"({"details":{},"capabilities":["completion","vision"]})")
        == (ollama::model_facts{true, true}));
  CHECK(ollama::facts_from_show(R"({"capabilities":["completion","tools"]})") == (ollama::model_facts{true, false}));
  CHECK(ollama::facts_from_show(R"({"capabilities":[]})") == (ollama::model_facts{true, false}));
  CHECK(ollama::facts_from_show(R"({"model_info":{"capabilities":["vision"]},"capabilities":["completion"]})")
        == (ollama::model_facts{true, false}));
}

TEST_CASE("a server too old to name capabilities is taken at its word later") {
  CHECK(ollama::facts_from_show(R"({"modelfile":"FROM x","template":"y"})") == (ollama::model_facts{true, true}));
}

TEST_CASE("a response that is no description tells nothing") {
  for (const auto* body : {"", "<html>", "[]", "null", "{\"capabilities\":[\"vision\""})
    CHECK(!ollama::facts_from_show(body));
}

TEST_CASE("what is known of a model is known for a minute, under each of its names") {
  ollama::model_catalog catalog;
  CHECK(!catalog.find("llava", start));
  catalog.learn("llava", {true, true}, start);
  CHECK(catalog.find("llava:latest", start + 59s) == (ollama::model_facts{true, true}));
  CHECK(!catalog.find("llava", start + 60s));
  CHECK(!catalog.find("llava:13b", start));
}

TEST_CASE("that a model is missing is believed for seconds only") {
  ollama::model_catalog catalog;
  catalog.learn("llava", {}, start);
  CHECK(catalog.find("llava", start + 4s) == ollama::model_facts{});
  CHECK(!catalog.find("llava", start + 5s));
}

TEST_CASE("what was learned last is what is known") {
  ollama::model_catalog catalog;
  catalog.learn("llava", {}, start);
  catalog.learn("llava", {true, false}, start + 1s);
  CHECK(catalog.find("llava", start + 30s) == (ollama::model_facts{true, false}));
}

TEST_CASE("names from outside cannot fill the memory, and the oldest knowledge goes first") {
  ollama::model_catalog catalog;
  for (std::size_t i = 0; i < ollama::model_catalog::models_max + 100; ++i)
    catalog.learn("model-" + std::to_string(i), {true, false}, start + std::chrono::milliseconds{i});
  std::size_t known = 0;
  for (std::size_t i = 0; i < ollama::model_catalog::models_max + 100; ++i)
    known += catalog.find("model-" + std::to_string(i), start + 1s) ? 1 : 0;
  CHECK_EQ(known, ollama::model_catalog::models_max);
  CHECK(!catalog.find("model-0", start + 1s));
  CHECK(catalog.find("model-" + std::to_string(ollama::model_catalog::models_max + 99), start + 1s).has_value());
}

TEST_CASE("a name longer than any setting's is not kept") {
  ollama::model_catalog catalog;
  catalog.learn(std::string(255, 'm'), {true, false}, start);
  catalog.learn(std::string(256, 'm'), {true, false}, start);
  CHECK(catalog.find(std::string(255, 'm'), start).has_value());
  CHECK(!catalog.find(std::string(256, 'm'), start));
}

TEST_CASE("WebP is read by servers from 0.32.14 on, and not by one whose version says nothing") {
  for (const auto* version : {"0.32.14", "0.32.15", "0.33.0-rc2", "0.100.1", "1.0.0", "0.33"})
    CHECK(ollama::reads_webp(version));
  for (const auto* version : {"0.24.0", "0.29.9", "0.30.0", "0.31.1", "0.32.13", "0.32", "0.32.x", "0.3.0", "0.0.0", "",
                              "0", "0.", "dev", "v0.33.0", "-1.40"})
    CHECK(!ollama::reads_webp(version));
}

TEST_CASE("the version that was learned last is known, before that none") {
  ollama::model_catalog catalog;
  CHECK_EQ(catalog.version(), "");
  catalog.learn_version("0.24.0");
  catalog.learn_version("0.31.1");
  CHECK_EQ(catalog.version(), "0.31.1");
}

TEST_CASE("a question that fills the whole context was cut, as far as the context is known") {
  ollama::model_catalog catalog;
  CHECK(!catalog.is_cut("llava", 1'000'000));
  catalog.learn_context("llava", 4096);
  CHECK(!catalog.is_cut("llava", 4095));
  CHECK(catalog.is_cut("LLaVA:latest", 4096));
  CHECK(!catalog.is_cut("phi3", 4096));
  CHECK(!catalog.is_cut("llava", 0));
  catalog.learn_context("llava", 0);
  CHECK(!catalog.is_cut("llava", 4096));
}
