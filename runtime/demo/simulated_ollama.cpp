#include "runtime/demo/simulated_ollama.hpp"

#include "actors/threads/mutex.hpp"
#include "messages/model_name.hpp"
#include "runtime/demo/simulated_answer.hpp"
#include "runtime/ollama/response_json.hpp"
#include "runtime/threads/background_threads.hpp"

#include <atomic>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <httplib.h>

namespace mp {
namespace {

constexpr const char* json_type = "application/json; charset=utf-8";

/// A thread for each connection while it lasts. cpp-httplib's own pool lets a connection wait behind another one's
/// keep-alive time.
class thread_per_connection final : public httplib::TaskQueue {
public:
  bool enqueue(std::function<void()> serve) override {
    try {
      threads_.start(std::move(serve));
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }
  void shutdown() override { threads_.wait(std::chrono::seconds{5}); }

private:
  threads::background_threads threads_;
};

void fail(httplib::Response& response, int status, std::string_view why) {
  response.status = status;
  response.set_content(R"({"error":)" + string_literal(why) + "}", json_type);
}

/// Whether the request asks for the model that there is; otherwise the response says what is wrong.
bool asks_for_our_model(const httplib::Request& request, httplib::Response& response) {
  if (!ollama::is_json_object(request.body)) {
    fail(response, 400, request.body.empty() ? "missing request body" : "invalid request body");
    return false;
  }
  const auto name = ollama::string_value(ollama::member_of(request.body, "model"));
  const auto known = canonical_model_name(name) == canonical_model_name(simulated_ollama::model());
  if (!known)
    fail(response, 404, "model '" + name + "' not found");
  return known;
}

bool has_messages(std::string_view chat) {
  auto found = false;
  for_each_element(ollama::member_of(chat, "messages"), [&](std::string_view) { found = true; });
  return found;
}

/// The question of a chat: its last message, the photo of that, and the format.
simulated_question question_of(std::string_view chat) {
  simulated_question question;
  for_each_element(ollama::member_of(chat, "messages"), [&](std::string_view message) {
    question.prompt = ollama::string_value(ollama::member_of(message, "content"));
    question.photo_bytes = 0;
    for_each_element(ollama::member_of(message, "images"),
                     [&](std::string_view image) { question.photo_bytes = image.size(); });
  });
  const auto format = ollama::member_of(chat, "format");
  if (format != "null" && format != R"("")")
    question.format_json = format;
  return question;
}

std::string line(std::string_view content, std::string_view rest) {
  return R"({"model":)" + string_literal(simulated_ollama::model())
         + R"(,"created_at":"2026-01-01T00:00:00Z","message":)" + R"({"role":"assistant","content":)"
         + string_literal(content) + "}," + std::string{rest} + "}\n";
}

std::string last_line(std::string_view reason, std::size_t prompt_tokens, std::size_t answer_tokens,
                      std::chrono::nanoseconds took) {
  const auto time = std::to_string(took.count());
  return line("", R"("done":true,"done_reason":")" + std::string{reason} + R"(","total_duration":)" + time
                    + R"(,"load_duration":1000,"prompt_eval_count":)" + std::to_string(prompt_tokens)
                    + R"(,"eval_count":)" + std::to_string(answer_tokens) + R"(,"eval_duration":)" + time);
}

/// One answer on its way out.
struct answer_stream {
  explicit answer_stream(const simulated_question& question)
    : text(simulated_answer(question)), tokens(simulated_tokens(text)), prompt_tokens(question.prompt.size() / 4 + 1) {}

  std::string text;
  std::vector<std::string_view> tokens; ///< views into text
  std::size_t prompt_tokens;
  std::size_t next = 0;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

} // namespace

class simulated_ollama::server {
public:
  explicit server(std::chrono::milliseconds token_delay) : token_delay_(token_delay) {
    http_.new_task_queue = [] { return new thread_per_connection; };
    http_.set_tcp_nodelay(true);
    const auto name = string_literal(model());
    const auto models = R"("models":[{"name":)" + name + R"(,"model":)" + name + R"(,"size":1,"size_vram":1}])";
    answer_get("/api/version", R"({"version":"simulated"})");
    answer_get("/api/tags", "{" + models + "}");
    http_.Get("/api/ps", [this, models](const httplib::Request&, httplib::Response& response) {
      response.set_content(loaded_ ? "{" + models + "}" : R"({"models":[]})", json_type);
    });
    http_.Post("/api/show", [](const httplib::Request& request, httplib::Response& response) {
      if (asks_for_our_model(request, response))
        response.set_content(R"({"details":{"family":"simulated"},"capabilities":["completion","vision"]})", json_type);
    });
    http_.Post("/api/chat", [this](const httplib::Request& request, httplib::Response& response) {
      if (asks_for_our_model(request, response))
        chat(request.body, response);
    });
    port_ = http_.bind_to_any_port("127.0.0.1");
    if (port_ <= 0)
      throw std::runtime_error("the simulated model finds no free port on 127.0.0.1");
    thread_ = std::thread{[this] { http_.listen_after_bind(); }};
    http_.wait_until_ready();
  }

  ~server() {
    {
      const scoped_lock guard{mutex_};
      stopping_ = true;
    }
    wake_.notify_all();
    http_.stop();
    thread_.join();
  }

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  int port() const noexcept { return port_; }

private:
  void answer_get(const char* path, std::string body) {
    http_.Get(path, [body = std::move(body)](const httplib::Request&, httplib::Response& response) {
      response.set_content(body, json_type);
    });
  }

  void chat(std::string_view body, httplib::Response& response) {
    loaded_ = true;
    if (!has_messages(body)) {
      response.set_content(last_line("load", 0, 0, {}), json_type);
      return;
    }
    const auto answer = std::make_shared<answer_stream>(question_of(body));
    response.set_chunked_content_provider("application/x-ndjson", [this, answer](std::size_t, httplib::DataSink& sink) {
      if (!wait_for_token())
        return false;
      const auto is_last = answer->next == answer->tokens.size();
      const auto text = is_last ? last_line("stop", answer->prompt_tokens, answer->tokens.size(),
                                            std::chrono::steady_clock::now() - answer->began)
                                : line(answer->tokens[answer->next++], R"("done":false)");
      if (!sink.write(text.data(), text.size()))
        return false;
      if (is_last)
        sink.done();
      return true;
    });
  }

  /// The time a model takes for a token. False when the server stops.
  bool wait_for_token() {
    scoped_lock lock{mutex_};
    return !wake_.wait_for(lock, token_delay_, [this]() MP_REQUIRES(mutex_) { return stopping_; });
  }

  const std::chrono::milliseconds token_delay_;
  std::atomic<bool> loaded_{false};
  mutex mutex_;
  condition wake_;
  bool stopping_ MP_GUARDED_BY(mutex_) = false;
  httplib::Server http_;
  int port_ = 0;
  std::thread thread_;
};

simulated_ollama::simulated_ollama(std::chrono::milliseconds token_delay)
  : server_(std::make_unique<server>(token_delay)) {}

simulated_ollama::~simulated_ollama() = default;

std::string simulated_ollama::url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

} // namespace mp
