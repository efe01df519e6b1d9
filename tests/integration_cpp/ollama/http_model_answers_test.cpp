#define CAF_SUITE http_model_answers
#include "tests/support/test.hpp"

#include "tests/integration_cpp/ollama/http_model_fixture.hpp"

using namespace mp;
using namespace mp::test;

namespace {

/// What a server of `status` and `body` makes of a question.
std::string outcome_of_response(int status, const std::string& body) {
  scripted_server server{[&](scripted_connection& client) {
    while (client.read())
      client.respond(status, body);
  }};
  return port_under_test{server.address()}.ask();
}

/// What a server makes of a question that does `what` after reading it.
std::string outcome_after(const std::function<void(scripted_connection&)>& what) {
  scripted_server server{[&](scripted_connection& client) {
    if (client.read())
      what(client);
  }};
  return port_under_test{server.address()}.ask();
}

} // namespace

TEST_CASE("a question is posted as JSON with its length, and the tokens come back joined") {
  received_request seen;
  scripted_server server{[&](scripted_connection& client) {
    while (auto request = client.read()) {
      seen = *request;
      client.answer({"Two", " eggs", "."});
    }
  }};
  port_under_test port{server.address()};
  const auto question = text_call();
  const auto outcome = port.start(question).wait();
  CHECK_EQ(in_words(outcome), "Two eggs.");
  CHECK_EQ(std::get<raw_answer>(*outcome).answer_tokens, 290u);
  CHECK_EQ(seen.method, "POST");
  CHECK_EQ(seen.path, "/api/chat");
  CHECK(seen.head.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(seen.head.find("\r\nHost: 127.0.0.1:" + std::to_string(server.address().port) + "\r\n") != std::string::npos);
  CHECK(seen.head.find("Expect") == std::string::npos);
  std::string expected;
  const chat_call call{question, {}};
  for (const auto piece : call.pieces())
    expected += piece;
  CHECK_EQ(seen.body, expected);
}

TEST_CASE("one call after the other uses one connection") {
  scripted_server server{[&](scripted_connection& client) {
    for (int i = 0; client.read(); ++i)
      client.answer({std::to_string(i)});
  }};
  port_under_test port{server.address()};
  for (int i = 0; i < 200; ++i)
    CHECK_EQ(port.ask(), std::to_string(i));
  CHECK_EQ(server.connections(), 1);
}

TEST_CASE("a connection stays of use after a refusal") {
  auto calls = 0;
  scripted_server server{[&](scripted_connection& client) {
    while (client.read())
      if (++calls % 2 == 1)
        client.respond(503, R"({"error":"server busy, please try again.  maximum pending requests exceeded"})");
      else
        client.answer({"x"});
  }};
  port_under_test port{server.address()};
  for (int i = 0; i < 4; ++i) {
    CHECK_EQ(port.ask(), "(host_busy)");
    CHECK_EQ(port.ask(), "x");
  }
  CHECK_EQ(server.connections(), 1);
}

TEST_CASE("a photo of some megabytes arrives byte for byte") {
  std::string photo;
  std::uint32_t random = 12345;
  for (int i = 0; i < 8'000'000; ++i) {
    random = random * 1664525 + 1013904223;
    photo += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[random >> 26];
  }
  std::vector<received_request> seen;
  scripted_server server{[&](scripted_connection& client) {
    while (auto request = client.read()) {
      seen.push_back(*request);
      if (request->path == "/api/show")
        client.respond(200, R"({"capabilities":["completion","vision"]})");
      else
        client.answer({"pizza"});
    }
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(photo_call(photo)), "pizza");
  REQUIRE_EQ(seen.size(), 2u);
  CHECK_EQ(seen[0].body, R"({"model":"llava"})");
  const auto images = seen[1].body.find("\"images\":[\"");
  REQUIRE(images != std::string::npos);
  CHECK(seen[1].body.substr(images + 11, photo.size()) == photo);
  CHECK_EQ(server.connections(), 1);
}

TEST_CASE("the model is asked about once for many photos, by all the ports of a host") {
  std::atomic<int> shows{0};
  scripted_server server{[&](scripted_connection& client) {
    while (auto request = client.read()) {
      if (request->path == "/api/show") {
        ++shows;
        client.respond(200, R"({"capabilities":["completion","vision"]})");
      } else {
        client.answer({"pizza"});
      }
    }
  }};
  const auto host = port_under_test::settings_for(server.address());
  port_under_test first{host};
  port_under_test second{host};
  CHECK_EQ(first.ask(photo_call("QUJD")), "pizza");
  CHECK_EQ(first.ask(photo_call("QUJD", "llava:latest")), "pizza");
  CHECK_EQ(second.ask(photo_call("QUJD")), "pizza");
  CHECK_EQ(shows.load(), 1);
}

TEST_CASE("a photo is never sent to a model that cannot see, or is not there") {
  std::atomic<int> chats{0};
  scripted_server server{[&](scripted_connection& client) {
    while (auto request = client.read()) {
      if (request->path == "/api/chat")
        ++chats;
      else if (request->body.find("blind") != std::string::npos)
        client.respond(200, R"({"capabilities":["completion","tools"]})");
      else
        client.respond(404, R"({"error":"model 'gone' not found"})");
    }
  }};
  port_under_test port{server.address()};
  for (int i = 0; i < 2; ++i) {
    CHECK_EQ(port.ask(photo_call("QUJD", "blind")), "(model_lacks_vision)");
    CHECK_EQ(port.ask(photo_call("QUJD", "gone")), "(model_not_found)");
  }
  CHECK_EQ(chats.load(), 0);
}

TEST_CASE("a host that cannot say what a model can do fails the call by its own fault") {
  scripted_server server{[&](scripted_connection& client) {
    while (client.read())
      client.respond(503, "");
  }};
  CHECK_EQ(port_under_test{server.address()}.ask(photo_call("QUJD")), "(host_busy)");
}

TEST_CASE("progress counts the pieces of the running call as they arrive") {
  flag first_seen, second_seen;
  scripted_server server{[&](scripted_connection& client) {
    while (client.read()) {
      client.send_stream_head();
      client.send_chunk(token_line("a"));
      first_seen.wait();
      client.send_chunk(token_line("b"));
      second_seen.wait();
      client.send_chunk(done_line);
      client.send_last_chunk();
    }
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port->progress(), 0u);
  auto box = port.start(text_call());
  CHECK(eventually([&] { return port->progress() == 1; }));
  first_seen.raise();
  CHECK(eventually([&] { return port->progress() == 2; }));
  CHECK_EQ(box.count(), 0u);
  second_seen.raise();
  CHECK_EQ(in_words(box.wait()), "ab");
  auto next = port.start(text_call());
  CHECK(port->progress() <= 3u);
  CHECK_EQ(in_words(next.wait()), "ab");
}

TEST_CASE("an answer is told when its last line is there, not when the connection is done with") {
  flag told;
  scripted_server server{[&](scripted_connection& client) {
    if (!client.read())
      return;
    client.send_stream_head();
    client.send_chunk(token_line("a") + done_line);
    told.wait();
    client.wait_for_end();
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "a");
  told.raise();
}

TEST_CASE("a host that does not end its response loses the connection, not the next call") {
  std::atomic<int> calls{0};
  scripted_server server{[&](scripted_connection& client) {
    while (client.read()) {
      if (++calls > 1) {
        client.answer({"b"});
        continue;
      }
      client.send_stream_head();
      client.send_chunk(token_line("a") + done_line);
      client.wait_for_end();
    }
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "a");
  CHECK_EQ(port.ask(), "b");
  CHECK_EQ(server.connections(), 2);
}

TEST_CASE("a response of known length, or ended by the connection's end, is as good as a chunked one") {
  const auto body = token_line("a") + done_line;
  CHECK_EQ(outcome_of_response(200, body), "a");
  CHECK_EQ(outcome_after([&](scripted_connection& client) { client.send("HTTP/1.0 200 OK\r\n\r\n" + body); }), "a");
  CHECK_EQ(outcome_after(
             [&](scripted_connection& client) { client.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body); }),
           "a");
}

TEST_CASE("what a server says about a failure decides the fault") {
  CHECK_EQ(outcome_of_response(404, R"({"error":"model 'llava' not found"})"), "(model_not_found)");
  CHECK_EQ(outcome_of_response(400, R"({"error":"illegal base64 data at input byte 4"})"), "(photo_not_base64)");
  CHECK_EQ(outcome_of_response(500, R"({"error":"model runner has unexpectedly stopped, this may be due to ..."})"),
           "(runner_died)");
  CHECK_EQ(outcome_of_response(500, R"({"error":"llama runner process no longer running: -1 "})"), "(host_busy)");
  CHECK_EQ(outcome_of_response(500, ""), "(model_error)");
  CHECK_EQ(outcome_of_response(502, "<html>Bad Gateway</html>"), "(host_unreachable)");
  CHECK_EQ(outcome_of_response(302, ""), "(model_error)");
}

TEST_CASE("the status of a failure is told with it") {
  scripted_server server{[&](scripted_connection& client) {
    while (client.read())
      client.respond(503, "");
  }};
  port_under_test port{server.address()};
  const auto outcome = port.start(text_call()).wait();
  REQUIRE(outcome && std::holds_alternative<call_failure>(*outcome));
  CHECK_EQ(std::get<call_failure>(*outcome).http_status, 503);
}

TEST_CASE("an error text that never ends is not read to its end") {
  CHECK_EQ(outcome_after([&](scripted_connection& client) {
             client.send("HTTP/1.1 500 Whatever\r\nTransfer-Encoding: chunked\r\n\r\n");
             client.send_chunk(R"({"error":"unexpected EOF)" + std::string(100'000, ' '));
             client.wait_for_end();
           }),
           "(runner_died)");
}

TEST_CASE("a stream without done is no answer, however it ends") {
  CHECK_EQ(outcome_after([](scripted_connection& client) {
             client.send_stream_head();
             client.send_chunk(token_line("a"));
             client.send_last_chunk();
           }),
           "(stream_cut)");
  CHECK_EQ(outcome_after([](scripted_connection& client) {
             client.send_stream_head();
             client.send_chunk(token_line("a"));
           }),
           "(stream_cut)");
  CHECK_EQ(outcome_after([](scripted_connection& client) {
             client.send_stream_head();
             client.send("ffff\r\n{\"mess");
           }),
           "(stream_cut)");
  CHECK_EQ(outcome_after([](scripted_connection& client) {
             client.send_stream_head();
             client.send_chunk(token_line("a"));
             client.reset();
           }),
           "(stream_cut)");
}

TEST_CASE("an error line within a stream names the fault") {
  CHECK_EQ(outcome_after([](scripted_connection& client) {
             client.send_stream_head();
             client.send_chunk(token_line("a"));
             client.send_chunk(R"({"error":"an error was encountered while running the model: unexpected EOF"})"
                               "\n");
             client.send_last_chunk();
           }),
           "(runner_died)");
}

TEST_CASE("a new connection that ends before the first byte is a cut answer, and nobody asks twice") {
  std::atomic<int> calls{0};
  scripted_server server{[&](scripted_connection& client) {
    if (client.read())
      ++calls;
    if (calls == 2)
      client.reset();
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "(stream_cut)");
  CHECK_EQ(calls.load(), 1);
  CHECK_EQ(port.ask(), "(stream_cut)");
  CHECK_EQ(calls.load(), 2);
}

TEST_CASE("a server that speaks no HTTP is a server fault") {
  CHECK_EQ(outcome_after([](scripted_connection& client) { client.send("SSH-2.0-OpenSSH_9.2\r\n\r\n"); }),
           "(model_error)");
  CHECK_EQ(outcome_after([](scripted_connection& client) {
             client.send_stream_head();
             client.send("no chunk\r\n");
             client.wait_for_end();
           }),
           "(model_error)");
  CHECK_EQ(outcome_after([](scripted_connection& client) { client.send("HTTP/1.1 200 OK\r\nHalf-a-hea"); }),
           "(stream_cut)");
}

TEST_CASE("an answer larger than allowed is given up while it is still coming") {
  scripted_server server{[&](scripted_connection& client) {
    if (!client.read())
      return;
    client.send_stream_head();
    for (int i = 0; i < 200; ++i)
      client.send_chunk(token_line(std::to_string(i) + std::string(100, 'x')));
    client.wait_for_end();
  }};
  const auto host = port_under_test::settings_for(server.address());
  host->limits.answer_bytes_max = 10'000;
  CHECK_EQ(port_under_test{host}.ask(), "(answer_too_large)");
}

TEST_CASE("what follows an unwanted answer is read to its end when that is near, and the connection is used again") {
  std::atomic<int> connections = 0;
  scripted_server server{[&](scripted_connection& client) {
    ++connections;
    std::vector<std::string> tokens;
    for (int i = 0; i < 200; ++i)
      tokens.push_back(std::to_string(i) + std::string(100, 'x'));
    while (client.read())
      client.answer(tokens);
  }};
  const auto host = port_under_test::settings_for(server.address());
  host->limits.answer_bytes_max = 10'000;
  port_under_test port{host};
  CHECK_EQ(port.ask(), "(answer_too_large)");
  CHECK_EQ(port.ask(), "(answer_too_large)");
  CHECK_EQ(connections, 1);
}

TEST_CASE("a model that writes blanks for ever after its JSON is hung up on, and its answer counts") {
  flag hung_up;
  const scripted_server server{[&](scripted_connection& client) {
    client.read();
    client.send_stream_head();
    client.send_chunk(token_line(R"({\"a\":1})"));
    while (client.send_chunk(token_line(R"(\n)"))) {
    }
    hung_up.raise();
  }};
  port_under_test port{server.address()};
  request question;
  question.prompt_json = text_slice{R"("How many?")"};
  question.schema_json = text_slice{R"({"type":"object"})"};
  CHECK_EQ(port.ask({shared_request{std::move(question)}, "llava", false}).substr(0, 7), R"({"a":1})");
  CHECK(hung_up.wait());
}

TEST_CASE("an answer to a question that the host has cut to its context is a truncated one") {
  const scripted_server server{[](scripted_connection& client) {
    while (client.read())
      client.answer({"Two"});
  }};
  const auto host = port_under_test::settings_for(server.address());
  port_under_test port{host};
  const auto finish = [&] { return std::get<raw_answer>(*port.start(text_call()).wait()).finish; };
  host->catalog->learn_context("llava", 27);
  CHECK(finish() == finish_reason::stop);
  host->catalog->learn_context("llava", 26); // what the scripted host counts
  CHECK(finish() == finish_reason::length);
}
