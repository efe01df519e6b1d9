#pragma once
// Bodies of requests as tests need them.

#include <string>

namespace mp::test {

/// A text request of the usual shape.
inline std::string text_body(const std::string& prompt = "how many calories has it?") {
  return R"({"value":{"user_email":"someone@example.org","prompt":")" + prompt + R"("}})";
}

/// A photo request; the photo is a whole PNG of two by two pixels.
inline std::string photo_body(const std::string& prompt = "what is it?") {
  return R"({"value":{"user_email":"someone@example.org","prompt":")" + prompt
         + R"(","photo":"iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAA)"
           R"(EElEQVR42mP438AARAwQCgAt7gX9Yz7BCwAAAABJRU5ErkJggg==","timestamp":1732356420123}})";
}

} // namespace mp::test
