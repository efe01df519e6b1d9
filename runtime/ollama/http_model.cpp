#include "runtime/ollama/http_model.hpp"

#include "runtime/ollama/small_request.hpp"

#include <atomic>
#include <stop_token>
#include <system_error>

namespace mp::ollama {
namespace {

/// What follows an answer's last line is the end of the response, sent with it. A host that takes longer loses the
/// connection.
constexpr std::chrono::seconds rest_after_answer_max{1};

/// What follows an answer that is not needed any more is read on for this long before the connection is closed. A
/// client that leaves in mid-answer can make Ollama lose the runner's slot for good: its handler goes while the next
/// token waits to be handed to it (ollama/ollama#17131). Measured with tokens that come every 0.1 ms: once in some 5
/// such answers; one that comes so quickly has ended by itself after this time. With slow tokens hardly any waits at
/// that moment.
constexpr std::chrono::seconds rest_of_unwanted_max{1};

constexpr int http_ok = 200;

} // namespace

/// A call from start() to its end.
class http_model::running_call {
public:
  running_call(model_call call, ended tell) : call_(std::move(call)), tell_(std::move(tell)) {}

  std::stop_source stop;
  std::atomic<std::uint64_t> pieces{0};

  /// For the thread, until the end is reported.
  const model_call& call() const noexcept { return call_; }

  /// Reports the end, unless it has been reported.
  void end(call_outcome outcome) {
    if (!ended_.exchange(true)) {
      tell_(std::move(outcome));
      tell_ = nullptr;
    }
  }

  bool has_ended() const noexcept { return ended_; }

  /// By the thread: the model is to see this photo instead.
  void replace_photo(photo::smaller_photo photo) {
    auto question = *call_.question;
    question.photo = text_slice{std::move(photo.base64)};
    question.picture = photo.facts;
    call_.question = shared_request{std::move(question)};
  }

  /// By the thread, when it is through with the call: this object stays until the next call, the photo need not.
  void release_question() { call_ = {}; }

private:
  model_call call_;
  ended tell_;
  std::atomic<bool> ended_{false};
};

/// The thread's side.
class http_model::caller {
public:
  explicit caller(std::shared_ptr<const ollama_host> host)
    : host_(std::move(host)), connection_(host_->address, host_->connect_max) {}

  void run(running_call& call) {
    try {
      if (!call.has_ended() && has_usable_schema(call) && may_see(call) && prepare(call))
        chat(call);
    } catch (const std::exception&) { // no memory
      call.end(call_failure{fault::worker_lost, 0});
    }
    call.release_question();
  }

private:
  /// Ends a call whose schema cannot be used. Asked here, in the thread of one call: it may take tens of milliseconds,
  /// which no actor has, and here they come out of the turn of the user whose schema it is.
  bool has_usable_schema(running_call& call) {
    const auto schema = call.call().question->schema_json.view();
    if (schema.empty() || !host_->accepts_schema || host_->accepts_schema(schema))
      return true;
    call.end(call_failure{fault::invalid_request, 0});
    return false;
  }

  /// Ends a call with a photo whose model cannot look at photos. Asked before the photo is sent: an older Ollama
  /// answers for such a model as if there were no photo [ollama 17].
  bool may_see(running_call& call) {
    if (!call.call().needs_vision)
      return true;
    const auto& model = call.call().model;
    auto facts = host_->catalog->find(model, std::chrono::steady_clock::now());
    if (!facts) {
      const auto answer = ask_facts(connection_, *host_, model, call.stop.get_token());
      if (const auto* response = std::get_if<small_response>(&answer)) {
        call.end(failure_of(response->result, response->body));
        return false;
      }
      facts = std::get<model_facts>(answer);
    }
    if (!facts->exists)
      call.end(call_failure{fault::model_not_found, 404});
    else if (!facts->vision)
      call.end(call_failure{fault::model_lacks_vision, 0});
    return facts->exists && facts->vision;
  }

  /// Makes the photo such as the host's rules say, and ends the call where that cannot be done.
  bool prepare(running_call& call) {
    const auto& question = *call.call().question;
    if (!question.picture)
      return true;
    const auto too_new = host_->webp_by_version && question.picture->kind == photo::image_kind::webp
                         && !reads_webp(host_->catalog->version());
    auto prepared = too_new ? photo::prepared_photo{fault::photo_unreadable}
                            : photo::prepare_photo(question.photo.view(), *question.picture, host_->photos);
    if (auto* smaller = std::get_if<photo::smaller_photo>(&prepared))
      call.replace_photo(std::move(*smaller));
    else if (const auto* why = std::get_if<fault>(&prepared))
      call.end(call_failure{*why, 0});
    return !std::holds_alternative<fault>(prepared) && !call.has_ended();
  }

  void chat(running_call& call) {
    const chat_call question{call.call(), host_->chat};
    const auto& asked = *call.call().question;
    chat_stream answer{host_->limits, asked.kind == request_kind::photo || !asked.schema_json.empty()};
    std::string error_body;
    auto is_wanted = true;
    const auto result = connection_.run(
      {"/api/chat", question.pieces(), question.bytes(), host_->call_max, host_->call_max},
      [&](int status, std::string_view bytes) {
        if (status != http_ok) {
          error_body += bytes.substr(0, error_text_bytes_max - error_body.size());
          return error_body.size() < error_text_bytes_max;
        }
        if (!is_wanted)
          return true;
        const auto was_done = answer.is_done();
        is_wanted = answer.feed(bytes);
        call.pieces.fetch_add(1, std::memory_order_relaxed);
        if ((answer.is_done() && !was_done) || !is_wanted) {
          call.end(judged(answer.finish(), call.call().model));
          connection_.limit_rest(is_wanted ? rest_after_answer_max : rest_of_unwanted_max);
        }
        return true;
      },
      call.stop.get_token());
    if (answer.is_done() || !is_wanted)
      return;
    // A cut within the stream is for the stream to judge: its last line may name the cause.
    const auto is_cut = !result.failure || result.failure == transport_failure::closed_within_answer;
    if (result.status == http_ok && is_cut)
      call.end(judged(answer.finish(), call.call().model));
    else
      call.end(failure_of(result, error_body));
  }

  /// An answer to a part of the question only is as good as one that was cut itself.
  call_outcome judged(call_outcome outcome, const std::string& model) const {
    if (auto* answer = std::get_if<raw_answer>(&outcome);
        answer != nullptr && host_->catalog->is_cut(model, answer->prompt_tokens))
      answer->finish = finish_reason::length;
    return outcome;
  }

  static call_failure failure_of(const http_result& result, std::string_view error_body) {
    if (result.failure)
      return {fault_of(*result.failure), result.status};
    return {fault_of_response(result.status, error_body), result.status};
  }

  std::shared_ptr<const ollama_host> host_;
  http_connection connection_;
};

http_model::http_model(std::shared_ptr<const ollama_host> host, std::shared_ptr<threads::background_threads> background)
  : caller_(std::make_shared<caller>(std::move(host))), thread_(std::move(background)) {}

http_model::~http_model() { cancel(); }

void http_model::start(model_call call, ended tell) {
  const auto next = std::make_shared<running_call>(std::move(call), std::move(tell));
  {
    const scoped_lock guard{mutex_};
    running_ = next;
  }
  try {
    thread_.post([caller = caller_, next] { caller->run(*next); });
  } catch (const std::system_error&) { // no thread to have
    next->end(call_failure{fault::worker_lost, 0});
  }
}

void http_model::cancel() {
  if (const auto call = running()) {
    call->stop.request_stop();
    call->end(call_failure{fault::cancelled, 0});
  }
}

std::uint64_t http_model::progress() const {
  const auto call = running();
  return call ? call->pieces.load(std::memory_order_relaxed) : 0;
}

std::shared_ptr<http_model::running_call> http_model::running() const {
  const scoped_lock guard{mutex_};
  return running_;
}

} // namespace mp::ollama
