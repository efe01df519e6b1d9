#define CAF_SUITE http_model_tls
#include "tests/support/test.hpp"

#include "runtime/ollama/http_host.hpp"
#include "tests/integration_cpp/ollama/certificate.hpp"
#include "tests/integration_cpp/ollama/http_model_fixture.hpp"

#include <httplib.h>

using namespace mp;
using namespace mp::test;

namespace {

/// An Ollama behind TLS. A prompt with the word hang gets silence.
class tls_server {
public:
  explicit tls_server(const certificate& identity)
    : http_(identity.certificate_file().c_str(), identity.key_file().c_str()) {
    trust_only_trusted();
    http_.set_tcp_nodelay(true);
    http_.Post("/api/show", [](const auto&, auto& response) {
      response.set_content(R"({"capabilities":["completion","vision"]})", "application/json");
    });
    http_.Post("/api/chat", [this](const httplib::Request& request, httplib::Response& response) {
      last_body = request.body;
      ports.insert(request.remote_port);
      if (request.body.find("hang") != std::string::npos) {
        asked.raise();
        finished.wait();
      }
      response.set_content(token_line("a") + done_line, "application/x-ndjson");
    });
    port_ = http_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { http_.listen_after_bind(); }};
    http_.wait_until_ready();
  }
  ~tls_server() {
    finished.raise();
    http_.stop();
    thread_.join();
  }

  config::host_address address() const { return {true, "127.0.0.1", static_cast<std::uint16_t>(port_)}; }

  std::string last_body;
  std::set<int> ports;
  flag asked, finished;

private:
  httplib::SSLServer http_;
  int port_ = 0;
  std::thread thread_;
};

} // namespace

TEST_CASE("a host behind TLS is asked like any other, over one connection") {
  tls_server server{trusted()};
  port_under_test port{server.address()};
  for (int i = 0; i < 10; ++i)
    CHECK_EQ(port.ask(), "a");
  CHECK_EQ(server.ports.size(), 1u);
}

TEST_CASE("a photo arrives byte for byte through TLS") {
  tls_server server{trusted()};
  port_under_test port{server.address()};
  const std::string photo(2'000'001, 'B');
  CHECK_EQ(port.ask(photo_call(photo)), "a");
  CHECK(server.last_body.find("\"images\":[\"" + photo + "\"]") != std::string::npos);
}

TEST_CASE("a host whose certificate nobody vouches for is not spoken to") {
  const certificate stranger{"stranger"};
  tls_server server{stranger};
  port_under_test port{server.address()};
  CHECK_EQ(port.ask(), "(host_unreachable)");
  CHECK(server.ports.empty());
}

TEST_CASE("a host whose certificate is for another name is not spoken to") {
  tls_server server{trusted()};
  auto address = server.address();
  address.host = "localhost";
  CHECK_EQ(port_under_test{address}.ask(), "(host_unreachable)");
  CHECK(server.ports.empty());
}

TEST_CASE("a host that speaks no TLS is unreachable under an https address") {
  const scripted_server server{[](scripted_connection& client) {
    client.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    client.wait_for_end();
  }};
  auto address = server.address();
  address.tls = true;
  CHECK_EQ(port_under_test{address}.ask(), "(host_unreachable)");
}

TEST_CASE("a cancel ends a call behind TLS too, and the next one works") {
  tls_server server{trusted()};
  port_under_test port{server.address()};
  auto box = port.start(text_call("hang"));
  CHECK(server.asked.wait());
  port->cancel();
  CHECK_EQ(in_words(box.wait()), "(cancelled)");
  CHECK_EQ(port.ask(), "a");
}

TEST_CASE("a cancel within the handshake ends the call") {
  flag connected;
  scripted_server server{[&](scripted_connection& client) {
    connected.raise();
    client.wait_for_end();
  }};
  auto address = server.address();
  address.tls = true;
  port_under_test port{address};
  auto box = port.start(text_call());
  CHECK(connected.wait());
  port->cancel();
  CHECK_EQ(in_words(box.wait()), "(cancelled)");
  CHECK(port.destroy_port());
}

TEST_CASE("a silent host behind TLS is given up by the port's own limit") {
  tls_server server{trusted()};
  const auto host = port_under_test::settings_for(server.address());
  host->call_max = std::chrono::milliseconds{100};
  CHECK_EQ(port_under_test{host}.ask(text_call("hang")), "(first_byte_timeout)");
}

namespace {

host_report probed(const config::host_address& address, std::chrono::milliseconds connect_max = long_enough) {
  const auto host = port_under_test::settings_for(address);
  host->connect_max = connect_max;
  ollama::http_host port{host, {{"llava"}, {}}, std::make_shared<threads::background_threads>()};
  mailbox<host_report> box;
  port.probe(host_port::depth::look, box.callback());
  const auto report = box.wait();
  REQUIRE(report.has_value());
  return *report;
}

} // namespace

TEST_CASE("a probe tells a refused certificate from a host that is away, with what is wrong with it") {
  {
    const certificate stranger{"stranger"};
    const tls_server server{stranger};
    const auto report = probed(server.address());
    CHECK(report.condition == host_condition::not_trusted);
    CHECK(report.why.find("self-signed") != std::string::npos || report.why.find("self signed") != std::string::npos);
  }
  const tls_server server{trusted()};
  auto address = server.address();
  address.host = "localhost";
  const auto report = probed(address);
  CHECK(report.condition == host_condition::not_trusted);
  CHECK_NE(report.why.find("mismatch"), std::string::npos);
}

TEST_CASE("a probe of a host that speaks no TLS says so") {
  const scripted_server server{[](scripted_connection& client) {
    client.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    client.wait_for_end();
  }};
  auto address = server.address();
  address.tls = true;
  const auto report = probed(address);
  CHECK(report.condition == host_condition::unreachable);
  CHECK(report.why.starts_with("TLS: "));
}

TEST_CASE("a probe of a host that closes connections without a word asks whether it wants TLS") {
  const scripted_server server{[](scripted_connection& client) { client.read(); }};
  const auto report = probed(server.address());
  CHECK(report.condition == host_condition::unreachable);
  CHECK_NE(report.why.find("https"), std::string::npos);
}

TEST_CASE("a handshake that has begun and does not end is given up by the connection's own limit") {
  const scripted_server server{[](scripted_connection& client) {
    client.send(std::string_view{"\x16\x03\x03\x3f\xff\0\0\0", 8}); // a record that is longer than what comes of it
    client.wait_for_end();
  }};
  auto address = server.address();
  address.tls = true;
  const auto report = probed(address, std::chrono::milliseconds{50});
  CHECK(report.condition == host_condition::unreachable);
  CHECK_EQ(report.why, "no TLS handshake in time");
}
