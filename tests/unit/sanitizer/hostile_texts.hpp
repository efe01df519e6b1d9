#pragma once
// Texts that invite a careless scanner to read the same bytes again and again: a beginning, then one piece without end.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace mp::test {

inline constexpr std::array<std::string_view, 64> hostile_pieces{"{",
                                                                 "[",
                                                                 "\"",
                                                                 "{\"",
                                                                 "{\"a\":",
                                                                 "[\"",
                                                                 "\"\\",
                                                                 "{'a':'",
                                                                 "`",
                                                                 "``` ",
                                                                 "```\n{\n",
                                                                 "<think>",
                                                                 "</think>\n",
                                                                 "<",
                                                                 "{a",
                                                                 "{a}",
                                                                 "{a {\"x\":1} ",
                                                                 "[1] ",
                                                                 "{\"a\":1} ",
                                                                 "{\"a\":1,} x ",
                                                                 "{\"a\":1/*",
                                                                 "{\"a\":1//",
                                                                 "#",
                                                                 "\n",
                                                                 "\xC2\xA0",
                                                                 "[\"a\" \"b",
                                                                 "\xE2",
                                                                 "\xFF",
                                                                 "\xE2\x80\x9C",
                                                                 "\\u12",
                                                                 "}",
                                                                 "]",
                                                                 "{\"a\":[",
                                                                 "[{",
                                                                 "{\"a\":1},",
                                                                 "...",
                                                                 "{a=>",
                                                                 "[\"a\",}",
                                                                 "[\"a\"}",
                                                                 "[\"a\"\nx ",
                                                                 "<!--",
                                                                 "{\"a\":1 # x\n",
                                                                 "\\n\\\"",
                                                                 "{\\\"a\\\":1}",
                                                                 "\"a\":{",
                                                                 "{\"a\": \"b\nc ",
                                                                 "\"\"\"",
                                                                 "{\"a\":\"b\"\"c\", ",
                                                                 "1,000",
                                                                 "(",
                                                                 "{\"a\" ",
                                                                 "~~~\n",
                                                                 "\"a\"+",
                                                                 "{\"a\":1}\n```\n",
                                                                 "</",
                                                                 "\"\\\"\\\"",
                                                                 "\xE2\x80\x99\"a\" + \"b\"[/THINK]\"a\":1,{a:",
                                                                 "\"}\xE2\x80\x98[",
                                                                 "\xC2\xAB\"a\" + \"b\"-->",
                                                                 "[/THINK]{\"a\":\"",
                                                                 "<|im_start|>",
                                                                 "<|end|><|start|>assistant",
                                                                 "Wait, {\"a\":1} or ",
                                                                 "\xE2\x80\x9E\" "};

inline constexpr std::array<std::string_view, 3> hostile_beginnings{"", "{\"k\":[\"x\",", "{\"k\":\"x"};

/// `piece` again and again, at least `size` bytes.
inline std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  text.reserve(size + piece.size());
  while (text.size() < size)
    text += piece;
  return text;
}

} // namespace mp::test
