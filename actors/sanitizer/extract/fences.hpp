#pragma once
// Markdown code fences.

#include <cstddef>
#include <optional>
#include <string_view>

namespace mp {

/// How much a place in the text promises that a JSON value there is the answer. From least to most.
enum class fence_rank { code_fence, bare, plain_fence, json_fence };

struct fence_mark {
  char sign = '`';      ///< '`' or '~'
  std::size_t size = 0; ///< how many of them, at least three; 0 when no fence begins
};

/// The fence at `at`, on whatever place of its line: models put content on the fence's line too.
fence_mark fence_at(std::string_view text, std::size_t at);

/// The word directly behind the opening fence that ends at `at`: `json`, `python`; often empty.
std::string_view fence_label(std::string_view text, std::size_t at);

/// What a fence with this label promises: json and its relatives, none or `text`, or the name of another language.
fence_rank rank_of(std::string_view label);

/// The content when one fence is around the whole of `text`, white space aside. The fence may lack its end.
std::optional<std::string_view> inside_only_fence(std::string_view text);

} // namespace mp
