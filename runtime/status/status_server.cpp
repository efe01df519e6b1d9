#include "runtime/status/status_server.hpp"

#include "actors/instruments/log.hpp"
#include "runtime/status/connection_threads.hpp"

#include <httplib.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace mp {
namespace {

constexpr time_t write_timeout_seconds = 2;
constexpr std::size_t body_bytes_max = 4096; // no endpoint has use for a body
constexpr std::size_t threads_max = 8;
constexpr std::size_t connections_waiting_max = 32;

constexpr auto json_type = "application/json";
constexpr std::string_view crash_path = "/debug/crash/";
constexpr auto metrics_type = "text/plain; version=0.0.4; charset=utf-8";

struct task_queue final : httplib::TaskQueue {
  bool enqueue(std::function<void()> job) override { return threads.run(std::move(job)); }
  void shutdown() override { threads.stop(); }

  connection_threads threads{threads_max, connections_waiting_max};
};

std::string error_json(std::string_view text) { return R"({"error":")" + std::string{text} + "\"}"; }

} // namespace

/// httplib's server with an end to every connection: it has a limit for each read only, so a client that sends a byte
/// now and then could hold a thread for hours. `process_and_close_socket` is httplib's hook for what is done with an
/// accepted connection.
class status_server::server final : public httplib::Server {
public:
  server(status_handlers handlers, std::chrono::milliseconds request_time_max)
    : handlers_(std::move(handlers)), request_time_max_(request_time_max) {
    new_task_queue = [] { return new task_queue; };
    // Not httplib's default, SO_REUSEPORT: with it two services would share a port, each getting half of the probes.
    set_socket_options([](socket_t sock) { httplib::set_socket_opt(sock, SOL_SOCKET, SO_REUSEADDR, 1); });
    set_payload_max_length(body_bytes_max);
    set_default_headers({{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      route(request, response);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request& request, httplib::Response& response, std::exception_ptr problem) {
      report(request.path, problem);
      fail(response, httplib::StatusCode::InternalServerError_500, "internal error");
    });
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty())
        response.set_content(error_json(httplib::status_message(response.status)), json_type);
    });
  }

  std::uint16_t bind(const std::string& address, std::uint16_t port) {
    auto problem = 0;
    set_error_logger([&problem](const httplib::Error&, const httplib::Request*) { problem = errno; });
    errno = 0;
    const auto bound = port == 0 ? bind_to_any_port(address) : bind_to_port(address, port) ? port : -1;
    set_error_logger(nullptr);
    if (bound > 0)
      return static_cast<std::uint16_t>(bound);
    switch (problem) {
      case EADDRINUSE: throw std::runtime_error("PORT " + std::to_string(port) + " is in use");
      case EACCES:
        throw std::runtime_error("PORT " + std::to_string(port) + " needs more rights than this process has");
      case EADDRNOTAVAIL: throw std::runtime_error("LISTEN_ADDRESS " + address + " is no address of this machine");
      case 0: throw std::runtime_error("LISTEN_ADDRESS " + address + " cannot be resolved");
      default:
        throw std::runtime_error("cannot listen on " + address + " port " + std::to_string(port) + ": "
                                 + std::generic_category().message(problem));
    }
  }

  void serve() {
    listener_ = std::thread{[this] { listen_after_bind(); }};
    wait_until_ready();
  }

  void end() {
    if (!listener_.joinable())
      return;
    httplib::Server::stop();
    {
      std::scoped_lock lock{open_mutex_};
      ending_ = true;
      for (const auto sock : open_)
        ::shutdown(sock, SHUT_RDWR);
    }
    listener_.join(); // waits for the pool, too
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
      return give(response, handlers_.crash(std::string_view{request.path}.substr(crash_path.size())));
    }
    const auto is_json = request.path == "/health" || request.path == "/ready" || request.path == "/api/status";
    if (!is_json && request.path != "/metrics")
      return fail(response, httplib::StatusCode::NotFound_404, "not found");
    if (request.method != "GET" && request.method != "HEAD")
      return refuse_method(response, "GET, HEAD");
    response.status = httplib::StatusCode::OK_200;
    if (request.path == "/metrics")
      return response.set_content(handlers_.metrics(), metrics_type);
    give(response, request.path == "/health"  ? handlers_.health()
                   : request.path == "/ready" ? handlers_.ready()
                                              : handlers_.status());
  }

  static void refuse_method(httplib::Response& response, const char* allowed) {
    response.set_header("Allow", allowed);
    fail(response, httplib::StatusCode::MethodNotAllowed_405, "method not allowed");
  }

  static void give(httplib::Response& response, status_answer answer) {
    response.status = answer.http_status;
    response.set_content(std::move(answer.json), json_type);
  }

  /// One request, then the connection is closed: a client that keeps its connection would keep a thread.
  bool process_and_close_socket(socket_t sock) override {
    auto done = false;
    if (open(sock)) {
      const time_t ms = request_time_max_.count();
      httplib::detail::SocketStream stream{
        sock, ms / 1000, ms % 1000 * 1000, write_timeout_seconds, 0, ms, std::chrono::steady_clock::now()};
      auto closed = false;
      done = process_request(stream, {}, 0, {}, 0, true, closed, nullptr);
    }
    close(sock);
    return done;
  }

  bool open(socket_t sock) {
    std::scoped_lock lock{open_mutex_};
    open_.insert(sock);
    return !ending_;
  }

  void close(socket_t sock) {
    ::shutdown(sock, SHUT_RDWR);
    std::scoped_lock lock{open_mutex_};
    open_.erase(sock); // before its number can mean another connection
    ::close(sock);
  }

  status_handlers handlers_;
  std::chrono::milliseconds request_time_max_;
  std::thread listener_;
  std::mutex open_mutex_;
  std::set<socket_t> open_;
  bool ending_ = false;
};

status_server::status_server(status_handlers handlers, std::chrono::milliseconds request_time_max)
  : server_(std::make_unique<server>(std::move(handlers), request_time_max)) {}

status_server::~status_server() { stop(); }

std::uint16_t status_server::start(const std::string& listen_address, std::uint16_t port) {
  const auto bound = server_->bind(listen_address, port);
  server_->serve();
  return bound;
}

void status_server::stop() { server_->end(); }

} // namespace mp
