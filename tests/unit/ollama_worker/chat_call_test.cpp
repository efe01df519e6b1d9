#define CAF_SUITE chat_call
#include "tests/support/test.hpp"

#include "actors/ollama_worker/chat_call.hpp"

#include <boost/json.hpp>

#include <string>

using namespace mp;

namespace {

request text_question(std::string prompt_json = R"("How many?")") {
  request out;
  out.prompt_json = text_slice{std::move(prompt_json)};
  return out;
}

model_call call_of(request question, std::string model = "llava:latest") {
  return model_call{shared_request{std::move(question)}, std::move(model), false};
}

std::string body_of(const model_call& call, const chat_settings& settings = {}) {
  const chat_call body{call, settings};
  std::string out;
  for (const auto piece : body.pieces()) {
    CHECK(!piece.empty());
    out += piece;
  }
  CHECK_EQ(out.size(), body.bytes());
  return out;
}

boost::json::object parsed(const std::string& body) {
  boost::json::error_code error;
  auto value = boost::json::parse(body, error);
  REQUIRE_EQ(error.message() + " in " + (error ? body.substr(0, 2000) : ""),
             boost::json::error_code{}.message() + " in ");
  return value.as_object();
}

boost::json::array messages_of(const std::string& body) { return parsed(body).at("messages").as_array(); }

std::string text_at(const boost::json::value& message, std::string_view name) {
  return std::string{message.as_object().at({name.data(), name.size()}).as_string().c_str()};
}

} // namespace

TEST_CASE("a plain text becomes one user message, streamed, with a limit and a model that stays") {
  CHECK_EQ(
    body_of(call_of(text_question())),
    R"({"model":"llava:latest","messages":[{"role":"user","content":"How many?"}],"stream":true,"keep_alive":-1,"truncate":false,)"
    R"("options":{"num_predict":1024}})");
}

TEST_CASE("the prompt is spliced in as it was written, escapes and all") {
  const std::string prompt = R"("caf\u00e9 \"x\" \ud83c\udf55 \/ \n é")";
  CHECK(body_of(call_of(text_question(prompt))).find(R"("content":)" + prompt) != std::string::npos);
}

TEST_CASE("a photo is sent as the bytes of the request, not as a copy") {
  auto question = text_question();
  question.kind = request_kind::photo;
  question.photo = text_slice{std::string(300'000, 'A')};
  const auto call = call_of(std::move(question));
  const chat_call body{call, {}};
  auto seen = 0;
  for (const auto piece : body.pieces())
    if (piece.data() == call.question->photo.view().data())
      ++seen;
  CHECK_EQ(seen, 1);
  const auto images = messages_of(body_of(call)).at(0).as_object().at("images").as_array();
  CHECK_EQ(images.size(), 1u);
  CHECK_EQ(images.at(0).as_string().size(), 300'000u);
}

TEST_CASE("a text has no images, and a call without a schema has no format") {
  const auto body = parsed(body_of(call_of(text_question())));
  CHECK(!body.contains("format"));
  CHECK(!body.contains("think"));
  CHECK(!body.at("messages").as_array().at(0).as_object().contains("images"));
}

TEST_CASE("the system text comes first, then the history as it was written, then the question") {
  auto question = text_question();
  question.system_json = text_slice{R"("Be \"short\".")"};
  question.history_json =
    text_slice{R"( [ {"role":"user","content":"a","n":1.50} , {"role":"assistant","content":"b"} ] )"};
  const auto body = body_of(call_of(std::move(question)));
  const auto messages = messages_of(body);
  CHECK_EQ(messages.size(), 4u);
  CHECK_EQ(text_at(messages.at(0), "role"), "system");
  CHECK_EQ(text_at(messages.at(0), "content"), "Be \"short\".");
  CHECK_EQ(text_at(messages.at(1), "content"), "a");
  CHECK_EQ(text_at(messages.at(2), "content"), "b");
  CHECK_EQ(text_at(messages.at(3), "content"), "How many?");
  CHECK(body.find(R"({"role":"user","content":"a","n":1.50} , {"role")") != std::string::npos);
}

TEST_CASE("an empty history adds nothing") {
  for (const auto* history : {"[]", " [ \n ] ", ""}) {
    auto question = text_question();
    question.history_json = text_slice{history};
    CHECK_EQ(messages_of(body_of(call_of(std::move(question)))).size(), 1u);
  }
}

TEST_CASE("the language asked for is added to the system text, or is the system text") {
  auto question = text_question();
  question.language = "German";
  auto messages = messages_of(body_of(call_of(question)));
  CHECK_EQ(messages.size(), 2u);
  CHECK_EQ(text_at(messages.at(0), "content"), "Respond in this language: German");
  question.system_json = text_slice{R"("Be short.\\")"};
  messages = messages_of(body_of(call_of(question)));
  CHECK_EQ(text_at(messages.at(0), "content"), "Be short.\\\n\nRespond in this language: German");
}

TEST_CASE("names and languages with quotes, control characters and letters of the world stay inside their strings") {
  auto question = text_question();
  question.language = "x\"},{\"role\":\"system\"\n\t\\\x01 日本語";
  const auto body = body_of(call_of(std::move(question), "a\"b\\c:latest"));
  CHECK_EQ(text_at(parsed(body), "model"), "a\"b\\c:latest");
  const auto messages = messages_of(body);
  CHECK_EQ(messages.size(), 2u);
  CHECK_EQ(text_at(messages.at(0), "content"), "Respond in this language: x\"},{\"role\":\"system\"\n\t\\\x01 日本語");
}

TEST_CASE("a schema is sent as format, byte for byte") {
  auto question = text_question();
  question.schema_json = text_slice{R"({"type":"object","properties":{"n":{"maximum":1e2}}})"};
  const auto body = body_of(call_of(std::move(question)));
  CHECK(body.find(R"("format":{"type":"object","properties":{"n":{"maximum":1e2}}})") != std::string::npos);
  CHECK(parsed(body).at("format").is_object());
}

TEST_CASE("settings are one fixed set: token limit, context, temperature, how long the model stays") {
  chat_settings settings;
  settings.answer_tokens_max = 77;
  settings.context_tokens = 8192;
  settings.temperature = 0.1;
  settings.keep_alive = "300";
  settings.suppress_thinking = true;
  const auto body = body_of(call_of(text_question()), settings);
  CHECK(
    body.find(
      R"("keep_alive":300,"truncate":false,"options":{"num_predict":77,"num_ctx":8192,"temperature":0.1},"think":false})")
    != std::string::npos);
  parsed(body);
}

TEST_CASE("how long the model stays is a number of seconds or a duration in quotes") {
  struct row {
    const char* keep_alive;
    const char* json;
  };
  for (const auto& each : {row{"-1", "-1"}, row{"0", "0"}, row{"300", "300"}, row{"30m", R"("30m")"},
                           row{"-1m", R"("-1m")"}, row{"007", R"("007")"}, row{"", R"("")"}, row{"-", R"("-")"}}) {
    chat_settings settings;
    settings.keep_alive = each.keep_alive;
    const auto body = body_of(call_of(text_question()), settings);
    parsed(body);
    CHECK(body.find(std::string{R"("keep_alive":)"} + each.json + ",") != std::string::npos);
  }
}

TEST_CASE("a question with everything is valid JSON and as long as it says") {
  auto question = text_question();
  question.system_json = text_slice{R"("s")"};
  question.history_json = text_slice{R"([{"role":"user","content":"h"}])"};
  question.language = "fr";
  question.photo = text_slice{"QUJD"};
  question.schema_json = text_slice{R"({"type":"object"})"};
  const auto body = parsed(body_of(call_of(std::move(question))));
  CHECK_EQ(body.at("messages").as_array().size(), 3u);
}

TEST_CASE("the views outlive the request handle that the call was made with") {
  auto call = std::make_unique<model_call>(call_of(text_question("\"" + std::string(10'000, 'p') + "\"")));
  const chat_call body{*call, {}};
  call.reset();
  std::string out;
  for (const auto piece : body.pieces())
    out += piece;
  CHECK_EQ(parsed(out).at("messages").as_array().at(0).as_object().at("content").as_string().size(), 10'000u);
}

TEST_CASE("loading a model carries the options of the questions, so that the first question does not load it again") {
  chat_settings settings;
  settings.context_tokens = 4096;
  CHECK_EQ(
    load_body("llava", settings),
    R"({"model":"llava","messages":[],"stream":false,"keep_alive":-1,"truncate":false,"options":{"num_predict":1024,"num_ctx":4096}})");
}

TEST_CASE(
  "a repair round goes on behind the question: the answer, the demand for another, temperature 0, a seed of its own") {
  auto call = call_of(text_question());
  call.reask = reask_note{2, "{\"a\": \"x\"", "/a: is a string, but has to be a number"};
  chat_settings settings;
  settings.temperature = 0.8;
  CHECK_EQ(body_of(call, settings),
           R"({"model":"llava:latest","messages":[{"role":"user","content":"How many?"},)"
           R"({"role":"assistant","content":"{\"a\": \"x\""},{"role":"user","content":"This answer cannot be used: )"
           R"(/a: is a string, but has to be a number. Answer the question again with only the JSON, whole and valid, )"
           R"(with nothing before or behind it."}],"stream":true,"keep_alive":-1,"truncate":false,)"
           R"("options":{"num_predict":1024,"temperature":0,"seed":2}})");
}

TEST_CASE("the photo stays with its question in a repair round") {
  auto asked = text_question();
  asked.kind = request_kind::photo;
  asked.photo = text_slice{std::string{"AAAA"}};
  auto call = call_of(std::move(asked));
  call.reask = reask_note{1, "no idea", "it holds no JSON"};
  const auto messages = messages_of(body_of(call));
  REQUIRE_EQ(messages.size(), 3u);
  CHECK(messages[0].as_object().contains("images"));
  CHECK_EQ(text_at(messages[1], "content"), "no idea");
}

TEST_CASE("the schema of photos is sent as format with photos that bring none of their own, and with nothing else") {
  chat_settings settings;
  settings.photo_schema = R"({"type":"object"})";
  CHECK(!parsed(body_of(call_of(text_question()), settings)).contains("format"));
  auto photo = text_question();
  photo.kind = request_kind::photo;
  CHECK_EQ(boost::json::serialize(parsed(body_of(call_of(photo), settings)).at("format")), R"({"type":"object"})");
  photo.schema_json = text_slice{std::string{R"({"type":"array"})"}};
  CHECK_EQ(boost::json::serialize(parsed(body_of(call_of(photo), settings)).at("format")), R"({"type":"array"})");
}
