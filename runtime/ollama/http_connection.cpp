#include "runtime/ollama/http_connection.hpp"

#include "runtime/ollama/connect_socket.hpp"
#include "runtime/ollama/interim_responses.hpp"
#include "runtime/ollama/socket_wire.hpp"
#include "runtime/threads/stop.hpp"

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include <unistd.h>

namespace mp::ollama {
namespace {

using clock = socket_wire::clock;

/// How soon the end of a connection that was closed while idle shows: a round trip, and some time for a busy machine.
constexpr std::chrono::seconds stale_connection_shows_within{2};

/// cpp-httplib's view of a socket_wire.
class wire_stream final : public httplib::Stream {
public:
  socket_wire wire;
  bool in_body = false; ///< what is written now is the request's own body, which stays where it is

  void begin() {
    interim_.restart();
    is_looked_at_ = has_begun_ = kept_is_read_ = false;
    kept_read_ = 0;
  }

  /// Whether a byte of the final response has come.
  bool has_begun() const { return wire.bytes_received() > interim_.skipped(); }

  // cpp-httplib asks these before each piece it writes; a broken connection shows when the gathered pieces are sent.
  bool is_readable() const override { return wire.has_leftover(); }
  bool wait_readable() const override { return true; }
  bool wait_writable() const override { return true; }
  bool is_peer_alive() const override { return true; }

  ssize_t read(char* out, std::size_t size) override {
    return kept_is_read_ ? wire.read(out, size) : read_beginning(out, size);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    if (in_body)
      wire.write_view({bytes, size});
    else
      wire.write({bytes, size});
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return wire.socket(); }
  time_t duration() const override { return 0; }

private:
  /// Passes over interim responses; the bytes of the final one that were read to recognise it come first.
  /// Not inline: read() is called for each byte of the headers.
  [[gnu::noinline]] ssize_t read_beginning(char* out, std::size_t size) {
    if (!is_looked_at_) {
      is_looked_at_ = true;
      if (interim_responses::is_final(wire.peek())) {
        has_begun_ = kept_is_read_ = true;
        return wire.read(out, size);
      }
    }
    while (!has_begun_) {
      char byte = 0;
      if (const auto count = wire.read(&byte, 1); count <= 0)
        return count;
      const auto verdict = interim_.take(byte);
      if (verdict == interim_responses::verdict::too_many)
        return -1;
      has_begun_ = verdict == interim_responses::verdict::begun;
    }
    const auto kept = interim_.kept().substr(kept_read_);
    if (kept.empty()) {
      kept_is_read_ = true;
      return wire.read(out, size);
    }
    const auto count = std::min(size, kept.size());
    std::memcpy(out, kept.data(), count);
    kept_read_ += count;
    return static_cast<ssize_t>(count);
  }

  interim_responses interim_;
  bool is_looked_at_ = false; ///< the first bytes
  bool has_begun_ = false;    ///< the final response
  std::size_t kept_read_ = 0;
  bool kept_is_read_ = false; ///< from here on bytes come straight from the wire
};

} // namespace

static_assert(
  std::string_view(CPPHTTPLIB_VERSION_NUM) == "0x002900",
  "http_connection is tried with cpp-httplib 0.41.0: read how ClientImpl connects and sends in this version, "
  "run port_tests, and change the number here and in deploy/versions");

/// cpp-httplib's client with our own way to connect, to move bytes and to be stopped. Four promises force it: a
/// cancelled request ends at once, also while it connects (stop() waits for the attempt to end); a cancel between two
/// requests holds for the next (stop() is forgotten by it); a host that is silent is told from one that is slow, by
/// limits for the first byte, the pauses and the whole; and photos of megabytes go out without two poll() calls and a
/// packet for each piece. That rests on parts of cpp-httplib which its versions do not keep:
/// create_and_connect_socket() and process_socket() are virtual and are all that touches the network, sending calls
/// them in this order, and what a request holds is public. The compiler checks the signatures (each override, each
/// member that is set); the order only the tests, hence one version.
class http_connection::client final : public httplib::ClientImpl {
public:
  client(config::host_address host, std::chrono::milliseconds connect_max)
    : ClientImpl(host.host, host.port), host_(std::move(host)), connect_max_(connect_max) {
    set_keep_alive(true);
    set_decompress(false);
    set_path_encode(false);
    set_header_writer([](httplib::Stream& stream, httplib::Headers& headers) {
      std::string lines;
      for (const auto& [name, value] : headers)
        if (!value.empty())
          lines.append(name).append(": ").append(value).append("\r\n");
      lines += "\r\n";
      return stream.write(lines.data(), lines.size());
    });
  }

  http_result run(const http_request& request, const body_callback& on_body, const std::stop_token& stop) {
    if (is_socket_open() && !stream_.wire.is_quiet())
      this->stop(); // the next request connects anew
    const auto began = clock::now();
    auto result = run_once(request, on_body, stop);
    const auto is_stale = !connected_anew_ && result.failure == transport_failure::closed_before_answer
                          && clock::now() - began < stale_connection_shows_within;
    return is_stale ? run_once(request, on_body, stop) : result;
  }

  void limit_rest(std::chrono::milliseconds rest) { stream_.wire.limit_rest(rest); }

private:
  http_result run_once(const http_request& request, const body_callback& on_body, const std::stop_token& stop) {
    request_ = &request;
    stop_ = &stop;
    connected_anew_ = false;
    had_enough_ = false;
    is_under_way_ = false;
    refusal_ = {};

    http_result result;
    httplib::Request message;
    message.method = request.body.empty() ? "GET" : "POST";
    message.path = request.path;
    // Present and empty keeps cpp-httplib from asking whether a body is welcome: Ollama reads it anyway, and some
    // proxies stall.
    message.headers = {{"Expect", ""}, {"User-Agent", "models-processor"}};
    if (!request.body.empty()) {
      message.headers.emplace("Content-Type", "application/json");
      message.content_length_ = request.body_bytes;
      message.content_provider_ = [this](std::size_t, std::size_t, httplib::DataSink& sink) {
        return write_body(sink);
      };
    }
    message.response_handler = [&result](const httplib::Response& response) {
      result.status = response.status;
      return true;
    };
    message.content_receiver = [&](const char* bytes, std::size_t size, std::size_t, std::size_t) {
      had_enough_ = !on_body(result.status, {bytes, size});
      return !had_enough_;
    };
    httplib::Response response;
    auto error = httplib::Error::Success;
    if (!send(message, response, error) && !had_enough_) {
      result.failure = why_failed();
      result.why = std::move(refusal_.why);
    } else if (stream_.wire.has_leftover()) {
      this->stop();
    }
    if (stop.stop_requested())
      result.failure = transport_failure::interrupted;
    return result;
  }

  bool write_body(httplib::DataSink& sink) {
    stream_.in_body = true;
    for (const auto piece : request_->body)
      sink.write(piece.data(), piece.size());
    stream_.in_body = false;
    return true;
  }

  transport_failure why_failed() const {
    if (!is_under_way_)
      return refusal_.certificate ? transport_failure::not_trusted : transport_failure::not_connected;
    const auto has_begun = stream_.has_begun();
    switch (stream_.wire.how()) {
      case socket_wire::state::closed:
        return stream_.wire.bytes_received() > 0 ? transport_failure::closed_within_answer
                                                 : transport_failure::closed_before_answer;
      case socket_wire::state::silent:
        return has_begun ? transport_failure::silent_within_answer : transport_failure::silent_before_answer;
      case socket_wire::state::overdue:
        return has_begun ? transport_failure::overdue : transport_failure::silent_before_answer;
      case socket_wire::state::open: break;
    }
    return transport_failure::not_http;
  }

  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override {
    tls_.reset();
    auto [connected, why] = connect_socket(host_.host, host_.port, connect_max_, *stop_);
    if (connected == -1) {
      refusal_.why = std::move(why);
      error = httplib::Error::Connection;
      return false;
    }
    stream_.wire.connected();
    if (host_.tls && !begin_tls(connected)) {
      ::close(connected);
      error = httplib::Error::SSLConnection;
      return false;
    }
    connected_anew_ = true;
    socket.sock = connected;
    return true;
  }

  bool begin_tls(int connected) {
    const threads::shutdown_on_stop watched{*stop_, connected};
    if (watched)
      tls_ = tls_session::handshake(connected, host_.host, {connect_max_, clock::now() + connect_max_}, refusal_);
    return tls_ != nullptr;
  }

  bool process_socket(const Socket& socket, std::chrono::time_point<std::chrono::steady_clock>,
                      std::function<bool(httplib::Stream&)> exchange) override {
    is_under_way_ = true;
    const threads::shutdown_on_stop watched{*stop_, socket.sock};
    if (!watched)
      return false;
    stream_.begin();
    stream_.wire.begin(socket.sock, tls_.get(), request_->silence_max, clock::now() + request_->whole_max);
    return exchange(stream_);
  }

  const config::host_address host_;
  const std::chrono::milliseconds connect_max_;
  wire_stream stream_;
  std::unique_ptr<tls_session> tls_;

  // Of the request that is running.
  const http_request* request_ = nullptr;
  const std::stop_token* stop_ = nullptr;
  bool connected_anew_ = false;
  bool had_enough_ = false;
  bool is_under_way_ = false; ///< the connection stands
  tls_refusal refusal_;       ///< why it does not
};

http_connection::http_connection(config::host_address host, std::chrono::milliseconds connect_max)
  : client_(std::make_unique<client>(std::move(host), connect_max)) {}

http_connection::~http_connection() = default;

http_result http_connection::run(const http_request& request, const body_callback& on_body,
                                 const std::stop_token& stop) {
  return client_->run(request, on_body, stop);
}

void http_connection::limit_rest(std::chrono::milliseconds rest) { client_->limit_rest(rest); }

} // namespace mp::ollama
