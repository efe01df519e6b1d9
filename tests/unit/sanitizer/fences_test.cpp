#define CAF_SUITE fences
#include "tests/support/test.hpp"

#include "actors/sanitizer/extract/fences.hpp"

using namespace mp;

TEST_CASE("a fence is three or more backticks or tildes") {
  CHECK_EQ(fence_at("```json", 0).size, 3u);
  CHECK_EQ(fence_at("x ~~~~", 2).size, 4u);
  CHECK_EQ(fence_at("x ~~~~", 2).sign, '~');
  for (const auto* text : {"", "``", "`a`", "~~", "``~", "x"})
    CHECK_EQ(fence_at(text, 0).size, 0u);
}

TEST_CASE("the label is the word directly behind the fence") {
  CHECK_EQ(fence_label("```json\n{}", 3), "json");
  CHECK_EQ(fence_label("``` c++ x", 3), "c++");
  CHECK_EQ(fence_label("```\njson", 3), "");
  CHECK_EQ(fence_label("```{}", 3), "");
}

TEST_CASE("json promises most, another language least") {
  CHECK(rank_of("JSON") == fence_rank::json_fence);
  CHECK(rank_of("jsonc") == fence_rank::json_fence);
  CHECK(rank_of("") == fence_rank::plain_fence);
  CHECK(rank_of("Text") == fence_rank::plain_fence);
  CHECK(rank_of("python") == fence_rank::code_fence);
  CHECK(fence_rank::json_fence > fence_rank::plain_fence);
  CHECK(fence_rank::plain_fence > fence_rank::bare);
  CHECK(fence_rank::bare > fence_rank::code_fence);
}

TEST_CASE("the inside of a text's only fence") {
  CHECK(inside_only_fence("```json\n{}\n```") == "{}");
  CHECK(inside_only_fence("\n~~~\n a \n~~~~\n") == "a");
  CHECK(inside_only_fence("```\n{}") == "{}");
  CHECK(inside_only_fence("````\n```\n````") == "```");
  CHECK(!inside_only_fence("x ```\n{}\n```"));
  CHECK(!inside_only_fence("{}"));
}
