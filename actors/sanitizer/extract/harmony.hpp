#pragma once
// Harmony, the chat format of gpt-oss: a turn is several messages, each on a channel, and the one on the final channel
// is the answer.

#include <cstddef>
#include <string_view>

namespace mp {

/// What harmony's messages from `at` on say on the final channel.
struct final_message {
  bool found = false;
  std::size_t begin = 0;
};

final_message find_final(std::string_view text, std::size_t at);

/// Whether harmony's messages begin at `at`, with or without their first mark.
bool is_harmony(std::string_view text, std::size_t at);

/// Whether a role's name, as chat templates write it, is the model's own.
bool is_own_role(std::string_view role);

/// The ASCII letters from `at` on; often none.
std::string_view word_at(std::string_view text, std::size_t at);

/// The position behind JSON's white space at `at`.
std::size_t skip_space(std::string_view text, std::size_t at);

} // namespace mp
