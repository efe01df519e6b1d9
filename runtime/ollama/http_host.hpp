#pragma once
// A model server's health, seen over Ollama's HTTP interface.

#include "actors/health_monitor/host_port.hpp"
#include "runtime/ollama/ollama_host.hpp"
#include "runtime/threads/worker_thread.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mp::ollama {

/// What a host has to have.
struct wanted_models {
  std::vector<std::string> names; ///< all of them, none twice; never empty
  std::vector<std::pair<std::string, std::string>>
    digests; ///< of these models, by the first hexadecimal digits in small letters
};

/// Probes one host for its models, on a thread of its own: /api/version, /api/tags where digests are wanted, /api/show
/// for each model, /api/ps, then an empty /api/chat for each. That last request loads the model where it is not in
/// memory; where it seems to be, it makes Ollama look whether the model's runner is alive and load it again if not:
/// version, show and ps stay green when it is dead [ollama 7]. It carries the options of the questions, since others
/// would make each question load the model again. Where a token is wanted, a question of one word follows, with the
/// time limit of any question.
///
/// A host that cannot hold all models at once would load one after the other with each probe and throw out what
/// requests need: once that is seen, only those in memory are looked at, and the questions load what they need.
class http_host final : public host_port {
public:
  http_host(std::shared_ptr<const ollama_host> host, wanted_models models,
            std::shared_ptr<threads::background_threads> background);
  ~http_host() override;
  http_host(const http_host&) = delete;
  http_host& operator=(const http_host&) = delete;

  void probe(probe_order order, ended tell) override;

private:
  class prober;
  class running_probe;

  std::shared_ptr<prober> prober_; ///< shared with the thread
  std::shared_ptr<running_probe> running_;
  threads::worker_thread thread_;
};

} // namespace mp::ollama
