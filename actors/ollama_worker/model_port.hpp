#pragma once
// What a worker needs of a model server. runtime/ollama implements it over HTTP, the tests by script.

#include "messages/answer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mp {

/// One question to a model.
struct model_call {
  shared_request question;
  std::string model;         ///< the model to call
  bool needs_vision = false; ///< the port first makes sure that the model has the capability
  std::optional<reask_note> reask{}; ///< the model is asked again (REPAIR_ROUNDS): it is shown its last answer
};

/// A model server, one call at a time.
class model_port {
public:
  /// Told exactly once per call, from any thread; must only send a message.
  using ended = std::function<void(call_outcome)>;

  /// Cancels a running call and never blocks.
  virtual ~model_port() = default;

  /// Starts a call. There must be none running. Success is only an answer whose stream ended with done:true. A failure
  /// whose retry class is A fault of class `tell` without an HTTP status: the port refused the question (its schema,
  /// its photo) and made no model call.
  virtual void start(model_call call, ended tell) = 0;

  /// Ends the running call soon, with fault::cancelled unless it has just ended otherwise. Harmless when none is
  /// running.
  virtual void cancel() = 0;

  /// Counts pieces of answer received in the running call, 0 before the first. It moves only while the model speaks:
  /// the worker compares it between two looks and so needs no message per token.
  virtual std::uint64_t progress() const = 0;
};

using model_factory = std::function<std::unique_ptr<model_port>()>;

} // namespace mp
