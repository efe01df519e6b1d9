#include "runtime/ollama/tls_session.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>

namespace mp::ollama {
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

bool make_non_blocking(int socket) {
  const auto flags = ::fcntl(socket, F_GETFL);
  return flags >= 0 && ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) == 0;
}

/// Waits for the socket; false when a limit is over.
bool wait_for(SSL* session, short events, const tls_limits& limits) {
  pollfd waiting{SSL_get_fd(session), events, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limits.deadline - std::chrono::steady_clock::now());
    const auto time = std::min(left, limits.silence).count();
    const auto ready =
      time > 0 ? ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(time, std::numeric_limits<int>::max())))
               : 0;
    if (ready >= 0 || errno != EINTR)
      return ready > 0;
  }
}

struct step_result {
  int count = 0;        ///< what the library's function gave
  int problem = 0;      ///< SSL_ERROR_... where that is not positive
  int system_error = 0; ///< errno: EAGAIN when a limit is over
};

/// One of the library's functions, again and again until it gets by or a limit is over.
template <class Function>
step_result step(SSL* session, const tls_limits& limits, Function function) {
  while (true) {
    ERR_clear_error();
    errno = 0;
    step_result result{function(), SSL_ERROR_NONE, 0};
    if (result.count > 0)
      return result;
    result.system_error = errno;
    result.problem = SSL_get_error(session, result.count);
    if (result.problem == SSL_ERROR_WANT_READ || result.problem == SSL_ERROR_WANT_WRITE) {
      if (wait_for(session, result.problem == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, limits))
        continue;
      result.system_error = EAGAIN;
    } else if (result.problem != SSL_ERROR_SYSCALL) {
      result.system_error = ECONNRESET; // an end without a goodbye, or broken records
    }
    return result;
  }
}

tls_refusal refusal_of(SSL* session, const step_result& failed) {
  if (const auto verdict = SSL_get_verify_result(session); verdict != X509_V_OK)
    return {true, X509_verify_cert_error_string(verdict)};
  if (failed.system_error == EAGAIN)
    return {false, "no TLS handshake in time"};
  const auto* reason = ERR_reason_error_string(ERR_peek_error());
  return {false, std::string{"TLS: "} + (reason != nullptr ? reason : "the handshake was broken off")};
}

} // namespace

struct tls_session::state {
  std::unique_ptr<SSL, ssl_deleter> session;
};

tls_session::tls_session(std::unique_ptr<state> made) : state_(std::move(made)) {}

tls_session::~tls_session() = default;

std::unique_ptr<tls_session> tls_session::handshake(int socket, const std::string& host, const tls_limits& limits,
                                                    tls_refusal& refusal) {
  auto* context = shared_context();
  auto made = std::make_unique<state>();
  if (context != nullptr)
    made->session.reset(SSL_new(context));
  auto* session = made->session.get();
  ERR_clear_error();
  if (session == nullptr || !make_non_blocking(socket) || SSL_set_fd(session, socket) != 1
      || !expect_host(session, host)) {
    refusal = {false, "TLS cannot be set up"};
    return nullptr;
  }
  const auto connected = step(session, limits, [session] { return SSL_connect(session); });
  if (connected.count != 1) {
    refusal = refusal_of(session, connected);
    return nullptr;
  }
  return std::unique_ptr<tls_session>{new tls_session{std::move(made)}};
}

ssize_t tls_session::read(char* out, std::size_t size, const tls_limits& limits) {
  auto* session = state_->session.get();
  const auto got = step(session, limits, [=] { return SSL_read(session, out, int_size(size)); });
  if (got.count > 0 || got.problem == SSL_ERROR_ZERO_RETURN)
    return std::max(got.count, 0);
  errno = got.system_error;
  return got.problem == SSL_ERROR_SYSCALL && got.system_error == 0 ? 0 : -1;
}

bool tls_session::write(std::string_view bytes, const tls_limits& limits) {
  auto* session = state_->session.get();
  while (!bytes.empty()) {
    const auto sent = step(session, limits, [=] { return SSL_write(session, bytes.data(), int_size(bytes.size())); });
    if (sent.count <= 0) {
      errno = sent.system_error;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent.count));
  }
  return true;
}

bool tls_session::is_quiet() {
  char byte = 0;
  ERR_clear_error();
  const auto count =
    SSL_peek(state_->session.get(), &byte, 1); // takes in what is not for us: session tickets, new keys
  return count <= 0 && SSL_get_error(state_->session.get(), count) == SSL_ERROR_WANT_READ;
}

} // namespace mp::ollama
