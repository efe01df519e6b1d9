#define CAF_SUITE model_lists
#include "tests/support/test.hpp"

#include "runtime/config/model_lists.hpp"

using namespace mp::config;

namespace {

const std::string digits(64, 'a');

std::string routes(std::string_view text) {
  const auto parsed = parse_model_routes(text);
  return parsed ? pairs_text(*parsed) : "refused";
}

std::string models(std::string_view text) {
  const auto parsed = parse_models(text);
  return parsed ? models_text(*parsed) : "refused";
}

std::string digests(std::string_view text) {
  const auto parsed = parse_digests(text);
  return parsed ? pairs_text(*parsed) : "refused";
}

} // namespace

TEST_CASE("models are separated by commas, with blanks where one likes") {
  CHECK_EQ(models(""), "");
  CHECK_EQ(models("llava"), "llava");
  CHECK_EQ(models(" llava:13b , someone/phi3 "), "llava:13b,someone/phi3");
  CHECK_EQ(models("*"), "*");
}

TEST_CASE("a list with a gap, a blank within a name or one model twice is refused") {
  for (const auto* text :
       {",", "llava,", ",llava", "llava,,phi3", "lla va", "llava,LLaVA:latest", "a=b", "a\"b", "a\\b"})
    CHECK_EQ(models(text), "refused");
  CHECK_EQ(models(std::string(256, 'm')), "refused");
}

TEST_CASE("routes are tasks and models") {
  CHECK_EQ(routes(""), "");
  CHECK_EQ(routes("code=codellama, chat = llama3:latest"), "code=codellama,chat=llama3:latest");
  for (const auto* text : {"code", "code=", "=codellama", "code=a,code=b", "code=a=b", "code=a,", "my task=a"})
    CHECK_EQ(routes(text), "refused");
}

TEST_CASE("a digest is at least twelve hexadecimal digits, with or without its algorithm, in any case") {
  CHECK_EQ(digests(""), "");
  CHECK_EQ(digests("llava=sha256:" + digits), "llava=" + digits);
  CHECK_EQ(digests("llava:13b=SHA256:8DD30F6B0CB1,phi3=0123456789ab"), "llava:13b=8dd30f6b0cb1,phi3=0123456789ab");
  for (const auto* text : {"llava", "llava=8dd30f6b0cb", "llava=8dd30f6b0cbg", "llava=sha1:8dd30f6b0cb1",
                           "llava=8dd30f6b0cb1,llava:latest=8dd30f6b0cb1"})
    CHECK_EQ(digests(text), "refused");
  CHECK_EQ(digests("llava=" + digits + "a"), "refused");
}
