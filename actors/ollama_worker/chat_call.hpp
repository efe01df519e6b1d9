#pragma once
// A question as the body of Ollama's POST /api/chat.

#include "actors/ollama_worker/model_port.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mp {

/// What is the same in every call. Ollama loads a model anew when a load-time option (num_ctx) differs from that of the
/// loaded one, [ollama 4], and the last call's keep_alive holds for all [ollama 3]: so there is one set, for questions
/// and for loading.
struct chat_settings {
  std::uint32_t answer_tokens_max = 1024; ///< num_predict; without it Ollama's bound is ten times the context
  std::optional<std::uint32_t> context_tokens; ///< num_ctx; empty: the model's or the server's own
  std::optional<double> temperature; ///< empty: the model's own

  /// How long the model stays in memory after a call: whole seconds, negative for ever, or a duration as Ollama reads
  /// it ("30m").
  std::string keep_alive = "-1";

  /// Sends think:false. Every model accepts it: Ollama refuses only think:true (ChatHandler in routes.go of 0.24).
  /// Without it a model that can think does so, within num_predict.
  bool suppress_thinking = false;

  /// The schema of answers to photos that bring none of their own (RESPONSE_SCHEMA): a JSON object, or empty.
  std::string photo_schema;
};

/// The body of one call, in pieces that are to be sent one after the other. The photo and all other long parts of the
/// question are views into the request, which this object keeps alive; they are never copied. Stays where it was made:
/// views point into it.
class chat_call {
public:
  /// With a reask_note the conversation goes on behind the question: the model's answer, then what is wrong with it and
  /// the demand to answer again with nothing but the JSON; at temperature 0, so that it does not wander off, and with a
  /// seed of the round's own, so that a model which heeds no temperature does not say the same again.
  ///
  /// The question's `_json` fields must be valid JSON as messages/request.hpp says; then the body is valid JSON.
  chat_call(const model_call& call, const chat_settings& settings);

  chat_call(const chat_call&) = delete;
  chat_call& operator=(const chat_call&) = delete;

  /// None of them empty.
  const std::vector<std::string_view>& pieces() const noexcept { return pieces_; }

  /// Of all pieces together.
  std::size_t bytes() const noexcept { return bytes_; }

private:
  void add(std::string_view piece);

  shared_request question_;
  std::string own_; ///< the small parts between the views, one after the other
  std::vector<std::string_view> pieces_;
  std::size_t bytes_ = 0;
};

/// The body of the request that only loads `model`, with the options of the questions to come (empty messages)
/// [ollama 5]. Its response is one JSON object, with done_reason "load".
std::string load_body(std::string_view model, const chat_settings& settings);

/// The body of the request that unloads `model` as soon as no call uses it [ollama 5].
std::string unload_body(std::string_view model, chat_settings settings);

/// The body of a question that any model answers with one token, streamed like every answer.
std::string one_token_body(std::string_view model, chat_settings settings);

} // namespace mp
