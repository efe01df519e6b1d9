#define CAF_SUITE http_model_cancel
#include "tests/support/test.hpp"

#include "tests/integration_cpp/ollama/http_model_fixture.hpp"

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

namespace {

/// Answers every question with "x" at once, except those whose prompt has the word hang: they get `before_hanging` and
/// silence.
scripted_server::script answers_but(std::function<void(scripted_connection&)> before_hanging) {
  return [before_hanging](scripted_connection& client) {
    while (auto request = client.read()) {
      if (request->body.find("hang") != std::string::npos) {
        before_hanging(client);
        client.wait_for_end();
        return;
      }
      client.answer({"x"});
    }
  };
}

} // namespace

TEST_CASE("a cancel before the first byte ends the call at once, and the next call works") {
  flag asked;
  scripted_server server{answers_but([&](scripted_connection&) { asked.raise(); })};
  port_under_test port{server.address()};
  auto box = port.start(text_call("hang"));
  CHECK(asked.wait());
  port->cancel();
  CHECK_EQ(box.count(), 1u);
  CHECK_EQ(in_words(box.wait()), "(cancelled)");
  CHECK_EQ(port.ask(), "x");
  CHECK_EQ(box.count(), 1u);
}

TEST_CASE("a cancel in the middle of a stream ends the call at once, and the server sees the client go") {
  flag gone;
  scripted_server server{[&](scripted_connection& client) {
    while (auto request = client.read()) {
      if (request->body.find("hang") == std::string::npos) {
        client.answer({"x"});
        continue;
      }
      client.send_stream_head();
      client.send_chunk(token_line("a"));
      client.wait_for_end();
      gone.raise();
      return;
    }
  }};
  port_under_test port{server.address()};
  auto box = port.start(text_call("hang"));
  CHECK(eventually([&] { return port->progress() > 0; }));
  port->cancel();
  CHECK_EQ(in_words(box.wait()), "(cancelled)");
  CHECK(gone.wait());
  CHECK_EQ(port.ask(), "x");
}

TEST_CASE("a cancel while a photo is being sent to a server that does not read ends the call") {
  flag connected, finished;
  scripted_server server{[&](scripted_connection&) {
    connected.raise();
    finished.wait();
  }};
  port_under_test port{server.address()};
  port.host().catalog->learn("llava", {true, true}, std::chrono::steady_clock::now());
  auto box = port.start(photo_call(std::string(32u << 20, 'A')));
  CHECK(connected.wait());
  port->cancel();
  CHECK_EQ(in_words(box.wait()), "(cancelled)");
  CHECK(port.destroy_port());
  finished.raise();
}

TEST_CASE("a cancel while the connection is being made ends the call and frees the thread") {
  const full_listener listener;
  for (int round = 0; round < 20; ++round) {
    port_under_test port{listener.address()};
    auto box = port.start(text_call());
    // Some rounds meet the thread before it connects, some while it does.
    const auto until = std::chrono::steady_clock::now() + round * 1ms;
    CHECK(eventually([&] { return std::chrono::steady_clock::now() >= until; }));
    port->cancel();
    CHECK_EQ(in_words(box.wait()), "(cancelled)");
    const auto began = std::chrono::steady_clock::now();
    CHECK(port.destroy_port());
    CHECK(std::chrono::steady_clock::now() - began < long_enough / 2);
  }
}

TEST_CASE("a cancel when no call runs is harmless, and never reaches the next call") {
  scripted_server server{answers_but([](scripted_connection&) {})};
  port_under_test port{server.address()};
  port->cancel();
  for (int i = 0; i < 200; ++i) {
    CHECK_EQ(port.ask(), "x");
    port->cancel();
    port->cancel();
  }
}

TEST_CASE("a cancel at once after the start never reaches the next call") {
  scripted_server server{answers_but([](scripted_connection&) {})};
  port_under_test port{server.address()};
  for (int i = 0; i < 300; ++i) {
    auto box = port.start(text_call("hang"));
    port->cancel();
    CHECK_EQ(in_words(box.wait()), "(cancelled)");
    if (i % 3 == 0)
      CHECK_EQ(port.ask(), "x");
  }
}

TEST_CASE("a cancel that races with the end of a call leaves one end, and never reaches the next call") {
  scripted_server server{answers_but([](scripted_connection&) {})};
  port_under_test port{server.address()};
  std::size_t answered = 0;
  for (int i = 0; i < 500; ++i) {
    auto box = port.start(text_call());
    // From nothing to beyond the time that a call takes here.
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds{i % 250};
    while (std::chrono::steady_clock::now() < until) {
    }
    std::thread other{[&] { port->cancel(); }};
    other.join();
    const auto first = in_words(box.wait());
    CHECK(first == "x" || first == "(cancelled)");
    answered += first == "x" ? 1 : 0;
    CHECK_EQ(port.ask(), "x");
    CHECK_EQ(box.count(), 1u);
  }
  CAF_MESSAGE(answered << " of 500 were answered before the cancel");
}

TEST_CASE("cancels from many threads end one call once") {
  flag asked;
  scripted_server server{answers_but([&](scripted_connection&) { asked.raise(); })};
  port_under_test port{server.address()};
  auto box = port.start(text_call("hang"));
  CHECK(asked.wait());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { port->cancel(); });
  for (auto& each : threads)
    each.join();
  CHECK_EQ(in_words(box.wait()), "(cancelled)");
  CHECK_EQ(port.ask(), "x");
  CHECK_EQ(box.count(), 1u);
}

TEST_CASE("a cancel while the model is being asked about ends the call") {
  flag asked;
  scripted_server server{[&](scripted_connection& client) {
    client.read();
    asked.raise();
    client.wait_for_end();
  }};
  port_under_test port{server.address()};
  auto box = port.start(photo_call("QUJD"));
  CHECK(asked.wait());
  port->cancel();
  CHECK_EQ(in_words(box.wait()), "(cancelled)");
  CHECK(port.destroy_port());
}

TEST_CASE("destroying a port ends its call without waiting, and its thread ends too") {
  flag asked;
  scripted_server server{answers_but([&](scripted_connection&) { asked.raise(); })};
  port_under_test port{server.address()};
  auto box = port.start(text_call("hang"));
  CHECK(asked.wait());
  CHECK(port.destroy_port());
  CHECK_EQ(in_words(box.wait()), "(cancelled)");
  CHECK_EQ(box.count(), 1u);
}

TEST_CASE("a port that was never used has no thread and is destroyed at once") {
  const scripted_server server{answers_but([](scripted_connection&) {})};
  port_under_test port{server.address()};
  CHECK(port.destroy_port());
  CHECK_EQ(server.connections(), 0);
}

TEST_CASE("a thread lets go of a question once it is through with it") {
  scripted_server server{answers_but([](scripted_connection&) {})};
  port_under_test port{server.address()};
  auto bytes = std::make_shared<const std::string>(R"("hello")");
  const std::weak_ptr<const std::string> watched = bytes;
  request question;
  question.prompt_json = text_slice{bytes, *bytes};
  bytes.reset();
  CHECK_EQ(port.ask({shared_request{std::move(question)}, "llava", false}), "x");
  question = {};
  CHECK(eventually([&] { return watched.expired(); }));
}
