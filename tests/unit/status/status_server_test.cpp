#define CAF_SUITE status_server
#include "tests/support/test.hpp"

#include "actors/telemetry/log.hpp"
#include "runtime/status/status_server.hpp"

#include <array>
#include <atomic>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace mp;
using namespace std::chrono_literals;

namespace {

/// A connection of a client that says exactly what it is told to.
class client {
public:
  explicit client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~client() { ::close(fd_); }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  bool connected() const { return connected_; }

  bool send(std::string_view text) const {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }

  /// All until the server closes.
  std::string receive() const {
    std::string all;
    std::array<char, 4096> piece;
    for (ssize_t n; (n = ::recv(fd_, piece.data(), piece.size(), 0)) > 0;)
      all.append(piece.data(), static_cast<std::size_t>(n));
    return all;
  }

  bool hears_something_within(std::chrono::milliseconds time) const {
    pollfd readable{fd_, POLLIN, 0};
    return ::poll(&readable, 1, static_cast<int>(time.count())) > 0;
  }

private:
  int fd_;
  bool connected_ = false;
};

status::status_handlers usual_handlers() {
  return {[] { return status::status_answer{200, R"({"status":"ok"})"}; },
          [] { return status::status_answer{503, R"({"status":"draining"})"}; },
          [] { return std::string{"requests_total 1\n"}; },
          [] { return status::status_answer{200, R"({"uptime_ms":1})"}; },
          {},
          "secret"};
}

constexpr std::string_view with_token = "Authorization: Bearer secret\r\n";

status::status_answer crash_answer(std::string_view actor) { return {202, "[" + std::string{actor} + "]"}; }

/// A server on a free port of the loopback.
struct running {
  explicit running(status::status_handlers handlers = usual_handlers(), std::chrono::milliseconds request_time_max = 3s)
    : server(std::move(handlers), request_time_max), port(server.start("127.0.0.1", 0)) {}

  std::string answer(std::string_view text) const {
    const client c{port};
    c.send(text);
    return c.receive();
  }

  std::string get(std::string_view path) const {
    return answer("GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  status::status_server server;
  std::uint16_t port;
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string problem_of_starting(const std::string& address, std::uint16_t port) {
  status::status_server server{usual_handlers()};
  try {
    server.start(address, port);
    return "started";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

} // namespace

TEST_CASE("health and ready answer with the status and the JSON they are given") {
  const running r;
  const auto health = r.get("/health");
  CHECK(health.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(contains(health, "\r\nContent-Type: application/json\r\n"));
  CHECK(health.ends_with("\r\n\r\n{\"status\":\"ok\"}"));
  const auto ready = r.get("/ready?verbose=1");
  CHECK(ready.starts_with("HTTP/1.1 503 "));
  CHECK(ready.ends_with("\r\n\r\n{\"status\":\"draining\"}"));
}

TEST_CASE("the status is JSON") {
  const auto status = running{}.get("/api/status");
  CHECK(status.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(contains(status, "\r\nContent-Type: application/json\r\n"));
  CHECK(status.ends_with("\r\n\r\n{\"uptime_ms\":1}"));
}

TEST_CASE("a crash is ordered by POST for the actor that the path names") {
  auto handlers = usual_handlers();
  handlers.crash = crash_answer;
  const running r{handlers};
  for (const auto* head : {"\r\n", "Content-Length: 0\r\n\r\n", "Content-Length: 2\r\n\r\n{}"}) {
    const auto answer =
      r.answer("POST /debug/crash/ollama_worker/2 HTTP/1.1\r\nHost: x\r\n" + std::string{with_token} + head);
    CHECK(answer.starts_with("HTTP/1.1 202 "));
    CHECK(answer.ends_with("\r\n\r\n[ollama_worker/2]"));
  }
  CHECK(
    r.answer("POST /debug/crash/%2F%20 HTTP/1.1\r\nHost: x\r\n" + std::string{with_token} + "\r\n").ends_with("[/ ]"));
  for (const auto* method : {"GET", "HEAD", "PUT", "DELETE"}) {
    const auto answer = r.answer(std::string{method} + " /debug/crash/producer HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 405 "));
    CHECK(contains(answer, "\r\nAllow: POST\r\n"));
  }
  CHECK(r.answer("POST /health HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 405 "));
  CHECK(r.answer("POST /debug/crash HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 404 "));
}

TEST_CASE("nobody crashes anything without the token, nor a web page with it") {
  auto handlers = usual_handlers();
  handlers.crash = crash_answer;
  const running r{handlers};
  const auto status_of = [&](std::string_view head) {
    return r.answer("POST /debug/crash/producer HTTP/1.1\r\n" + std::string{head} + "\r\n").substr(9, 3);
  };
  const std::string token{with_token};
  CHECK_EQ(status_of("Host: 127.0.0.1:5000\r\n" + token), "202");
  CHECK_EQ(status_of("Host: 127.0.0.1:5000\r\n"), "401");
  CHECK_EQ(status_of("Host: 127.0.0.1:5000\r\nAuthorization: Bearer secre\r\n"), "401");
  CHECK_EQ(status_of("Host: 127.0.0.1:5000\r\nOrigin: http://evil.example\r\n"), "403");
  CHECK_EQ(status_of("Host: 127.0.0.1:5000\r\nOrigin: null\r\n" + token), "403");
  CHECK_EQ(status_of("Host: evil.example\r\n" + token), "403");
  CHECK_EQ(status_of("Host: x\r\nHost: evil.example\r\n" + token), "403");
  CHECK_EQ(status_of("Host: x\r\nAuthorization: Bearer a\r\n" + token), "401");
}

TEST_CASE("what tells more than health is for this machine, and for others with the token") {
  const running r;
  const auto answer_to = [&](std::string_view head) {
    return r.answer("GET /api/status HTTP/1.1\r\nHost: x\r\n" + std::string{head} + "\r\n");
  };
  CHECK(answer_to("").starts_with("HTTP/1.1 200 "));
  for (const auto* header :
       {"X-Forwarded-For: 10.0.0.1\r\n", "Forwarded: for=10.0.0.1\r\n", "Via: 1.1 proxy\r\n",
        "X-Real-IP: 127.0.0.1\r\n", "Origin: http://evil.example\r\n", "Authorization: Bearer wrong\r\n"}) {
    const auto refused = answer_to(header);
    CHECK(refused.starts_with("HTTP/1.1 401 "));
    CHECK(contains(refused, "\r\nWWW-Authenticate: Bearer"));
    CHECK(!contains(refused, "uptime_ms"));
    CHECK(!contains(refused, "secret"));
  }
  CHECK(answer_to("X-Forwarded-For: 10.0.0.1\r\n" + std::string{with_token}).starts_with("HTTP/1.1 200 "));
  CHECK(r.answer("GET /api/status HTTP/1.1\r\nHost: evil.example\r\n\r\n").starts_with("HTTP/1.1 401 "));
  CHECK(r.answer("HEAD /api/status HTTP/1.1\r\nHost: evil.example\r\n\r\n").starts_with("HTTP/1.1 401 "));
  for (const auto* path : {"/health", "/metrics"})
    CHECK(r.answer("GET " + std::string{path} + " HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n")
            .starts_with("HTTP/1.1 200 "));
}

TEST_CASE("without a handler for crashes there is no such path, whatever the method") {
  const running r;
  for (const auto* method : {"POST", "GET", "PUT"}) {
    const auto answer = r.answer(std::string{method} + " /debug/crash/producer HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 404 "));
    CHECK(answer.ends_with(R"({"error":"not found"})"));
  }
}

TEST_CASE("metrics are Prometheus text") {
  const auto metrics = running{}.get("/metrics");
  CHECK(metrics.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(contains(metrics, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  CHECK(metrics.ends_with("\r\n\r\nrequests_total 1\n"));
}

TEST_CASE("HEAD answers like GET, without the content") {
  const auto head = running{}.answer("HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(contains(head, "\r\nContent-Length: 15\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("other paths are not found, other methods are not allowed, both as JSON") {
  const running r;
  for (const auto* path : {"/", "/Health", "/health/", "/metrics/..", "/../etc/passwd", "/%00"}) {
    const auto answer = r.get(path);
    CHECK(answer.starts_with("HTTP/1.1 404 "));
    CHECK(answer.ends_with(R"({"error":"not found"})"));
  }
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const auto answer = r.answer(std::string{method} + " /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 405 "));
    CHECK(contains(answer, "\r\nAllow: GET, HEAD\r\n"));
    CHECK(answer.ends_with(R"({"error":"method not allowed"})"));
  }
}

TEST_CASE("an answer tells nothing about the program that serves it, and the connection ends with it") {
  const auto answer = running{}.get("/health");
  CHECK(!contains(answer, "Server:"));
  CHECK(!contains(answer, "httplib"));
  CHECK(contains(answer, "\r\nConnection: close\r\n"));
}

TEST_CASE("what is no HTTP, or too much of it, is refused and harms nobody") {
  const running r;
  CHECK(r.answer("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(r.answer(std::string("\x16\x03\x01\x00\x05\x01\r\n\r\n", 10)).starts_with("HTTP/1.1 400 "));
  CHECK(r.answer("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 414 "));
  std::string headers = "GET /health HTTP/1.1\r\n";
  for (auto i = 0; i < 200; ++i)
    headers += "X-" + std::to_string(i) + ": y\r\n";
  CHECK(r.answer(headers + "\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(!r.answer("GET /health HTTP/1.1\r\nX: " + std::string(100'000, 'y') + "\r\n\r\n").starts_with("HTTP/1.1 200 "));
  CHECK(r.get("/health").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a handler that throws makes an error without details, and the reason goes to the log") {
  std::mutex mutex;
  std::string lines;
  log::configure(log::level::error, log::line_format::logfmt, [&](std::string_view line) {
    std::scoped_lock lock{mutex};
    lines.append(line).push_back('\n');
  });
  auto handlers = usual_handlers();
  handlers.health = []() -> status::status_answer { throw std::runtime_error("inner detail"); };
  {
    const auto answer = running{handlers}.get("/health");
    CHECK(answer.starts_with("HTTP/1.1 500 "));
    CHECK(answer.ends_with(R"({"error":"internal error"})"));
    CHECK(!contains(answer, "detail"));
  }
  log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
  CHECK(contains(lines, "event=status_request_failed path=/health reason=\"inner detail\""));
}

TEST_CASE("a client that sends a byte now and then is cut off when its time is up") {
  const running r{usual_handlers(), 100ms};
  const client slow{r.port};
  const auto begin = std::chrono::steady_clock::now();
  slow.send("GET /health HTTP/1.1\r\nX: ");
  while (!slow.hears_something_within(10ms) && std::chrono::steady_clock::now() - begin < 20s)
    slow.send("y");
  const auto taken = std::chrono::steady_clock::now() - begin;
  CHECK(taken >= 90ms);
  CHECK(taken < 10s);
  CHECK(!contains(slow.receive(), "HTTP/1.1 200 "));
}

TEST_CASE("however many clients say nothing or half of a request, others are served at once") {
  const running r{usual_handlers(), 60s};
  std::vector<std::unique_ptr<client>> silent;
  for (auto i = 0; i < 300; ++i) {
    silent.push_back(std::make_unique<client>(r.port));
    if (i % 2 == 0)
      silent.back()->send("GET /health HTTP/1.1\r\nX: y");
    if (i % 50 == 0)
      CHECK(r.get("/health").starts_with("HTTP/1.1 200 "));
  }
  for (const auto* path : {"/health", "/metrics", "/api/status"})
    CHECK(r.get(path).starts_with("HTTP/1.1 200 "));
}

TEST_CASE("clients that do not take their answers keep nobody from being served") {
  auto handlers = usual_handlers();
  handlers.metrics = [] { return std::string(2'000'000, 'x'); };
  const running r{handlers};
  std::vector<std::unique_ptr<client>> lazy;
  for (auto i = 0; i < 40; ++i) {
    lazy.push_back(std::make_unique<client>(r.port));
    lazy.back()->send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  CHECK(r.get("/health").starts_with("HTTP/1.1 200 "));
  CHECK(r.get("/metrics").ends_with("xxx"));
  CHECK(r.get("/health").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a page that takes its time does not keep health and readiness waiting") {
  std::atomic<bool> may_end = false;
  auto handlers = usual_handlers();
  handlers.metrics = [&] {
    may_end.wait(false);
    return std::string{"late 1\n"};
  };
  const running r{handlers};
  std::vector<std::unique_ptr<client>> waiting;
  for (auto i = 0; i < 20; ++i) {
    waiting.push_back(std::make_unique<client>(r.port));
    waiting.back()->send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  CHECK(r.get("/health").starts_with("HTTP/1.1 200 "));
  CHECK(r.get("/ready").starts_with("HTTP/1.1 503 "));
  may_end = true;
  may_end.notify_all();
  for (const auto& each : waiting)
    CHECK(each->receive().ends_with("late 1\n"));
}

TEST_CASE("a request that comes in pieces is one request") {
  const running r;
  const client slow{r.port};
  for (const auto* piece : {"GE", "T /health HT", "TP/1.1\r", "\nHost: x\r\n", "\r", "\n"})
    slow.send(piece);
  CHECK(slow.receive().starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a client that sends more than its request still hears the answer") {
  const running r;
  CHECK(r.answer("GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x'))
          .starts_with("HTTP/1.1 200 "));
  const auto pipelined = r.answer("GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(pipelined.starts_with("HTTP/1.1 200 "));
  CHECK_EQ(pipelined.find("HTTP/1.1", 1), std::string::npos);
}

TEST_CASE("stopping cuts open connections instead of waiting for them") {
  std::optional<running> r;
  r.emplace(usual_handlers(), 60s);
  const client silent{r->port};
  const client half{r->port};
  half.send("GET /hea");
  CHECK(r->get("/health").starts_with("HTTP/1.1 200 "));
  const auto begin = std::chrono::steady_clock::now();
  r->server.stop();
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(!client{r->port}.connected());
  r->server.stop();
}

TEST_CASE("stopping waits for a handler that runs") {
  std::latch inside{1};
  std::atomic<bool> may_end = false;
  std::atomic<bool> ended = false;
  auto handlers = usual_handlers();
  handlers.health = [&] {
    inside.count_down();
    may_end.wait(false);
    ended = true;
    return status::status_answer{};
  };
  running r{handlers};
  const client c{r.port};
  c.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  inside.wait();
  auto ended_before_stop_returned = false;
  std::thread stopper{[&] {
    r.server.stop();
    ended_before_stop_returned = ended;
  }};
  c.receive(); // ends when the stop cuts the connection
  may_end = true;
  may_end.notify_all();
  stopper.join();
  CHECK(ended_before_stop_returned);
}

TEST_CASE("a port in use, a foreign address and an unknown name are told apart") {
  const running first;
  CHECK_EQ(problem_of_starting("127.0.0.1", first.port), "PORT " + std::to_string(first.port) + " is in use");
  CHECK_EQ(problem_of_starting("192.0.2.1", 0), "LISTEN_ADDRESS 192.0.2.1 is no address of this machine");
  CHECK_EQ(problem_of_starting("no..such..host", 0), "LISTEN_ADDRESS no..such..host cannot be resolved");
}

TEST_CASE("a port can be taken again at once after a stop") {
  std::uint16_t port = 0;
  {
    const running first;
    port = first.port;
    CHECK(first.get("/health").starts_with("HTTP/1.1 200 "));
  }
  status::status_server second{usual_handlers()};
  CHECK_EQ(second.start("127.0.0.1", port), port);
}

TEST_CASE("many clients at once are all served") {
  const running r;
  std::atomic<int> served = 0;
  std::vector<std::thread> clients;
  for (auto i = 0; i < 4; ++i)
    clients.emplace_back([&] {
      for (auto n = 0; n < 50; ++n)
        if (r.get("/metrics").ends_with("requests_total 1\n"))
          ++served;
    });
  for (auto& c : clients)
    c.join();
  CHECK_EQ(served, 200);
}
