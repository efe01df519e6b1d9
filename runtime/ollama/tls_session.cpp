#include "runtime/ollama/tls_session.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

namespace mp {
namespace {

struct ssl_deleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

/// Reading the system's authorities takes some milliseconds: once per process.
SSL_CTX* shared_context() {
  static const std::unique_ptr<SSL_CTX, ssl_deleter> context = [] {
    std::unique_ptr<SSL_CTX, ssl_deleter> made{SSL_CTX_new(TLS_client_method())};
    if (made) {
      SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
      SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
      SSL_CTX_set_default_verify_paths(made.get());
      SSL_CTX_set_mode(made.get(), SSL_MODE_AUTO_RETRY);
    }
    return made;
  }();
  return context.get();
}

bool is_ip_address(const std::string& host) {
  in6_addr ignored;
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// The certificate must name the host; a name is also told to the server, which may serve several.
bool expect_host(SSL* session, const std::string& host) {
  if (is_ip_address(host))
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  return SSL_set1_host(session, host.c_str()) == 1 && SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

int int_size(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

} // namespace

struct tls_session::state {
  std::unique_ptr<SSL, ssl_deleter> session;
};

tls_session::tls_session(std::unique_ptr<state> made) : state_(std::move(made)) {}

tls_session::~tls_session() = default;

std::unique_ptr<tls_session> tls_session::handshake(int socket, const std::string& host) {
  auto* context = shared_context();
  auto made = std::make_unique<state>();
  if (context != nullptr)
    made->session.reset(SSL_new(context));
  auto* session = made->session.get();
  ERR_clear_error();
  if (session == nullptr || SSL_set_fd(session, socket) != 1 || !expect_host(session, host)
      || SSL_connect(session) != 1)
    return nullptr;
  return std::unique_ptr<tls_session>{new tls_session{std::move(made)}};
}

ssize_t tls_session::read(char* out, std::size_t size) {
  ERR_clear_error();
  const auto count = SSL_read(state_->session.get(), out, int_size(size));
  if (count > 0)
    return count;
  const auto system_error = errno;
  switch (SSL_get_error(state_->session.get(), count)) {
  case SSL_ERROR_ZERO_RETURN:
    return 0;
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE:
    errno = EAGAIN;
    return -1;
  case SSL_ERROR_SYSCALL:
    errno = system_error;
    return system_error == 0 ? 0 : -1;
  default:
    errno = ECONNRESET; // an end without a goodbye, or broken records
    return -1;
  }
}

bool tls_session::write(std::string_view bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    const auto count = SSL_write(state_->session.get(), bytes.data(), int_size(bytes.size()));
    if (count <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

} // namespace mp
