#define CAF_SUITE failure_class
#include "tests/support/test.hpp"

#include "actors/ollama_worker/failure_class.hpp"

#include <string>
#include <vector>

using namespace mp;

namespace {

std::string error_body(std::string_view text) { return R"({"error":")" + std::string{text} + R"("})"; }

/// One row: a response, and the fault it stands for.
struct response_row {
  int http_status;
  std::string body;
  fault why;
};

void check_rows(const std::vector<response_row>& rows) {
  for (const auto& row : rows) {
    CAF_MESSAGE(row.http_status << " " << row.body);
    CHECK_EQ(to_string(fault_of_response(row.http_status, row.body)), to_string(row.why));
  }
}

} // namespace

TEST_CASE("a model that the host does not have, or could not have by its name, is not found") {
  check_rows({
    {404, R"({"error":"model 'nope' not found"})", fault::model_not_found},
    {404, R"({"error":"model \"nope\" not found, try pulling it first"})", fault::model_not_found},
    {400, error_body("invalid model name"), fault::model_not_found},
    {400, error_body("model is required"), fault::model_not_found},
  });
}

TEST_CASE("an unknown path is not an unknown model") {
  check_rows({{404, "404 page not found", fault::model_error}, {404, "", fault::model_error}});
}

TEST_CASE("a photo that is at fault is told apart by what is wrong with it") {
  check_rows({
    {400, error_body("illegal base64 data at input byte 4"), fault::photo_not_base64},
    {400,
     R"({"error":"{\"error\":{\"code\":400,\"message\":\"Failed to load image or audio file\",\"type\":\"invalid_request_error\"}}"})",
     fault::photo_unreadable},
    {500, error_body("Failed to create new sequence: failed to process inputs: received zero length image"),
     fault::photo_unreadable},
    {400, error_body("invalid image input"), fault::photo_unreadable},
    {400, error_body("image: unknown format"), fault::photo_unreadable},
  });
}

TEST_CASE("a photo put to a model that cannot see is told apart from a broken one") {
  check_rows({
    {500,
     R"({"error":"{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint: you may need an mmproj\"}}"})",
     fault::model_lacks_vision},
    {400, error_body("Multimodal data provided, but model does not support multimodal requests."),
     fault::model_lacks_vision},
  });
}

TEST_CASE("a request that the server refuses for what it asks is refused") {
  check_rows({
    {400, error_body("\\\"x\\\" does not support thinking"), fault::model_refused},
    {400, error_body("\\\"all-minilm\\\" does not support chat"), fault::model_refused},
    {500, error_body("invalid JSON schema in format"), fault::model_refused},
    {400,
     R"({"error":"{\"error\":{\"code\":400,\"message\":\"JSON schema conversion failed:\\nUnrecognized schema\"}}"})",
     fault::model_refused},
    {400, error_body("unexpected EOF"), fault::model_refused}, // the body was cut on its way
    {500, error_body("invalid format: \\\"yaml\\\"; expected \\\"json\\\" or a valid JSON Schema object"),
     fault::model_refused},
    {500, error_body("option \\\"num_ctx\\\" must be of type integer"), fault::model_refused},
    {400, error_body("missing request body"), fault::model_refused},
    {400, error_body("invalid character 'x' looking for beginning of value"), fault::model_refused},
    {413, "<html>413 Request Entity Too Large</html>", fault::model_refused},
    {405, "", fault::model_refused},
  });
}

TEST_CASE("a question that does not fit into the context is told apart, in the words of every generation") {
  check_rows({
    {400, error_body("the input length exceeds the context length"), fault::question_too_long},
    {400,
     R"({"error":"{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\",)"
     R"(\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":9000,\"n_ctx\":4096}}"})",
     fault::question_too_long},
    {400, error_body("prompt too long; exceeded max context length by 10 tokens"), fault::question_too_long},
  });
}

TEST_CASE("a WebP that cannot be decoded is an unreadable photo and no runner's death, whatever its decoder says") {
  check_rows({
    {500, error_body("decode WebP image: unexpected EOF"), fault::photo_unreadable},
    {500, error_body("decode WebP image: vp8l: invalid Huffman tree"), fault::photo_unreadable},
    {500, error_body("failed to process inputs: png: invalid format: not enough pixel data: unexpected EOF"),
     fault::photo_unreadable},
    {400, error_body("invalid JPEG format: unexpected EOF"), fault::photo_unreadable},
  });
}

TEST_CASE("an answer that the server ended because it said one token again and again has run away") {
  CHECK_EQ(to_string(fault_of_error_text("prediction aborted, token repeat limit reached")), "runaway_answer");
}

TEST_CASE("the death of a runner is recognised in the words of every version since 0.4, on Windows too") {
  for (
    const auto* text : {
      R"(POST predict: Post \"http://127.0.0.1:42623/completion\": EOF)",
      R"(POST predict: Post \"http://127.0.0.1:60623/completion\": read tcp 127.0.0.1:60625->127.0.0.1:60623: )"
      R"(wsarecv: An existing connection was forcibly closed by the remote host.)",
      R"(POST predict: Post \"http://127.0.0.1:42623/completion\": read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer)",
      R"(POST predict: Post \"http://127.0.0.1:42623/completion\": write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe)",
      R"(Post \"http://127.0.0.1:42623/completion\": EOF)",
      R"(Post \"http://127.0.0.1:42623/v1/chat/completions\": EOF)",
      "an unknown error was encountered while running the model ",
      "an error was encountered while running the model: GGML_ASSERT(batch.size() > 0) failed",
      "error reading llm response: read tcp 127.0.0.1:1->127.0.0.1:2: wsarecv: An existing connection was forcibly "
      "closed by the remote host.",
      "error reading llama-server chat response: read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer",
    })
    check_rows({{500, error_body(text), fault::runner_died}});
  for (
    const auto* text : {
      R"(POST predict: Post \"http://127.0.0.1:42623/completion\": dial tcp 127.0.0.1:42623: connect: connection refused)",
      R"(POST predict: Post \"http://127.0.0.1:42623/completion\": dial tcp 127.0.0.1:42623: connectex: )"
      R"(No connection could be made because the target machine actively refused it.)",
    })
    check_rows({{500, error_body(text), fault::host_busy}});
}

TEST_CASE("a full queue of loads is a busy host, whatever its status") {
  check_rows({
    {503, error_body("server busy, please try again.  maximum pending requests exceeded"), fault::host_busy},
    {503, "", fault::host_busy},
    {429, "", fault::host_busy},
    {500, error_body("server busy, please try again.  maximum pending requests exceeded"), fault::host_busy},
  });
}

TEST_CASE("a runner that died on this request is told apart from other server faults") {
  check_rows({
    {500,
     error_body("model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, "
                "check ollama "
                "server logs for details"),
     fault::runner_died},
    {500, error_body("an error was encountered while running the model: unexpected EOF"), fault::runner_died},
    {500, error_body("error reading llm response: read tcp 127.0.0.1:1->127.0.0.1:2: connection reset by peer"),
     fault::runner_died},
    {500, error_body("error reading llama-server response: read tcp: connection reset by peer"), fault::runner_died},
  });
}

TEST_CASE("a runner that died before it saw this request does not count against the request") {
  check_rows({
    {500, error_body("llama runner process no longer running: -1 "), fault::host_busy},
    {500, error_body("llama-server process no longer running: unknown "), fault::host_busy},
  });
}

TEST_CASE("a model that cannot be loaded, or has no memory, is a server fault and no death by this request") {
  check_rows({
    {500, error_body("llama runner process has terminated with exit code -1"), fault::model_error},
    {500, error_body("llama runner process has terminated: exit status 2"), fault::model_error},
    {500, error_body("llama-server process has terminated: exit status 1: error loading model"), fault::model_error},
    {500, error_body("llama-server process has terminated: signal: killed"), fault::model_error},
    {500, error_body("timed out waiting for llama-server to start - progress 0.00"), fault::model_error},
    {500, error_body("error loading model /blobs/sha256-1"), fault::model_error},
    {500, error_body("model requires more system memory (5.6 GiB) than is available (3.9 GiB)"), fault::model_error},
    {500, error_body("an error was encountered while running the model: CUDA error: out of memory"),
     fault::model_error},
    {500, error_body("failed to allocate compute buffers"), fault::model_error},
    {500, error_body("ggml allocation failed"), fault::model_error},
    {500, error_body("insufficient memory"), fault::model_error},
    {500, error_body("cudaMalloc failed: 2"), fault::model_error},
  });
}

TEST_CASE("what nobody has a name for is a server fault that is tried again") {
  check_rows({
    {500, "", fault::model_error},
    {500, error_body("server not responding"), fault::model_error},
    {500, error_body("something new"), fault::model_error},
    {499, error_body("request canceled"), fault::model_error},
    {302, "", fault::model_error},
    {200, error_body("something new"), fault::model_error},
  });
}

TEST_CASE("a proxy that cannot reach the host, or a door that is shut, is a host to wait for at first") {
  check_rows({
    {502, "<html>502 Bad Gateway</html>", fault::host_unreachable},
    {403, "", fault::host_unreachable},
    {401, "", fault::host_unreachable},
    {407, "", fault::host_unreachable},
    {504, "<html>504 Gateway Time-out</html>", fault::first_byte_timeout},
  });
}

TEST_CASE("the way a connection ended decides where there was no response") {
  struct row {
    transport_failure failure;
    fault why;
  };
  for (const auto& each : {
         row{transport_failure::not_connected, fault::host_unreachable},
         row{transport_failure::closed_before_answer, fault::stream_cut},
         row{transport_failure::closed_within_answer, fault::stream_cut},
         row{transport_failure::silent_before_answer, fault::first_byte_timeout},
         row{transport_failure::silent_within_answer, fault::idle_timeout},
         row{transport_failure::overdue, fault::call_timeout},
         row{transport_failure::not_http, fault::model_error},
         row{transport_failure::interrupted, fault::cancelled},
       })
    CHECK_EQ(to_string(fault_of(each.failure)), to_string(each.why));
}

TEST_CASE("an error text is unwrapped however often it was wrapped") {
  CHECK_EQ(error_text_of(R"({"error":"plain"})"), "plain");
  CHECK_EQ(error_text_of(R"({"error":{"message":"m","type":"t","code":400}})"), "m t");
  CHECK_EQ(error_text_of(R"({"error":"{\"error\":{\"message\":\"m\",\"type\":\"t\"}}"})"), "m t");
  CHECK_EQ(error_text_of(" plain text \n"), "plain text \n");
  CHECK_EQ(error_text_of(""), "");
}

TEST_CASE("an error body that is no JSON, has no text or never ends is still taken as text") {
  CHECK_EQ(error_text_of(R"({"error":"cut)"), R"({"error":"cut)");
  CHECK_EQ(error_text_of(R"({"code":1})"), R"({"code":1})");
  CHECK_EQ(error_text_of(R"({"error":null})"), R"({"error":null})");
  CHECK_EQ(error_text_of(std::string(1u << 20, 'x')).size(), error_text_bytes_max);
}

TEST_CASE("an error wrapped a hundred times costs no more than a few looks") {
  std::string body = "deep";
  for (int i = 0; i < 100; ++i)
    body = R"({"error":)" + (i == 0 ? "\"" + body + "\"" : body) + "}";
  CHECK(!error_text_of(body).empty());
}
