#define CAF_SUITE simulated_ollama
#include "tests/support/test.hpp"

#include "messages/json/json_text.hpp"
#include "runtime/demo/simulated_answer.hpp"
#include "runtime/demo/simulated_ollama.hpp"
#include "runtime/ollama/http_host.hpp"
#include "tests/integration_cpp/ollama/http_model_fixture.hpp"

#include <boost/json.hpp>

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

namespace {

boost::json::value json_of(const std::string& text) { return boost::json::parse(text); }

config::host_address address_of(const simulated_ollama& server) { return *config::parse_host_address(server.url()); }

model_call text_to(const std::string& model, const std::string& prompt = "How many?") {
  auto call = text_call(prompt);
  call.model = model;
  return call;
}

} // namespace

TEST_CASE("a text gets a sentence that says where it comes from") {
  const simulated_ollama server{0ms};
  port_under_test port{address_of(server)};
  const auto outcome = port.start(text_to("simulated")).wait();
  CHECK(in_words(outcome).find("simulated model") != std::string::npos);
  CHECK(std::get<raw_answer>(*outcome).answer_tokens > 5u);
  CHECK(std::get<raw_answer>(*outcome).finish == finish_reason::stop);
  CHECK_EQ(std::get<raw_answer>(*outcome).model, "simulated:latest");
}

TEST_CASE("a photo gets an analysis in a fence with chatter around it") {
  const simulated_ollama server{0ms};
  port_under_test port{address_of(server)};
  const auto answer = port.ask(photo_call("QUJD", "simulated"));
  const auto begin = answer.find("```json\n");
  const auto end = answer.rfind("\n```");
  REQUIRE(begin != std::string::npos && end != std::string::npos && begin > 0 && end > begin
          && end + 4 < answer.size());
  const auto analysis = json_of(answer.substr(begin + 8, end - begin - 8)).as_object();
  CHECK(analysis.at("dish_name").is_string());
  CHECK(analysis.at("estimated_avg_calories").is_int64());
  CHECK(analysis.at("contains").as_object().at("protein").is_double());
  CHECK(std::string{analysis.at("note").as_string().c_str()}.find("simulated") != std::string::npos);
}

TEST_CASE("a schema is obeyed, by photos with what a schema usually asks for") {
  const simulated_ollama server{0ms};
  port_under_test port{address_of(server)};
  request question;
  question.kind = request_kind::photo;
  question.prompt_json = text_slice{R"("What is it?")"};
  question.photo = text_slice{"QUJD"};
  question.schema_json = text_slice{
    R"({"type":"object","properties":{"dish_name":{"type":"string"},"contains":{"type":"object","properties":{"fat":{"type":"number"}}},)"
    R"("healthy":{"type":"boolean"},"grade":{"enum":["a","b"]},"count":{"type":"integer","minimum":3}},"required":["dish_name"]})"};
  const auto answer = json_of(port.ask({shared_request{question}, "simulated", true})).as_object();
  CHECK(answer.at("dish_name").is_string());
  CHECK(answer.at("contains").as_object().at("fat").is_double());
  CHECK(answer.at("healthy").is_bool());
  CHECK_EQ(answer.at("grade").as_string(), "a");
  CHECK_EQ(answer.at("count").as_int64(), 3);
}

TEST_CASE("any format gives valid JSON") {
  for (const auto* format :
       {R"("json")", R"({})", R"({"type":"array","items":{"type":["number","null"]}})", R"({"anyOf":[{"const":5},{}]})",
        R"({"properties":{"a":{"items":{"properties":{"b":{}}}}}})", R"({"type":"null"})", R"({"type":7})", "[",
        "true"})
    for (const std::size_t photo_bytes : {0, 10})
      CHECK(is_valid_json(simulated_answer({"What?", photo_bytes, format}), 64));
  std::string deep = "{}";
  for (int i = 0; i < 30; ++i)
    deep = R"({"type":"object","properties":{"a":)" + deep + "}}";
  CHECK(is_valid_json(simulated_answer({"What?", 0, deep}), 64));
}

TEST_CASE("a text whose prompt says JSON gets JSON") {
  CHECK(is_valid_json(simulated_answer({"Answer with JSON: {...}", 0, ""}), 64));
  CHECK(!is_valid_json(simulated_answer({"Why does bread rise?", 0, ""}), 64));
}

TEST_CASE("the tokens of a text are the text") {
  for (const std::string text : {"", "one", "  two words\n\nand more \n", "\n"}) {
    std::string joined;
    for (const auto token : simulated_tokens(text)) {
      CHECK(!token.empty());
      joined += token;
    }
    CHECK_EQ(joined, text);
  }
}

TEST_CASE("its health is that of an Ollama with a model that can see, in memory after the first probe") {
  const simulated_ollama server{0ms};
  auto host = std::make_shared<ollama::ollama_host>();
  host->address = address_of(server);
  const auto background = std::make_shared<threads::background_threads>();
  ollama::http_host port{host, {{"simulated"}, {}}, background};
  for (const auto expected : {false, true}) {
    mailbox<host_report> box;
    port.probe(host_port::depth::look, box.callback());
    const auto report = box.wait();
    REQUIRE(report.has_value());
    CHECK(report->condition == host_condition::usable);
    CHECK(report->vision);
    CHECK_EQ(report->version, "simulated");
    CHECK_EQ(report->was_loaded, expected);
  }
}

TEST_CASE("a model that it has not got is missing, as with a real one") {
  const simulated_ollama server{0ms};
  port_under_test port{address_of(server)};
  CHECK_EQ(port.ask(text_to("mistral")), "(model_not_found)");
  CHECK_EQ(port.ask(photo_call("QUJD", "mistral")), "(model_not_found)");
  CHECK(port.ask(text_to("simulated")).find("simulated") != std::string::npos);
}

TEST_CASE("many ports are answered side by side, token by token") {
  const simulated_ollama server{2ms};
  std::vector<std::unique_ptr<port_under_test>> ports;
  std::vector<mailbox<call_outcome>> boxes;
  for (int i = 0; i < 16; ++i) {
    ports.push_back(std::make_unique<port_under_test>(address_of(server)));
    boxes.push_back(ports.back()->start(text_to("simulated")));
  }
  for (auto& box : boxes)
    CHECK(in_words(box.wait()).find("simulated") != std::string::npos);
}

TEST_CASE("it can be closed in the middle of an answer") {
  auto server = std::make_unique<simulated_ollama>(long_enough);
  port_under_test port{address_of(*server)};
  auto box = port.start(text_to("simulated"));
  const auto began = std::chrono::steady_clock::now();
  server.reset();
  const auto outcome = in_words(box.wait());
  CHECK(outcome == "(stream_cut)" || outcome == "(host_unreachable)");
  CHECK(std::chrono::steady_clock::now() - began < long_enough);
}
