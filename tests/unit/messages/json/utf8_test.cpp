#define CAF_SUITE utf8
#include "tests/support/test.hpp"

#include "messages/json/utf8.hpp"

using namespace mp;

TEST_CASE("well-formed text of every length of character is valid") {
  for (const auto* text : {"", "ascii only, more than eight bytes", "caf\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8D\x95",
                           "\xEF\xBB\xBF", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(is_valid_utf8(text));
}

TEST_CASE("overlong forms, surrogates, stray and missing continuation bytes are not valid") {
  for (const auto* text :
       {"\x80", "12345678\x80", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xF0\x9F\x8D"})
    CHECK(!is_valid_utf8(text));
}

TEST_CASE("a character cut off at the end is dropped") {
  CHECK_EQ(mend_utf8("caf\xC3"), "caf");
  CHECK_EQ(mend_utf8("pizza \xF0\x9F\x8D"), "pizza ");
  CHECK_EQ(mend_utf8("\xE2"), "");
}

TEST_CASE("a broken byte elsewhere becomes the replacement character") {
  CHECK_EQ(mend_utf8("caf\xC3(x"), "caf\xEF\xBF\xBD(x");
  CHECK_EQ(mend_utf8("\xFF"), "\xEF\xBF\xBD");
  CHECK_EQ(mend_utf8("a\x80"), "a\xEF\xBF\xBD");
  CHECK_EQ(mend_utf8("12345678\xFE"
                     "12345678"),
           "12345678\xEF\xBF\xBD"
           "12345678");
}

TEST_CASE("mending gives valid text, and well-formed text comes back as it was") {
  for (auto first = 0; first < 256; ++first) {
    for (auto second = 0; second < 256; ++second) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second), 'x'};
      const auto mended = mend_utf8(bytes);
      CHECK(is_valid_utf8(mended));
      if (is_valid_utf8(bytes))
        CHECK_EQ(mended, bytes);
    }
  }
}

TEST_CASE("a character is written so that it reads back") {
  std::string out;
  for (const auto code_point : {0x41u, 0xE9u, 0x20ACu, 0x1F355u})
    append_utf8(out, code_point);
  CHECK_EQ(out, "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8D\x95");
}
