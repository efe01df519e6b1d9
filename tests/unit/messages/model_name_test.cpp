#define CAF_SUITE model_name
#include "tests/support/test.hpp"

#include "messages/model_name.hpp"

using namespace mp;

TEST_CASE("spellings of one model's name are one name") {
  for (const auto* name : {"llava", "llava:latest", "LLaVA:Latest", "library/llava", "registry.ollama.ai/library/llava",
                           "Registry.Ollama.ai/Library/LLaVA:latest", "https://registry.ollama.ai/library/llava"})
    CHECK_EQ(canonical_model_name(name), "llava:latest");
  CHECK_EQ(canonical_model_name("llava:13b"), "llava:13b");
  CHECK_EQ(canonical_model_name("someone/llava"), "someone/llava:latest");
  CHECK_EQ(canonical_model_name("registry.ollama.ai/someone/llava"), "someone/llava:latest");
  CHECK_EQ(canonical_model_name("host:5000/someone/llava"), "host:5000/someone/llava:latest");
}
