// A stand-in for Ollama that costs next to nothing: what is measured beside it is the service and not the model.
//
//   g++ -std=c++20 -O2 -o stub_ollama stub_ollama.cpp
//   stub_ollama [--port N] [--delay-ms N | --silent] [--model NAME] [--answer TEXT]
//
// Speaks HTTP/1.1 with keep-alive on 127.0.0.1 and prints "port=N" on standard output when it listens (N = 0: the
// kernel chooses). Knows /api/version, /api/tags, /api/show, /api/ps and /api/chat; a chat with empty messages "loads
// the model", any other is answered as a stream of lines after --delay-ms, or never with --silent. Bodies are dropped
// by the kernel, unread but for their first bytes. At SIGTERM it prints "chats=N" and ends.

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;

// A request's head and the beginning of its body have to fit; the rest of a body never gets here.
constexpr std::size_t buffer_bytes = 16 * 1024;
// Only in bodies up to this size is looked for empty messages: a request to load a model is short.
constexpr std::size_t load_body_bytes_max = 4 * 1024;

enum class path : std::uint8_t { version, tags, show, loaded, chat, unknown };

struct connection {
  std::uint64_t serial =
    0; // tells a waiting answer that its connection is gone, though the descriptor lives on in another one
  std::size_t filled = 0;
  std::size_t body_left = 0; // bytes of the present body that are still to come
  bool in_body = false;
  bool chunked = false; // the request's body comes in chunks
  bool load = false;
  path target = path::unknown;
  char buffer[buffer_bytes];
};

struct waiting_answer {
  steady::time_point due;
  int descriptor;
  std::uint64_t serial;
};

struct options {
  std::uint16_t port = 0;
  std::chrono::milliseconds delay{0};
  bool silent = false;
  std::string model = "stub:latest";
  std::string answer = R"({"label": "cat", "score": 0.93})";
};

std::string with_length(std::string_view status, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

void append_chunk(std::string& out, const std::string& line) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", line.size() + 1);
  out += size + line + "\n\r\n";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const auto c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out;
}

class server {
public:
  explicit server(const options& given) : settings_(given) { prepare_answers(); }

  int run() {
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigaddset(&end, SIGINT);
    sigprocmask(SIG_BLOCK, &end, nullptr);
    signals_ = signalfd(-1, &end, SFD_NONBLOCK);
    poll_ = epoll_create1(0);
    if (!listen_on_loopback())
      return 1;
    watch(listener_);
    watch(signals_);
    epoll_event events[256];
    for (;;) {
      const auto count = wait(events, std::size(events));
      for (int i = 0; i < count; ++i) {
        const auto descriptor = events[i].data.fd;
        if (descriptor == signals_) {
          std::printf("chats=%llu\n", static_cast<unsigned long long>(chats_));
          return 0;
        }
        if (descriptor == listener_)
          accept_all();
        else if (!serve(descriptor))
          drop(descriptor);
      }
      answer_due();
    }
  }

private:
  void prepare_answers() {
    const auto model = escaped(settings_.model);
    const std::string details =
      R"("details":{"format":"gguf","family":"llama","families":["llama"],"parameter_size":"1M","quantization_level":"F32"})";
    const auto entry = R"({"name":")" + model + R"(","model":")" + model
                       + R"(","modified_at":"2026-01-01T00:00:00Z","size":1000000,"digest":")" + std::string(64, '0')
                       + R"(",)" + details;
    version_ = with_length("200 OK", R"({"version":"0.24.0"})");
    tags_ = with_length("200 OK", R"({"models":[)" + entry + "}]}");
    loaded_ =
      with_length("200 OK", R"({"models":[)" + entry
                              + R"(,"expires_at":"2318-01-01T00:00:00Z","size_vram":0,"context_length":4096}]})");
    show_ = with_length("200 OK",
                        "{" + details
                          + R"(,"template":"{{ .Prompt }}","model_info":{},"capabilities":["completion","vision"]})");
    unknown_ = with_length("404 Not Found", R"({"error":"not found"})");

    const auto line_head =
      R"({"model":")" + model
      + R"(","created_at":"2026-01-01T00:00:00.000000000Z","message":{"role":"assistant","content":")";
    const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string end = "0\r\n\r\n";
    chat_ = head;
    const auto third = settings_.answer.size() / 3 + 1;
    for (std::size_t at = 0; at < settings_.answer.size(); at += third)
      append_chunk(chat_, line_head + escaped(settings_.answer.substr(at, third)) + R"("},"done":false})");
    append_chunk(chat_,
                 line_head
                   + R"("},"done":true,"done_reason":"stop","total_duration":1000000,"load_duration":100000,)"
                     R"("prompt_eval_count":12,"prompt_eval_duration":300000,"eval_count":9,"eval_duration":600000})");
    chat_ += end;
    load_ = head;
    append_chunk(load_, line_head + R"("},"done":true,"done_reason":"load"})");
    load_ += end;
  }

  bool listen_on_loopback() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(settings_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener_, 1024) != 0
        || getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      std::perror("stub_ollama: cannot listen");
      return false;
    }
    std::printf("port=%u\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return true;
  }

  void watch(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event);
  }

  int wait(epoll_event* events, std::size_t most) {
    if (waiting_.empty())
      return epoll_wait(poll_, events, static_cast<int>(most), -1);
    // To the microsecond: a millisecond more would be two percent of a delay of 50.
    const auto left = std::max(steady::duration::zero(), waiting_.front().due - steady::now());
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec limit{static_cast<time_t>(nanoseconds / 1'000'000'000),
                         static_cast<long>(nanoseconds % 1'000'000'000)};
    return epoll_pwait2(poll_, events, static_cast<int>(most), &limit, nullptr);
  }

  void accept_all() {
    for (;;) {
      const auto descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (descriptor < 0)
        return;
      const int on = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connections_.size() <= static_cast<std::size_t>(descriptor))
        connections_.resize(static_cast<std::size_t>(descriptor) + 64);
      auto& slot = connections_[static_cast<std::size_t>(descriptor)];
      slot = std::make_unique<connection>();
      slot->serial = ++serials_;
      watch(descriptor);
    }
  }

  void drop(int descriptor) {
    connections_[static_cast<std::size_t>(descriptor)].reset();
    close(descriptor);
  }

  /// Reads what has come and answers what is complete. False: the connection is over.
  bool serve(int descriptor) {
    auto& c = *connections_[static_cast<std::size_t>(descriptor)];
    for (;;) {
      ssize_t got = 0;
      if (c.in_body && !c.chunked && c.filled == 0) {
        got = recv(descriptor, nullptr, c.body_left, MSG_TRUNC); // thrown away inside the kernel, not copied (tcp(7))
        if (got > 0) {
          c.body_left -= static_cast<std::size_t>(got);
          if (c.body_left == 0 && !respond(descriptor, c))
            return false;
          continue;
        }
      } else {
        if (c.filled == buffer_bytes)
          return false; // a head this long is not from the service
        got = recv(descriptor, c.buffer + c.filled, buffer_bytes - c.filled, 0);
        if (got > 0) {
          c.filled += static_cast<std::size_t>(got);
          if (!consume(descriptor, c))
            return false;
          continue;
        }
      }
      return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
  }

  /// Takes what the buffer holds.
  bool consume(int descriptor, connection& c) {
    for (;;) {
      if (!c.in_body) {
        const std::string_view have(c.buffer, c.filled);
        const auto end = have.find("\r\n\r\n");
        if (end == std::string_view::npos)
          return true;
        if (!read_head(descriptor, c, have.substr(0, end + 2)))
          return false;
        take(c, end + 4);
        c.in_body = true;
      }
      if (c.chunked) {
        if (!take_chunks(c))
          return true;
      } else {
        if (c.target == path::chat && c.body_left <= load_body_bytes_max) {
          if (c.filled < c.body_left)
            return true;
          c.load = has_empty_messages({c.buffer, c.body_left});
        }
        const auto part = std::min(c.filled, c.body_left);
        c.body_left -= part;
        take(c, part);
        if (c.body_left > 0)
          return true;
      }
      if (!respond(descriptor, c))
        return false;
      if (c.filled == 0)
        return true;
    }
  }

  static void take(connection& c, std::size_t bytes) {
    c.filled -= bytes;
    std::memmove(c.buffer, c.buffer + bytes, c.filled);
  }

  static bool has_empty_messages(std::string_view body) {
    const auto name = body.find("\"messages\"");
    if (name == std::string_view::npos)
      return true;
    const auto open = body.find('[', name);
    const auto next = open == std::string_view::npos ? open : body.find_first_not_of(" \r\n\t", open + 1);
    return next != std::string_view::npos && body[next] == ']';
  }

  static std::string_view header(std::string_view head, std::string_view lower_name) {
    std::size_t at = head.find("\r\n");
    while (at != std::string_view::npos && at + 2 < head.size()) {
      at += 2;
      const auto line = head.substr(at, head.find("\r\n", at) - at);
      if (line.size() > lower_name.size() && line[lower_name.size()] == ':'
          && std::equal(lower_name.begin(), lower_name.end(), line.begin(),
                        [](char a, char b) { return a == (b | 0x20) || a == b; })) {
        const auto value = line.find_first_not_of(' ', lower_name.size() + 1);
        return value == std::string_view::npos ? std::string_view{} : line.substr(value);
      }
      at = head.find("\r\n", at);
    }
    return {};
  }

  bool read_head(int descriptor, connection& c, std::string_view head) {
    const auto first = head.find(' ');
    const auto second = head.find(' ', first + 1);
    if (second == std::string_view::npos)
      return false;
    const auto target = head.substr(first + 1, second - first - 1);
    c.target = target == "/api/chat"      ? path::chat
               : target == "/api/version" ? path::version
               : target == "/api/tags"    ? path::tags
               : target == "/api/show"    ? path::show
               : target == "/api/ps"      ? path::loaded
                                          : path::unknown;
    c.load = false;
    c.chunked = header(head, "transfer-encoding") == "chunked";
    const auto length = header(head, "content-length");
    c.body_left = length.empty() ? 0 : std::strtoull(std::string(length).c_str(), nullptr, 10);
    if (header(head, "expect") == "100-continue")
      return put(descriptor, "HTTP/1.1 100 Continue\r\n\r\n");
    return true;
  }

  /// True when the last chunk has been taken.
  static bool take_chunks(connection& c) {
    for (;;) {
      if (c.body_left > 0) {
        const auto part = std::min(c.filled, c.body_left);
        c.body_left -= part;
        take(c, part);
        if (c.body_left > 0)
          return false;
      }
      const auto end = std::string_view(c.buffer, c.filled).find("\r\n");
      if (end == std::string_view::npos)
        return false;
      const auto size = std::strtoull(std::string(c.buffer, end).c_str(), nullptr, 16);
      if (size == 0) {
        if (c.filled < end + 4)
          return false;
        take(c, end + 4);
        return true;
      }
      take(c, end + 2);
      c.body_left = size + 2; // the chunk and the line end behind it
    }
  }

  bool respond(int descriptor, connection& c) {
    c.in_body = false;
    c.chunked = false;
    switch (c.target) {
      case path::version: return put(descriptor, version_);
      case path::tags: return put(descriptor, tags_);
      case path::show: return put(descriptor, show_);
      case path::loaded: return put(descriptor, loaded_);
      case path::unknown: return put(descriptor, unknown_);
      case path::chat: break;
    }
    if (c.load)
      return put(descriptor, load_);
    ++chats_;
    if (settings_.silent)
      return true;
    if (settings_.delay.count() == 0)
      return put(descriptor, chat_);
    waiting_.push_back(
      {steady::now() + settings_.delay, descriptor, c.serial}); // one delay for all: first come, first due
    return true;
  }

  void answer_due() {
    const auto now = waiting_.empty() ? steady::time_point{} : steady::now();
    while (!waiting_.empty() && waiting_.front().due <= now) {
      const auto [due, descriptor, serial] = waiting_.front();
      waiting_.pop_front();
      const auto& c = connections_[static_cast<std::size_t>(descriptor)];
      if (c && c->serial == serial && !put(descriptor, chat_))
        drop(descriptor);
    }
  }

  /// A client that lets its answers pile up until they fill the socket is dropped.
  static bool put(int descriptor, std::string_view bytes) {
    return send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  options settings_;
  int poll_ = -1;
  int listener_ = -1;
  int signals_ = -1;
  std::uint64_t serials_ = 0;
  std::uint64_t chats_ = 0;
  std::vector<std::unique_ptr<connection>> connections_; // by descriptor
  std::deque<waiting_answer> waiting_;
  std::string version_, tags_, show_, loaded_, unknown_, chat_, load_;
};

} // namespace

int main(int argc, char** argv) {
  options given;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--silent") {
      given.silent = true;
      continue;
    }
    if (i + 1 == argc) {
      std::fprintf(stderr, "stub_ollama: %s is unknown or needs a value\n", argv[i]);
      return 2;
    }
    const char* value = argv[++i];
    if (name == "--port") {
      given.port = static_cast<std::uint16_t>(std::atoi(value));
    } else if (name == "--delay-ms") {
      given.delay = std::chrono::milliseconds(std::atoi(value));
    } else if (name == "--model") {
      given.model = value;
    } else if (name == "--answer") {
      given.answer = value;
    } else {
      std::fprintf(stderr, "stub_ollama: unknown option %s\n", argv[i - 1]);
      return 2;
    }
  }
  return server(given).run();
}
