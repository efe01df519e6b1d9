#include "runtime/status/status_server.hpp"

#include "actors/telemetry/log.hpp"
#include "runtime/status/access.hpp"
#include "runtime/status/connection_loop.hpp"
#include "runtime/status/listen_socket.hpp"
#include "runtime/threads/connection_threads.hpp"

#include <boost/json.hpp>
#include <httplib.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace mp::status {
namespace {

// Answers are made on these; while actors are silent each takes two seconds.
constexpr std::size_t probe_threads_max = 6;
constexpr std::size_t probes_waiting_max = 256;
constexpr std::size_t page_threads_max = 2;
constexpr std::size_t pages_waiting_max = 64;

constexpr auto json_type = "application/json";
constexpr std::string_view crash_path = "/debug/crash/";
constexpr auto metrics_type = "text/plain; version=0.0.4; charset=utf-8";

std::string error_json(std::string_view text) { return boost::json::serialize(boost::json::object{{"error", text}}); }

/// A request that has come whole, as cpp-httplib wants to read it, and the response that it writes.
class memory_stream final : public httplib::Stream {
public:
  explicit memory_stream(std::string_view request) : request_(request) {}

  std::string response;

  bool is_readable() const override { return true; }
  bool wait_readable() const override { return true; }
  bool wait_writable() const override { return true; }
  bool is_peer_alive() const override { return true; }
  ssize_t read(char* out, std::size_t size) override {
    const auto count = request_.copy(out, size);
    request_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    response.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }
  time_t duration() const override { return 0; }

private:
  std::string_view request_;
};

caller caller_of(const httplib::Request& request) {
  caller who{request.remote_addr, request.get_header_value("Host"), request.has_header("Origin"), false,
             request.get_header_value("Authorization")};
  for (const auto& [name, value] : request.headers)
    who.is_forwarded |= is_forwarding_header(name);
  // Of two headers one would be looked at and another one meant.
  if (request.get_header_value_count("Host") > 1)
    who.host = "(several)";
  if (request.get_header_value_count("Authorization") > 1)
    who.authorization = "(several)";
  return who;
}

/// Whether the request is for health or readiness.
bool is_probe(std::string_view head) {
  const auto blank = head.find(' ');
  const auto path = blank == std::string_view::npos ? std::string_view{} : head.substr(blank + 1);
  return path.starts_with("/health") || path.starts_with("/ready");
}

std::string busy_response() {
  const auto body = error_json("too many requests at once");
  return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
         "Retry-After: 1\r\nConnection: close\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// cpp-httplib's reading of requests and writing of responses, without its sockets and threads: those have a limit for
/// each read only, and a thread for each client however slow it is.
class routes final : public httplib::Server {
public:
  explicit routes(status_handlers handlers) : handlers_(std::move(handlers)) {
    set_default_headers({{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      route(request, response);
      return HandlerResponse::Handled;
    });
    set_exception_handler(
      [](const httplib::Request& request, httplib::Response& response, const std::exception_ptr& problem) {
        report(request.path, problem);
        fail(response, httplib::StatusCode::InternalServerError_500, "internal error");
      });
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty())
        response.set_content(error_json(httplib::status_message(response.status)), json_type);
    });
  }

  /// The whole response; empty: there is none to this.
  std::string respond(const received_head& request) {
    memory_stream stream{request.bytes};
    auto closed = false;
    process_request(stream, request.address, 0, {}, 0, true, closed, nullptr);
    return std::move(stream.response);
  }

private:
  static void fail(httplib::Response& response, int status, std::string_view text) {
    response.status = status;
    response.set_content(error_json(text), json_type);
  }

  static void report(const std::string& path, const std::exception_ptr& problem) {
    try {
      std::rethrow_exception(problem);
    } catch (const std::exception& e) {
      log::error("status_request_failed", {{"path", path}, {"reason", e.what()}});
    } catch (...) {
      log::error("status_request_failed", {{"path", path}, {"reason", "unknown"}});
    }
  }

  void route(const httplib::Request& request, httplib::Response& response) {
    if (handlers_.crash && request.path.starts_with(crash_path)) {
      if (request.method != "POST")
        return refuse_method(response, "POST");
      if (!is_granted(access_to_crashes(caller_of(request), handlers_.api_token), response))
        return;
      return give(response, handlers_.crash(std::string_view{request.path}.substr(crash_path.size())));
    }
    const auto is_json = request.path == "/health" || request.path == "/ready" || request.path == "/api/status";
    if (!is_json && request.path != "/metrics")
      return fail(response, httplib::StatusCode::NotFound_404, "not found");
    if (request.method != "GET" && request.method != "HEAD")
      return refuse_method(response, "GET, HEAD");
    if (request.path == "/api/status"
        && !is_granted(access_to_details(caller_of(request), handlers_.api_token), response))
      return;
    response.status = httplib::StatusCode::OK_200;
    if (request.path == "/metrics")
      return response.set_content(handlers_.metrics(), metrics_type);
    give(response, request.path == "/health"  ? handlers_.health()
                   : request.path == "/ready" ? handlers_.ready()
                                              : handlers_.status());
  }

  /// Otherwise the response says why not.
  static bool is_granted(access verdict, httplib::Response& response) {
    if (verdict == access::unauthenticated) {
      response.set_header("WWW-Authenticate", R"(Bearer realm="models-processor")");
      fail(response, httplib::StatusCode::Unauthorized_401,
           "needs the header Authorization: Bearer with the value of API_TOKEN");
    } else if (verdict == access::refused) {
      fail(response, httplib::StatusCode::Forbidden_403, "not for web pages, nor under a foreign name of this machine");
    }
    return verdict == access::granted;
  }

  static void refuse_method(httplib::Response& response, const char* allowed) {
    response.set_header("Allow", allowed);
    fail(response, httplib::StatusCode::MethodNotAllowed_405, "method not allowed");
  }

  static void give(httplib::Response& response, status_answer answer) {
    response.status = answer.http_status;
    response.set_content(std::move(answer.json), json_type);
  }

  status_handlers handlers_;
};

} // namespace

class status_server::server {
public:
  server(status_handlers handlers, std::chrono::milliseconds request_time_max)
    : routes_(std::move(handlers)),
      loop_([this](received_head request) { take(std::move(request)); }, {request_time_max, 0}) {}

  ~server() { end(); }

  std::uint16_t start(const std::string& address, std::uint16_t port) {
    const auto listening = listen_on(address, port);
    loop_.start(listening.socket);
    return listening.port;
  }

  void end() {
    loop_.stop(); // nothing comes any more, and no client waits for the answers that are still made
    probes_.stop();
    pages_.stop();
  }

private:
  void take(received_head request) {
    const auto which = request.connection;
    auto& threads = is_probe(request.bytes) ? probes_ : pages_;
    if (!threads.run(
          [this, request = std::move(request)] { loop_.answer(request.connection, routes_.respond(request)); }))
      loop_.answer(which, busy_response());
  }

  routes routes_;
  threads::connection_threads probes_{probe_threads_max, probes_waiting_max};
  threads::connection_threads pages_{page_threads_max, pages_waiting_max};
  connection_loop loop_;
};

status_server::status_server(status_handlers handlers, std::chrono::milliseconds request_time_max)
  : server_(std::make_unique<server>(std::move(handlers), request_time_max)) {}

status_server::~status_server() { stop(); }

std::uint16_t status_server::start(const std::string& listen_address, std::uint16_t port) {
  return server_->start(listen_address, port);
}

void status_server::stop() { server_->end(); }

} // namespace mp::status
