#define CAF_SUITE turn_marks
#include "tests/support/test.hpp"

#include "actors/sanitizer/extract/turn_marks.hpp"
#include "tests/unit/sanitizer/cases.hpp"

// Marks of chat templates in a model's text: an answer ends where its turn ends, and what follows is never read.

using namespace mp;

namespace {

/// What ends a turn in some family's template.
constexpr std::string_view ends[]{"<|im_end|>",
                                  "<|eot_id|>",
                                  "<|eom_id|>",
                                  "<|end_of_text|>",
                                  "<|endoftext|>",
                                  "<|eot|>",
                                  "<|eom|>",
                                  "<end_of_turn>",
                                  "<eos>",
                                  "</s>",
                                  "[INST]",
                                  "<|end|>",
                                  "<|END_OF_TURN_TOKEN|>",
                                  "<|END_RESPONSE|>",
                                  "<\xEF\xBD\x9C"
                                  "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>",
                                  "<\xEF\xBD\x9CUser\xEF\xBD\x9C>",
                                  "<|return|>",
                                  "<|call|>",
                                  "<|user|>",
                                  "<|system|>",
                                  "<|observation|>",
                                  "[|endofturn|]",
                                  "<|im_start|>user",
                                  "<|start_header_id|>user<|end_header_id|>",
                                  "<start_of_turn>user",
                                  "<|start_of_role|>user<|end_of_role|>",
                                  "<|header_start|>user<|header_end|>",
                                  "<|im_user|>user<|im_middle|>",
                                  "<eoa>",
                                  "<end_of_utterance>",
                                  "<|end_of_sentence|>",
                                  "<seed:eos>",
                                  "<|separator|>",
                                  "<extra_id_1>User",
                                  "<reserved_106>",
                                  "[UNUSED_TOKEN_145]",
                                  "<|endofturn|>",
                                  "<|EOT|>"};

/// What stands before an assistant's turn.
constexpr std::string_view headers[]{"<|im_start|>assistant\n",
                                     "<|start_header_id|>assistant<|end_header_id|>\n\n",
                                     "<start_of_turn>model\n",
                                     "<|assistant|>\n",
                                     "[/INST] ",
                                     "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
                                     "<\xEF\xBD\x9C"
                                     "Assistant\xEF\xBD\x9C>",
                                     "<|start_of_role|>assistant<|end_of_role|>",
                                     "<s> ",
                                     "<|begin_of_text|><|start_header_id|>assistant<|end_header_id|>\n\n",
                                     "<bos><start_of_turn>model\n",
                                     "<|header_start|>assistant<|header_end|>\n\n",
                                     "<|im_assistant|>assistant<|im_middle|>",
                                     "<|im_start|>assistant<|im_sep|>",
                                     "[gMASK]<sop><|assistant|>\n",
                                     "[|assistant|]"};

std::string told(std::string_view raw, answer_shape shape) {
  return test::told(clean_answer(raw, shape, finish_reason::stop));
}

} // namespace

TEST_CASE("an answer ends at the first end of a turn, of whatever family, and what follows is never read") {
  for (const auto mark : ends) {
    const std::string end{mark};
    const auto turns = end + "\nAnd this one?" + end + "\n<|im_start|>assistant\n{\"dish\":\"Cake\"}" + end;
    CHECK_EQ(told("{\"dish\":\"Soup\"}" + turns, answer_shape::json_required), "{\"dish\":\"Soup\"}  <turn_end>");
    CHECK_EQ(told("Sure: {\"dish\":\"Soup\"}" + turns, answer_shape::json_required),
             "{\"dish\":\"Soup\"}  <turn_end,prose>");
    CHECK_EQ(told("{'dish':'Soup'}" + turns, answer_shape::json_required),
             "{\"dish\":\"Soup\"}  <turn_end,single_quotes>");
    CHECK_EQ(told("I see nothing." + turns, answer_shape::json_required), "fault: invalid_answer");
    CHECK_EQ(told("Yeast makes gas." + turns, answer_shape::text), "Yeast makes gas.  <turn_end>");
    CHECK_EQ(told(turns, answer_shape::text), "fault: answer_empty");
    CHECK_EQ(told(turns, answer_shape::json_required), "fault: answer_empty");
  }
}

TEST_CASE("a header of the assistant's turn before the answer goes, also behind thinking") {
  for (const auto header : headers) {
    const std::string before{header};
    CHECK_EQ(told(before + "{\"a\":1}", answer_shape::json_required), "{\"a\":1}  <turn_header>");
    CHECK_EQ(told(before + "Hello.<|im_end|>", answer_shape::text), "Hello.  <turn_header,turn_end>");
    CHECK_EQ(told(before + "<think>x</think>\nHello.", answer_shape::text), "Hello.  <turn_header,thinking>");
  }
  CHECK_EQ(told("<think>x</think>\n<|im_start|>assistant\n{\"a\":1}", answer_shape::json_required),
           "{\"a\":1}  <turn_header,thinking>");
}

CLEANING_CASES(
  "a turn's marks inside of JSON are its content", json_stop,
  {"valid JSON as a whole", R"({"stop":"<|im_end|>","a":1})", R"({"stop":"<|im_end|>","a":1})"},
  {"with an end of its own", R"({"note":"use <|im_end|> here"}<|im_end|>{"b":2})", R"({"note":"use <|im_end|> here"})",
   "turn_end"},
  {"amid prose", "So: {\"note\":\"use <|eot_id|> here\"} ok", R"({"note":"use <|eot_id|> here"})", "prose"},
  {"quoted in near-JSON", R"({'stop': '<|im_end|>'})", R"({"stop":"<|im_end|>"})", "single_quotes"},
  {"in a string of near-JSON: who ends there?", R"({'note': 'use <|im_end|> here'})", "invalid_answer"},
  {"the turn ends within the value", R"({"a": 1, "b": "x<|im_end|>)", "invalid_answer"},
  {"between two fences", "```json\n{\"a\":1}\n```<|user|>```json\n{\"b\":2}\n```", R"({"a":1})", "turn_end,fence"},
  {"between a fence and a piece of code", "```json\n{\"a\":1}\n```<eos>`{\"b\":2}`", R"({"a":1})", "turn_end,fence"},
  {"between two pieces of code", "`{\"a\":1}`<eos>`{\"b\":2}`", R"({"a":1})", "turn_end,prose"},
  {"the answer in a string", R"("{\"a\":1}"<|im_end|>)", R"({"a":1})", "turn_end,escaped_text"})

CLEANING_CASES("a text about a turn's marks is left alone", text_stop,
               {"in backticks", "Qwen ends with `<|im_end|>` always.", "Qwen ends with `<|im_end|>` always."},
               {"in quotes", "Stop at \"</s>\" or '<|eot_id|>'.", "Stop at \"</s>\" or '<|eot_id|>'."},
               {"a template in a closed fence", "Use:\n```\n<|im_start|>user\nHi<|im_end|>\n```\nDone.",
                "Use:\n```\n<|im_start|>user\nHi<|im_end|>\n```\nDone."},
               {"HTML's strike-through", "Was <s>5</s> 4 euros.", "Was <s>5</s> 4 euros."},
               {"valid JSON", R"({"stop":"<|im_end|>"})", R"({"stop":"<|im_end|>"})"},
               {"but code that the turn ends in", "```\nx = 1<|im_end|>\n<|im_start|>user\n", "```\nx = 1", "turn_end"})

CLEANING_CASES(
  "harmony: the final channel is the answer", json_stop,
  {"behind the analysis",
   "<|channel|>analysis<|message|>{\"maybe\":1}<|end|><|start|>assistant<|channel|>final<|message|>{\"a\":1}<|return|>",
   R"({"a":1})", "turn_end,channel"},
  {"constrained",
   "<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>{\"a\":1}",
   R"({"a":1})", "channel"},
  {"the first mark was the prompt's", "x<|end|><|start|>assistant<|channel|>final<|message|>{\"a\":1}", R"({"a":1})",
   "channel"},
  {"the first mark was left out", "analysis<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>{\"a\":1}",
   R"({"a":1})", "channel"},
  {"all marks were left out", "analysisIt may be {\"b\":2}.assistantfinal{\"a\":1}", R"({"a":1})", "channel"},
  {"only the final one", "<|start|>assistant<|channel|>final<|message|>{\"a\":1}<|end|>", R"({"a":1})",
   "turn_end,channel"},
  {"nothing but analysis", "<|channel|>analysis<|message|>{\"maybe\":1}<|end|>", "answer_empty"},
  {"a tool call", "<|channel|>commentary to=functions.x <|constrain|>json<|message|>{\"maybe\":1}<|call|>",
   "answer_empty"},
  {"a turn of the user before the final one",
   "<|channel|>analysis<|message|>x<|end|><|start|>user<|message|>y<|end|><|start|>assistant<|channel|>final<|message|>"
   "{\"a\":1}",
   "answer_empty"})

TEST_CASE("names that look like marks are none") {
  for (const auto* text :
       {"<b>", "<end>", "<|x|>", "[1]", "<|im_end|", "<user>", "[user]", "<s", "<model>", "<|im end later|>"})
    CHECK(turn_mark_at(text, 0).kind == turn_mark_kind::none);
}
