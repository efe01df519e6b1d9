#define CAF_SUITE tls_session
#include "tests/support/test.hpp"

#include "runtime/ollama/tls_session.hpp"
#include "tests/integration_cpp/ollama/certificate.hpp"
#include "tests/integration_cpp/ollama/scripted_server.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

#include <openssl/ssl.h>
#include <sys/socket.h>

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

namespace {

ollama::tls_limits until(std::chrono::milliseconds deadline) {
  return {long_enough, std::chrono::steady_clock::now() + deadline};
}

/// Both ends of a connection with a session. The server's end is at hand as session and as bare socket.
class session_pair {
public:
  session_pair() : context_(SSL_CTX_new(TLS_server_method())) {
    trust_only_trusted();
    std::signal(SIGPIPE, SIG_IGN); // as the class asks for; the program's own threads block it
    REQUIRE_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets_.data()), 0);
    REQUIRE_EQ(SSL_CTX_use_certificate_file(context_, trusted().certificate_file().c_str(), SSL_FILETYPE_PEM), 1);
    REQUIRE_EQ(SSL_CTX_use_PrivateKey_file(context_, trusted().key_file().c_str(), SSL_FILETYPE_PEM), 1);
    server = SSL_new(context_);
    SSL_set_fd(server, sockets_[1]);
    std::thread accepting{[this] { SSL_accept(server); }};
    ollama::tls_refusal refusal;
    client = ollama::tls_session::handshake(sockets_[0], "127.0.0.1", until(long_enough), refusal);
    accepting.join();
    REQUIRE_EQ(refusal.why, "");
    REQUIRE(client != nullptr);
  }
  ~session_pair() {
    client.reset();
    SSL_free(server);
    SSL_CTX_free(context_);
    for (const auto each : sockets_)
      ::close(each);
  }

  int server_socket() const { return sockets_[1]; }

  std::unique_ptr<ollama::tls_session> client;
  SSL* server = nullptr;

private:
  SSL_CTX* context_;
  std::array<int, 2> sockets_{};
};

} // namespace

TEST_CASE("what the server sends is read, and afterwards the session is quiet") {
  session_pair pair;
  CHECK_EQ(SSL_write(pair.server, "hello", 5), 5);
  std::array<char, 100> bytes{};
  CHECK_EQ(pair.client->read(bytes.data(), bytes.size(), until(long_enough)), 5);
  CHECK(pair.client->is_quiet());
  CHECK_EQ(SSL_write(pair.server, "x", 1), 1);
  CHECK(!pair.client->is_quiet());
}

TEST_CASE("a session whose peer has said goodbye, or is gone, is not quiet") {
  session_pair pair;
  CHECK(pair.client->is_quiet());
  SSL_shutdown(pair.server);
  CHECK(!pair.client->is_quiet());
  session_pair other;
  ::shutdown(other.server_socket(), SHUT_RDWR);
  CHECK(!other.client->is_quiet());
}

TEST_CASE("a record that never ends is given up at the deadline, however long silence may be") {
  session_pair pair;
  CHECK_EQ(::send(pair.server_socket(), "\x17\x03\x03\x01\x00xxxxx", 10, MSG_NOSIGNAL), 10);
  std::array<char, 100> bytes{};
  errno = 0;
  CHECK_EQ(pair.client->read(bytes.data(), bytes.size(), until(50ms)), -1);
  CHECK_EQ(errno, EAGAIN);
}

TEST_CASE("a peer that does not read is given up at the deadline") {
  session_pair pair;
  CHECK(!pair.client->write(std::string(64u << 20, 'x'), until(50ms)));
  CHECK_EQ(errno, EAGAIN);
}

TEST_CASE("a handshake ends at its deadline, however long silence may be") {
  std::array<int, 2> sockets{};
  REQUIRE_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()), 0);
  CHECK_EQ(::send(sockets[1], "\x16\x03\x03\x3f\xff\x02", 6, MSG_NOSIGNAL), 6);
  ollama::tls_refusal refusal;
  CHECK(ollama::tls_session::handshake(sockets[0], "127.0.0.1", until(50ms), refusal) == nullptr);
  CHECK(!refusal.certificate);
  CHECK_EQ(refusal.why, "no TLS handshake in time");
  for (const auto each : sockets)
    ::close(each);
}
