#pragma once
// The demo's stand-in for Ollama where there is none: the same interface, invented answers that say so.

#include <chrono>
#include <memory>
#include <string>

namespace mp {

/// An HTTP server on a free loopback port that speaks as much of Ollama's interface as the service uses: version, tags,
/// show, ps and streamed chat, for one model. A photo gets a food analysis inside a fence with chatter around it, as
/// real models wrap theirs; a text gets a sentence; `format` gets JSON of its shape (simulated_answer.hpp). Every
/// answer says that a simulated model gave it. Another model is not found, as with a real Ollama. Owns its threads.
class simulated_ollama {
public:
  /// Starts. `token_delay`: between two pieces of an answer. Throws std::runtime_error when no port can be had.
  explicit simulated_ollama(std::chrono::milliseconds token_delay = std::chrono::milliseconds{15});

  /// Stops; answers under way are cut.
  ~simulated_ollama();

  simulated_ollama(const simulated_ollama&) = delete;
  simulated_ollama& operator=(const simulated_ollama&) = delete;

  /// For OLLAMA_HOST.
  std::string url() const;

  /// The one model that it has.
  static std::string model() { return "simulated:latest"; }

private:
  class server;
  std::unique_ptr<server> server_;
};

} // namespace mp
