#pragma once
// The special tokens that chat models put around turns. Where a server does not know a model's template they come as
// text.

#include <cstddef>
#include <string_view>

namespace mp {

enum class turn_mark_kind {
  none,
  start,     ///< of all: `<|begin_of_text|>`. Says nothing, and ends nothing
  end,       ///< of a turn or of all: `<|im_end|>`, `<|eot_id|>`, `<end_of_turn>`, `</s>`
  header,    ///< a role's name follows: `<|im_start|>`, `<|start_header_id|>`
  assistant, ///< the assistant's turn begins: `<|assistant|>`, `[/INST]`
  other,     ///< somebody else's turn begins: `<|user|>`, `[INST]`
  channel,   ///< OpenAI's harmony: the name of a channel follows
  message,   ///< and here the channel's text
};

struct turn_mark {
  turn_mark_kind kind = turn_mark_kind::none;
  std::size_t size = 0; ///< bytes
};

/// The mark that begins at `at`, of any model family known: ChatML (Qwen, Yi, SmolLM, InternLM, MiniCPM), Llama 2 to 4,
/// Gemma, Mistral, Phi, Granite, Command, DeepSeek, GPT-OSS, GLM, EXAONE, Kimi, Falcon, Nemotron, Baichuan, Zephyr and
/// their kin. Upper and lower case, `_`, U+2581 and blanks in a name are the same. Looks at most 48 bytes ahead.
turn_mark turn_mark_at(std::string_view text, std::size_t at);

} // namespace mp
