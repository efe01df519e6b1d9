#define CAF_SUITE interim_responses
#include "tests/support/test.hpp"

#include "runtime/ollama/interim_responses.hpp"

using namespace mp;

namespace {

/// What is left of the bytes, or "(too many)".
std::string left_of(std::string_view bytes) {
  ollama::interim_responses interim;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    switch (interim.take(bytes[i])) {
      case ollama::interim_responses::verdict::undecided: break;
      case ollama::interim_responses::verdict::begun: return std::string{interim.kept()}.append(bytes.substr(i + 1));
      case ollama::interim_responses::verdict::too_many: return "(too many)";
    }
  return "(undecided)";
}

const std::string final_response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const std::string early_hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n";

std::string times(int count, std::string_view text) {
  std::string all;
  for (auto i = 0; i < count; ++i)
    all += text;
  return all;
}

} // namespace

TEST_CASE("a final response is left as it is, whatever its status or sense") {
  for (const auto* bytes :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 404 Not Found\r\n\r\n", "HTTP/1.1 500\r\n\r\n", "HTTP/2 103 x\r\n\r\n",
        "nonsense\r\n\r\n", "HTTP/1.1 10\r\n\r\n", "\r\n", "{\"a\":1}", "HTTP/1.1 1x3 a\r\n\r\n"})
    CHECK_EQ(left_of(bytes), bytes);
}

TEST_CASE("interim responses of every status but 101 are left out, one or several") {
  for (const auto* status :
       {"100 Continue", "102 Processing", "103 Early Hints", "104 Upload Resumption Supported", "110", "199 X"}) {
    CHECK_EQ(left_of("HTTP/1.1 " + std::string{status} + "\r\n\r\n" + final_response), final_response);
    CHECK_EQ(left_of("HTTP/1.0 " + std::string{status} + "\r\nA: b\r\n\r\n" + final_response), final_response);
  }
  CHECK_EQ(left_of(times(20, early_hints) + final_response), final_response);
  CHECK_EQ(left_of("HTTP/1.1 103 a\r\r\nb\r\n\r\r\n\r\n" + final_response), final_response);
}

TEST_CASE("a change of the protocol is no interim response") {
  const std::string switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
  CHECK_EQ(left_of(switching), switching);
  CHECK_EQ(left_of(early_hints + switching), switching);
}

TEST_CASE("most final responses show by their first bytes") {
  CHECK(ollama::interim_responses::is_final("HTTP/1.1 200 OK\r\n"));
  CHECK(ollama::interim_responses::is_final("HTTP/1.1 2"));
  CHECK(ollama::interim_responses::is_final("SSH-2.0-server"));
  for (const auto head : {"", "HTTP/1.1 ", "HTTP/1.1 1", "HTTP/1.0 100", "HTTP/1.1 103 Early Hints\r\n",
                          "HTTP/1.1 101 Switching Protocols"})
    CHECK(!ollama::interim_responses::is_final(head));
}

TEST_CASE("as long as nothing final has come nothing is decided") {
  CHECK_EQ(left_of(""), "(undecided)");
  CHECK_EQ(left_of("HTTP/1.1 "), "(undecided)");
  CHECK_EQ(left_of(early_hints + "HTTP/1"), "(undecided)");
}

TEST_CASE("a server that sends nothing but interim responses is given up, and one whose interim response has no end") {
  CHECK_EQ(left_of(times(ollama::interim_responses::responses_max, "HTTP/1.1 102 P\r\n\r\n") + final_response),
           final_response);
  CHECK_EQ(left_of(times(ollama::interim_responses::responses_max + 1, "HTTP/1.1 102 P\r\n\r\n") + final_response),
           "(too many)");
  CHECK_EQ(left_of("HTTP/1.1 103 " + std::string(ollama::interim_responses::bytes_max, 'x')), "(too many)");
}

TEST_CASE("the next exchange begins anew, and what was left out is counted") {
  ollama::interim_responses interim;
  for (const auto byte : early_hints)
    interim.take(byte);
  CHECK_EQ(interim.skipped(), early_hints.size());
  interim.restart();
  CHECK_EQ(interim.skipped(), 0u);
  CHECK(interim.kept().empty());
}
