#define CAF_SUITE http_model_tls
#include "tests/support/test.hpp"

#include "tests/integration_cpp/ollama/http_model_fixture.hpp"

#include <cstdlib>
#include <filesystem>

#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

using namespace mp;
using namespace mp::test;

namespace {

/// A key and a certificate for 127.0.0.1, signed by itself, in files that go with it.
class certificate {
public:
  explicit certificate(const char* name) {
    folder_ = std::filesystem::temp_directory_path() / ("mp-tls-" + std::to_string(::getpid()) + "-" + name);
    std::filesystem::create_directories(folder_);
    auto* key = EVP_EC_gen("P-256");
    auto* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    auto* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(made, subject);
    auto* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(made, names, -1);
    X509_sign(made, key, EVP_sha256());
    write(certificate_file(), [&](FILE* out) { PEM_write_X509(out, made); });
    write(key_file(), [&](FILE* out) { PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_EXTENSION_free(names);
    X509_free(made);
    EVP_PKEY_free(key);
  }
  ~certificate() { std::filesystem::remove_all(folder_); }

  std::string certificate_file() const { return folder_ / "certificate.pem"; }
  std::string key_file() const { return folder_ / "key.pem"; }

private:
  template <class Writer>
  static void write(const std::string& path, Writer writer) {
    auto* out = std::fopen(path.c_str(), "w");
    REQUIRE(out != nullptr);
    writer(out);
    std::fclose(out);
  }

  std::filesystem::path folder_;
};

/// The authority that this process trusts: read once, at the first TLS connection.
const certificate& trusted() {
  static const certificate made{"trusted"};
  return made;
}

/// An Ollama behind TLS. A prompt with the word hang gets silence.
class tls_server {
public:
  explicit tls_server(const certificate& identity)
    : http_(identity.certificate_file().c_str(), identity.key_file().c_str()) {
    ::setenv("SSL_CERT_FILE", trusted().certificate_file().c_str(), 1);
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
  CHECK(port.let_go());
}

TEST_CASE("a silent host behind TLS is given up by the port's own limit") {
  tls_server server{trusted()};
  const auto host = port_under_test::settings_for(server.address());
  host->call_max = std::chrono::milliseconds{100};
  CHECK_EQ(port_under_test{host}.ask(text_call("hang")), "(first_byte_timeout)");
}
