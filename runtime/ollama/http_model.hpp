#pragma once
// A model behind Ollama's HTTP interface.

#include "actors/ollama_worker/model_port.hpp"
#include "actors/threads/mutex.hpp"
#include "runtime/ollama/ollama_host.hpp"
#include "runtime/threads/worker_thread.hpp"

#include <memory>

namespace mp::ollama {

/// Asks one host, over a connection and on a thread of its own that the first call starts. The worker watches the call
/// by progress() and ends it by cancel(); the port itself knows one limit, against a socket that stays silent for ever.
///
/// cancel() reports the end itself, before the thread has noticed: so it takes no time whatever the thread is stuck in,
/// and a call's end is reported once because the first to claim it wins. Each call has a std::stop_source of its own,
/// so that a late cancel cannot reach the next call.
class http_model final : public model_port {
public:
  http_model(std::shared_ptr<const ollama_host> host, std::shared_ptr<threads::background_threads> background);

  /// Cancels; its thread is left to the background threads.
  ~http_model() override;

  http_model(const http_model&) = delete;
  http_model& operator=(const http_model&) = delete;

  void start(model_call call, ended tell) override;
  void cancel() override;
  std::uint64_t progress() const override;

private:
  class caller;
  class running_call;
  std::shared_ptr<running_call> running() const;

  std::shared_ptr<caller> caller_; ///< shared with the thread
  threads::worker_thread thread_;
  mutable mutex mutex_;
  std::shared_ptr<running_call> running_ MP_GUARDED_BY(mutex_); ///< the last call, ended or not
};

} // namespace mp::ollama
