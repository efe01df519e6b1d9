#include "actors/ollama_worker/chat_stream.hpp"

#include "actors/ollama_worker/failure_class.hpp"
#include "messages/json/ascii.hpp"
#include "messages/json/utf8.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace mp {
namespace {

// What a host counts is not to be believed beyond these: the sums of all of them would be wrong for ever.
constexpr std::uint64_t tokens_max = 1'000'000'000;
constexpr std::chrono::nanoseconds time_max = std::chrono::hours{24};

std::uint64_t plausible_count(std::uint64_t tokens) { return tokens <= tokens_max ? tokens : 0; }

std::chrono::nanoseconds plausible_time(std::uint64_t nanoseconds) {
  return nanoseconds <= static_cast<std::uint64_t>(time_max.count()) ? std::chrono::nanoseconds{nanoseconds}
                                                                     : std::chrono::nanoseconds{0};
}

} // namespace

chat_stream::chat_stream(stream_limits limits, bool wants_json) : limits_(limits), watch_(wants_json) {}

chat_stream::~chat_stream() = default;

bool chat_stream::feed(std::string_view bytes) {
  while (!failed_ && !done_ && !bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (pending_.size() + piece.size() > limits_.line_bytes_max) {
      failed_ = fault::answer_too_large;
      break;
    }
    if (end == std::string_view::npos) {
      pending_ += piece;
      break;
    }
    bytes.remove_prefix(end + 1);
    auto understood = false;
    if (pending_.empty()) {
      understood = take_line(piece);
    } else {
      pending_ += piece;
      understood = take_line(pending_);
      pending_.clear();
    }
    if (!understood)
      failed_ = fault::model_error;
  }
  return !failed_ && !stopped_;
}

/// False when the line is not one of this protocol.
bool chat_stream::take_line(std::string_view text) {
  text = trimmed(text);
  if (text.empty())
    return true;
  const auto* line = reader_.read(text);
  if (line == nullptr)
    return false;
  if (line->has_error) {
    failed_ = fault_of_error_text(line->error);
    return true;
  }
  if (answer_.size() + line->content.size() > limits_.answer_bytes_max) {
    failed_ = fault::answer_too_large;
    return true;
  }
  answer_ += line->content;
  if (!line->done) {
    watch(line->content.size(), line->model);
    return true;
  }
  // "load" and "unload" are the ends of requests without a question: the server did not take ours for one.
  if (line->done_reason == "load" || line->done_reason == "unload") {
    failed_ = fault::model_error;
    return true;
  }
  done_ = true;
  last_.finish = line->done_reason == "length" ? finish_reason::length : finish_reason::stop;
  last_.model = line->model;
  last_.prompt_tokens = plausible_count(line->prompt_tokens);
  last_.answer_tokens = plausible_count(line->answer_tokens);
  last_.load_time = plausible_time(line->load_nanoseconds);
  last_.answer_time = plausible_time(line->answer_nanoseconds);
  return true;
}

/// Ends the call where the model does not find the end. The counts of tokens come with the last line only; a piece is a
/// token.
void chat_stream::watch(std::size_t piece, const std::string& model) {
  pieces_ += piece > 0 ? 1 : 0;
  switch (watch_.added(answer_, piece)) {
    case answer_sign::none: break;
    case answer_sign::complete:
      done_ = stopped_ = true;
      last_.model = model;
      last_.answer_tokens = pieces_;
      break;
    case answer_sign::runaway: failed_ = fault::runaway_answer; break;
    case answer_sign::degenerate: failed_ = fault::degenerate_answer; break;
  }
}

bool chat_stream::is_done() const noexcept { return done_; }

call_outcome chat_stream::finish() {
  constexpr int http_ok = 200;
  // A last line without its line feed is whole when it is JSON; otherwise it is what is left of one.
  if (!failed_ && !done_ && !take_line(pending_))
    failed_ = fault::stream_cut;
  if (failed_)
    return call_failure{*failed_, http_ok};
  if (!done_) {
    const auto sign = watch_.cut_off(answer_);
    const auto why = sign == answer_sign::degenerate ? fault::degenerate_answer
                     : sign == answer_sign::runaway  ? fault::runaway_answer
                                                     : fault::stream_cut;
    return call_failure{why, http_ok};
  }
  // One that ended by itself is an answer, whatever it says: a line of dashes may be what was asked for.
  if (last_.finish == finish_reason::length && is_degenerate(answer_, degenerate_bytes_min))
    return call_failure{fault::degenerate_answer, http_ok};
  if (!is_valid_utf8(answer_))
    answer_ = mend_utf8(answer_); // grows: a byte that is no character becomes three
  if (answer_.size() > limits_.answer_bytes_max)
    return call_failure{fault::answer_too_large, http_ok};
  last_.text = text_slice{std::move(answer_)};
  return std::move(last_);
}

} // namespace mp
