#define CAF_SUITE thinking
#include "tests/support/test.hpp"

#include "actors/sanitizer/extract/thinking.hpp"

using namespace mp;

TEST_CASE("tags are known in upper and lower case, and only as a whole") {
  CHECK_EQ(opening_tag_size("<think>", 0), 7u);
  CHECK_EQ(opening_tag_size("x <THINK>", 2), 9u - 2u);
  CHECK_EQ(opening_tag_size("[Think]", 0), 7u);
  CHECK_EQ(closing_tag_size("</thinking>", 0), 11u);
  for (const auto* text : {"", "<", "<think", "< think>", "<thinker>", "think>", "<th>", "[1]"}) {
    CHECK_EQ(opening_tag_size(text, 0), 0u);
    CHECK_EQ(closing_tag_size(text, 0), 0u);
  }
}

TEST_CASE("a block ends behind the first closing tag of its own kind") {
  CHECK(thinking_end("<think>a</think>b</think>", 0) == 16u);
  CHECK(thinking_end("<think>a</thinking>b</think>c", 0) == 28u);
  CHECK(!thinking_end("<think>a", 0));
  CHECK(!thinking_end("no tag", 0));
}

TEST_CASE("what is taken off the beginning is told") {
  CHECK(!without_leading_thinking(" text").thought);
  CHECK_EQ(without_leading_thinking(" text").text, " text");
  CHECK(without_leading_thinking("<think>a</think>\n b").thought);
  CHECK_EQ(without_leading_thinking("<think>a</think>\n b").text, "b");
  CHECK(without_leading_thinking("<think>a").thought);
  CHECK_EQ(without_leading_thinking("<think>a").text, "");
}

TEST_CASE("a closing tag inside of a string or talked about ends no thinking") {
  for (const auto* text : {R"({"a":"x </think>"})", "{\"a\":\"</think>\n", "`</think>`\nx", "The </think> tag"})
    CHECK(!without_leading_thinking(text).thought);
}

TEST_CASE("a text without thinking gives nothing back") {
  CHECK(!without_thinking("Hello, <b>world</b>."));
  CHECK(without_thinking("A <think>x</think> B") == "A B");
}
