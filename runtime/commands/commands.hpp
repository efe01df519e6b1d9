#pragma once
// The commands of models-processor. Each gives the process's exit code; results go to standard output, complaints to
// standard error.

#include "runtime/config/settings.hpp"
#include "runtime/node/service.hpp"

#include <chrono>
#include <iosfwd>
#include <string>

namespace mp {

/// Exit codes that all commands share.
enum exit_codes : int {
  exit_well = 0,
  exit_failed = 1, ///< a check failed; the reply is an error reply; a reply is missing; there is no clean answer
  exit_wrong_settings = 2, ///< wrong settings or arguments; for `send` also: no reply in time
};

/// The service, until SIGINT or SIGTERM. 70: restarting its parts did not help.
int run_command(const settings& chosen, node_role role);

struct check_options {
  bool create_topics = false; ///< make the topics that are not there
  int partitions = 6; ///< of a topic that is made
  int replication_factor = -1; ///< -1: as the broker is set up
};

/// Looks at Kafka (with NODE_JOIN, where there is none, at its readers) and every model host and prints a table with
/// what to do about each failure. 1 on a failure.
int check_command(const settings& chosen, const check_options& options);

struct send_options {
  std::string photo_file; ///< a photo question when not empty
  std::string prompt; ///< the photo's prompt
  std::string text; ///< a text question when not empty
  std::string user_email = "me@example.com";
  std::string key; ///< empty: a random one
  std::chrono::milliseconds timeout{120'000};
};

/// Publishes one request, waits for its reply and prints it. 1 on an error reply or when Kafka refuses, 2 when no reply
/// came in time.
int send_command(const settings& chosen, const send_options& options);

struct demo_options {
  bool once = false; ///< end after the replies
  std::string photo_file; ///< sent as the photo
  bool port_chosen = false; ///< PORT was given: do not look for another one
};

/// The whole path in one process: an embedded broker, a model (the Ollama at OLLAMA_HOST if one answers and has the
/// model, else a simulated one), the service, and some requests. 1 when a reply is missing.
int demo_command(settings chosen, const demo_options& options);

struct clean_options {
  bool json = false; ///< one line of JSON: outcome, answer, repairs
  bool text = false; ///< the answer is a text, as to a text request; else it has to be JSON, as to a photo
  bool cut = false; ///< the model ended at its length limit (done_reason: length)
  std::string schema_file{}; ///< of a JSON Schema that the answer has to follow; empty: any JSON
};

/// Reads a model's text from `in` and writes the answer that the service would publish to `out`. 1, with the reason on
/// `complaints`, where there is none; 2 where the schema's file cannot be used. Uses MAX_ANSWER_BYTES and no other
/// setting; reads at most one byte more than that.
///
/// With `json` a line {"outcome","answer","repairs"} instead: outcome is clean (nothing was mended), mended or failed;
/// answer is the JSON value itself, a string for texts, null when failed; repairs are the names of mend_kinds();
/// a failed one has reason {"code","message"} from the table of faults; with a schema the message says what does not
/// follow it.
int clean_command(const settings& chosen, const clean_options& options, std::istream& in, std::ostream& out,
                  std::ostream& complaints);

/// The body of a photo request, as messages/README.md describes it.
std::string photo_request_body(const std::string& key, const std::string& user_email, const std::string& prompt,
                               const std::string& photo_bytes);

/// The body of a text request.
std::string text_request_body(const std::string& key, const std::string& user_email, const std::string& prompt);

/// Whether a reply's body is an error reply.
bool is_error_reply(const std::string& body);

/// The bytes of a file. Throws std::runtime_error that names it.
std::string read_file(const std::string& path);

} // namespace mp
