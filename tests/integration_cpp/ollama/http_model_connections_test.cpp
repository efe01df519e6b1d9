#define CAF_SUITE http_model_connections
#include "tests/support/test.hpp"

#include "tests/integration_cpp/ollama/http_model_fixture.hpp"

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

TEST_CASE("a refused connection is an unreachable host") {
  const closed_port closed;
  CHECK_EQ(port_under_test{closed.address()}.ask(), "(host_unreachable)");
}

TEST_CASE("a host is found by its name") {
  const scripted_server server{[](scripted_connection& client) {
    while (client.read())
      client.answer({"x"});
  }};
  auto address = server.address();
  address.host = "localhost";
  CHECK_EQ(port_under_test{address}.ask(), "x");
}

TEST_CASE("a host that does not take the connection in time is unreachable") {
  const full_listener listener;
  const auto host = port_under_test::settings_for(listener.address());
  host->connect_max = 50ms;
  CHECK_EQ(port_under_test{host}.ask(), "(host_unreachable)");
}

TEST_CASE("a host that was away is reached by the next call once it is back") {
  auto closed = std::make_unique<closed_port>();
  port_under_test port{closed->address()};
  CHECK_EQ(port.ask(), "(host_unreachable)");
  CHECK_EQ(port.ask(), "(host_unreachable)");
  const scripted_server server{[](scripted_connection& client) {
                                 while (client.read())
                                   client.answer({"x"});
                               },
                               std::move(closed)};
  CHECK_EQ(port.ask(), "x");
}

TEST_CASE("a socket that stays silent for ever is given up by the port's own limit") {
  scripted_server server{[](scripted_connection& client) {
    client.read();
    client.wait_for_end();
  }};
  const auto host = port_under_test::settings_for(server.address());
  host->call_max = 50ms;
  CHECK_EQ(port_under_test{host}.ask(), "(first_byte_timeout)");
}

TEST_CASE("a stream that falls silent is given up by the port's own limit") {
  scripted_server server{[](scripted_connection& client) {
    client.read();
    client.send_stream_head();
    client.send_chunk(token_line("a"));
    client.wait_for_end();
  }};
  const auto host = port_under_test::settings_for(server.address());
  host->call_max = 50ms;
  const auto outcome = port_under_test{host}.ask();
  CHECK(outcome == "(idle_timeout)" || outcome == "(call_timeout)");
}

TEST_CASE("a stream that drips for ever is given up by the port's own limit") {
  scripted_server server{[](scripted_connection& client) {
    client.read();
    client.send_stream_head();
    while (client.send_chunk(token_line("")))
      std::this_thread::yield();
  }};
  const auto host = port_under_test::settings_for(server.address());
  host->call_max = 100ms;
  CHECK_EQ(port_under_test{host}.ask(), "(call_timeout)");
}

TEST_CASE("a server that does not read a photo is given up by the port's own limit") {
  flag finished;
  scripted_server server{[&](scripted_connection&) { finished.wait(); }};
  const auto host = port_under_test::settings_for(server.address());
  host->catalog->learn("llava", {true, true}, std::chrono::steady_clock::now());
  host->call_max = 50ms;
  CHECK_EQ(port_under_test{host}.ask(photo_call(std::string(32u << 20, 'A'))), "(first_byte_timeout)");
  finished.raise();
}

TEST_CASE("a connection that the server closed while it was idle costs nothing") {
  std::atomic<int> calls{0};
  scripted_server server{[&](scripted_connection& client) {
    if (client.read())
      client.answer({std::to_string(++calls)});
  }};
  port_under_test port{server.address()};
  for (int i = 1; i <= 20; ++i)
    CHECK_EQ(port.ask(), std::to_string(i));
  CHECK_EQ(server.connections(), 20);
}

TEST_CASE("a connection that is closed just as the next request arrives is replaced, and the request made again") {
  std::atomic<int> calls{0};
  scripted_server server{[&](scripted_connection& client) {
    if (!client.read())
      return;
    client.answer({std::to_string(++calls)});
    client.read(); // and away, without a word
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "1");
  CHECK_EQ(port.ask(), "2");
  CHECK_EQ(port.ask(), "3");
  CHECK_EQ(server.connections(), 3);
}

TEST_CASE("the same with a reset, and with a photo") {
  std::atomic<int> calls{0};
  scripted_server server{[&](scripted_connection& client) {
    if (!client.read())
      return;
    client.answer({std::to_string(++calls)});
    client.reset();
    client.read();
  }};
  port_under_test port{server.address()};
  port.host().catalog->learn("llava", {true, true}, std::chrono::steady_clock::now());
  CHECK_EQ(port.ask(photo_call(std::string(3'000'000, 'A'))), "1");
  CHECK_EQ(port.ask(photo_call(std::string(3'000'000, 'A'))), "2");
}

TEST_CASE("a request is made again once, not for ever") {
  std::atomic<int> requests{0};
  scripted_server server{[&](scripted_connection& client) {
    while (client.read())
      if (++requests == 1)
        client.answer({"a"});
      else
        return;
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "a");
  CHECK_EQ(port.ask(), "(stream_cut)");
  CHECK_EQ(requests.load(), 3);
}

TEST_CASE("a kept connection that breaks within the answer is not asked again") {
  std::atomic<int> requests{0};
  scripted_server server{[&](scripted_connection& client) {
    while (client.read()) {
      if (++requests == 1) {
        client.answer({"a"});
        continue;
      }
      client.send_stream_head();
      return;
    }
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "a");
  CHECK_EQ(port.ask(), "(stream_cut)");
  CHECK_EQ(requests.load(), 2);
}

TEST_CASE("a server that refuses a large body before it has read it is heard") {
  scripted_server server{[](scripted_connection& client) {
    client.respond(400, R"({"error":"illegal base64 data at input byte 4"})");
    client.wait_for_end();
  }};
  port_under_test port{server.address()};
  port.host().catalog->learn("llava", {true, true}, std::chrono::steady_clock::now());
  CHECK_EQ(port.ask(photo_call(std::string(3'000'000, 'A'))), "(photo_not_base64)");
}

TEST_CASE("bytes after the end of a response are never taken for the next one") {
  std::atomic<int> calls{0};
  scripted_server server{[&](scripted_connection& client) {
    while (client.read()) {
      if (++calls > 1) {
        client.answer({"b"});
        continue;
      }
      const auto body = token_line("a") + done_line;
      client.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
                  + "HTTP/1.1 500 Unasked\r\nContent-Length: 0\r\n\r\n");
    }
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "a");
  CHECK_EQ(port.ask(), "b");
  CHECK_EQ(server.connections(), 2);
}
