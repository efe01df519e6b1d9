#pragma once
// The calls of a transactional producer, which block, and what follows from their errors.

#include "actors/producer/transaction_port.hpp"
#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/rd_produce.hpp"
#include "runtime/kafka/time_limit.hpp"
#include "runtime/kafka/transaction_options.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mp::kafka {

/// What a transaction call ended with, as librdkafka reports it.
struct call_error {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool retriable = false;
  bool abortable = false;
  std::string text; ///< the code's name and its words
};

enum class recovery : std::uint8_t {
  repeat,  ///< the same call with the same arguments
  abort,   ///< the transaction; the client goes on
  replace, ///< the client: what became of the transaction is not known, or the client is broken or fenced
};

/// What to do about an error while there is still time.
///
/// Where an answer did not come in time the request may still be under way and would, after an abort, act on the next
/// transaction of the same epoch [kafka 10]. Only a successor's new epoch shuts it out.
recovery recovery_for(const call_error& error) noexcept;

/// One librdkafka client for transactions. All calls from one thread. Each transaction call is one with a long time
/// limit: resuming a commit that is cut into slices reported 41 of 1,500 committed transactions as aborted [kafka 9].
class transaction_client {
public:
  /// Does not block. Throws std::runtime_error when the client cannot be created. `given_up` is asked between two
  /// calls; once it is true no new call is begun and results do not matter.
  transaction_client(const transaction_options& options, std::function<bool()> given_up);
  ~transaction_client();
  transaction_client(const transaction_client&) = delete;
  transaction_client& operator=(const transaction_client&) = delete;

  /// Ends what a predecessor of the same id had begun, and fences it. Blocks until it is done, however long the broker
  /// is away. Returns why it can never be done, or nothing: ready (or given up).
  std::optional<std::string> initialise();

  /// Runs one transaction from its beginning to its end. After `unclear` every further one is `unclear` too.
  transaction_outcome run(const transaction& what);

private:
  using call = std::function<rd_kafka_error_t*(int limit_ms)>;

  /// Where the delivery reports of one handle go: they still come while it is taken down in the background, then to
  /// nobody.
  struct report_target {
    explicit report_target(transaction_client* client) : to(client) {}
    transaction_client* to; ///< only changed and read while no other thread polls the handle
  };

  /// Throws std::runtime_error.
  void create();
  /// Replaces a handle that should not be used any more; its successor has a new epoch.
  void recreate_if_needed();
  transaction_outcome begin_to_end(const transaction& what);
  std::optional<call_error> begin();
  std::optional<call_error> send(const transaction& what);
  std::optional<call_error> send_record(const transaction& what, std::size_t index, const time_limit& limit);
  std::optional<call_error> send_offsets(const transaction& what, const time_limit& limit);
  /// Commit or abort.
  std::optional<call_error> end(rd_kafka_error_t* (*how)(rd_kafka_t*, int));
  transaction_outcome abort(const transaction& what, const call_error& cause);
  /// The broker told of a right that is missing, but not for which topic.
  void find_topics_without_right(const transaction& what);
  /// A record of the transaction under way was not delivered. Called by librdkafka inside of our calls.
  void not_delivered(std::size_t index, rd_kafka_resp_err_t code);
  /// Makes a call, again as long as that may help; what is returned is final.
  std::optional<call_error> retry_until(const time_limit& limit, const call& make_call);
  transaction_outcome broken(const std::string& reason);

  transaction_options options_;
  std::function<bool()> given_up_;
  std::shared_ptr<report_target> reports_;
  transactional_handle_ptr handle_; ///< first, so that the topics are freed before it
  topic_array topics_;
  std::vector<refused_record> refused_; ///< of the transaction under way
  bool must_recreate_ = false; ///< the next transaction should not be made with this handle
  std::string broken_; ///< why this client can do nothing any more
};

} // namespace mp::kafka
