#define CAF_SUITE ascii
#include "tests/support/test.hpp"

#include "messages/json/ascii.hpp"

using namespace mp;
using namespace std::string_literals;

TEST_CASE("letters, digits and hexadecimal digits are those of ASCII, whatever the byte") {
  const std::string digits = "0123456789", small = "abcdefghijklmnopqrstuvwxyz", capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int number = 0; number < 256; ++number) {
    const auto c = static_cast<char>(number);
    CHECK_EQ(is_digit(c), digits.find(c) != std::string::npos);
    CHECK_EQ(is_letter(c), (small + capital).find(c) != std::string::npos);
    CHECK_EQ(is_letter_or_digit(c), (digits + small + capital).find(c) != std::string::npos);
    const auto place = capital.find(c);
    CHECK_EQ(lower(c), place == std::string::npos ? c : small[place]);
    const auto value = (digits + "abcdef").find(lower(c));
    CHECK_EQ(hex_value(c), value == std::string::npos ? -1 : static_cast<int>(value));
  }
}

TEST_CASE("small letters take the place of capitals, and nothing else changes") {
  CHECK_EQ(lower_case("LLaVA:7B \xC3\x84[@`{"), "llava:7b \xC3\x84[@`{");
  CHECK_EQ(lower_case(""), "");
}

TEST_CASE("texts are the same ignoring case where only letters of ASCII differ in it") {
  CHECK(same_ignoring_case("", ""));
  CHECK(same_ignoring_case("Bearer", "bEARER"));
  CHECK(!same_ignoring_case("Bearer", "Bearer "));
  CHECK(!same_ignoring_case("a", "b"));
  CHECK(!same_ignoring_case("[", "{")); // as far apart as a letter's two cases
  CHECK(!same_ignoring_case("\xC3\x84", "\xC3\xA4"));
}

TEST_CASE("white space is trimmed at both ends and kept within") {
  CHECK_EQ(trimmed(" \t\r\n a \n b\r\n"), "a \n b");
  CHECK_EQ(trimmed("a"), "a");
  CHECK_EQ(trimmed(" \n"), "");
  CHECK_EQ(trimmed(""), "");
  CHECK_EQ(trimmed("\v a"), "\v a"); // JSON does not know it
  CHECK_EQ(trimmed("--a-", "-"), "a");
}

TEST_CASE("percent escapes are read, and what is none stays") {
  CHECK_EQ(without_percent_escapes("a%2Bb%2fc%3D"), "a+b/c=");
  CHECK_EQ(without_percent_escapes("%%41%4"), "%A%4");
  CHECK_EQ(without_percent_escapes("%G1%1G%"), "%G1%1G%");
  CHECK_EQ(without_percent_escapes("%00"), "\0"s);
}
