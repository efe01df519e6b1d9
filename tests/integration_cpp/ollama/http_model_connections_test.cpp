#define CAF_SUITE http_model_connections
#include "tests/support/test.hpp"

#include "runtime/ollama/connect_socket.hpp"
#include "runtime/ollama/resolve_name.hpp"
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

TEST_CASE("bytes that come on a kept connection after its response are never taken for the next one") {
  for (const std::string_view unasked :
       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 408 Request Timeout\r\n", "x"}) {
    flag sent;
    flag may_send;
    std::atomic<int> calls{0};
    scripted_server server{[&](scripted_connection& client) {
      while (client.read()) {
        const auto call = ++calls;
        client.answer({call == 1 ? "a" : "b"});
        if (call > 1)
          continue;
        may_send.wait();
        client.send(unasked);
        sent.raise();
      }
    }};
    port_under_test port{server.address()};
    CHECK_EQ(port.ask(), "a");
    may_send.raise();
    CHECK(sent.wait());
    CHECK_EQ(port.ask(), "b");
    CHECK_EQ(port.ask(), "b");
    CHECK_EQ(server.connections(), 2);
  }
}

TEST_CASE("interim responses before an answer are passed over, on a fresh and on a kept connection") {
  scripted_server server{[](scripted_connection& client) {
    while (client.read()) {
      client.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n");
      client.answer({"x"});
    }
  }};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "x");
  CHECK_EQ(port.ask(), "x");
  CHECK_EQ(server.connections(), 1);
}

TEST_CASE("a server that sends interim responses without end is given up at once") {
  scripted_server server{[](scripted_connection& client) {
    client.read();
    while (client.send("HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n")) {
    }
  }};
  CHECK_EQ(port_under_test{server.address()}.ask(), "(model_error)");
}

TEST_CASE("silence after an interim response is silence before the answer") {
  scripted_server server{[](scripted_connection& client) {
    client.read();
    client.send("HTTP/1.1 103 Early Hints\r\n\r\n");
    client.wait_for_end();
  }};
  const auto host = port_under_test::settings_for(server.address());
  host->call_max = 50ms;
  CHECK_EQ(port_under_test{host}.ask(), "(first_byte_timeout)");
}

namespace {

ollama::socket_address address_of(const config::host_address& address) {
  const std::stop_token never;
  auto found = ollama::resolve_name(address.host, address.port, std::chrono::steady_clock::now() + long_enough, never);
  REQUIRE_EQ(found.addresses.size(), 1u);
  return found.addresses.front();
}

/// Whether one of the addresses takes the connection.
bool connects(const std::vector<config::host_address>& addresses, const std::stop_token& stop,
              std::chrono::milliseconds limit = long_enough) {
  std::vector<ollama::socket_address> list;
  for (const auto& each : addresses)
    list.push_back(address_of(each));
  const auto socket = ollama::connect_to_any(list, std::chrono::steady_clock::now() + limit, stop);
  if (socket != -1)
    ::close(socket);
  return socket != -1;
}

} // namespace

TEST_CASE("of several addresses the first that answers is taken, whether the others are silent or refuse") {
  const std::stop_token never;
  const full_listener silent;
  const closed_port refusing;
  const scripted_server good{[](scripted_connection& client) { client.wait_for_end(); }};
  CHECK(connects({silent.address(), good.address()}, never));
  CHECK(connects({silent.address(), silent.address(), silent.address(), good.address()}, never, 2s));
  CHECK(connects({refusing.address(), refusing.address(), good.address()}, never));
  CHECK(connects({silent.address(), refusing.address(), good.address(), silent.address()}, never));
  CHECK(!connects({refusing.address(), refusing.address()}, never));
  CHECK(!connects({silent.address(), refusing.address()}, never, 50ms));
}

TEST_CASE("a stop ends attempts at several addresses") {
  std::stop_source stop;
  const full_listener silent;
  auto connected = true;
  std::thread connecting{[&] { connected = connects({silent.address(), silent.address()}, stop.get_token()); }};
  stop.request_stop();
  connecting.join();
  CHECK(!connected);
}

TEST_CASE("a name that nobody knows is told, within the limit") {
  const std::stop_token never;
  const auto began = std::chrono::steady_clock::now();
  const auto found = ollama::connect_socket("no-such-host.invalid", 11434, 100ms, never);
  CHECK_EQ(found.socket, -1);
  CHECK(found.why.starts_with("the name "));
  CHECK(std::chrono::steady_clock::now() - began < long_enough);
}
