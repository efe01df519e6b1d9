#pragma once
// A model port in front of a scripted server.

#include "messages/photo/photo_check.hpp"
#include "runtime/ollama/http_model.hpp"
#include "tests/integration_cpp/ollama/scripted_server.hpp"

namespace mp::test {

inline model_call text_call(std::string prompt = "How many?") {
  request question;
  question.prompt_json = text_slice{"\"" + prompt + "\""};
  return {shared_request{std::move(question)}, "llava", false};
}

/// Most servers here do not look at the photo, so that it may be anything.
inline model_call photo_call(std::string base64, std::string model = "llava") {
  request question;
  question.kind = request_kind::photo;
  question.prompt_json = text_slice{R"("What is it?")"};
  if (const auto checked = photo::check_photo(photo::base64_view{base64}, {0, true});
      const auto* facts = std::get_if<photo::photo_facts>(&checked))
    question.picture = *facts;
  question.photo = text_slice{std::move(base64)};
  return {shared_request{std::move(question)}, std::move(model), true};
}

/// "(fault)" for a failure, the text for an answer, "(nothing)" when nothing was told.
inline std::string in_words(const std::optional<call_outcome>& outcome) {
  if (!outcome)
    return "(nothing)";
  if (const auto* answer = std::get_if<raw_answer>(&*outcome))
    return std::string{answer->text.view()};
  return "(" + std::string{to_string(std::get<call_failure>(*outcome).why)} + ")";
}

class port_under_test {
public:
  explicit port_under_test(config::host_address address) : port_under_test(settings_for(std::move(address))) {}

  explicit port_under_test(std::shared_ptr<const ollama::ollama_host> host)
    : host_(std::move(host)), port_(std::make_unique<ollama::http_model>(host_, background_)) {}

  static std::shared_ptr<ollama::ollama_host> settings_for(config::host_address address) {
    auto host = std::make_shared<ollama::ollama_host>();
    host->address = std::move(address);
    host->connect_max = long_enough;
    host->call_max = long_enough;
    host->small_request_max = long_enough;
    return host;
  }

  ollama::http_model& operator*() { return *port_; }
  ollama::http_model* operator->() { return port_.get(); }

  /// Starts a call; the mailbox hears of its end.
  mailbox<call_outcome> start(model_call call) {
    mailbox<call_outcome> box;
    port_->start(std::move(call), box.callback());
    return box;
  }

  /// A whole call, in words.
  std::string ask(model_call call) { return in_words(start(std::move(call)).wait()); }
  std::string ask() { return ask(text_call()); }

  /// Destroys the port; true when its thread ended too.
  bool destroy_port() {
    port_.reset();
    return background_->wait(long_enough);
  }

  const ollama::ollama_host& host() const { return *host_; }

private:
  std::shared_ptr<threads::background_threads> background_ = std::make_shared<threads::background_threads>();
  std::shared_ptr<const ollama::ollama_host> host_;
  std::unique_ptr<ollama::http_model> port_;
};

} // namespace mp::test
