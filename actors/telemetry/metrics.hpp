#pragma once
// How the stages count: a function for each thing that happens. Names, labels and help stand in metric_table.hpp.

#include "actors/telemetry/metric_table.hpp"
#include "actors/threads/mutex.hpp"
#include "messages/fault.hpp"
#include "messages/node_view.hpp"
#include "messages/request.hpp"

#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mp {

/// Requests and bytes in the dispatcher's table.
struct table_counts {
  std::int64_t waiting = 0;
  std::int64_t in_flight = 0;
  std::int64_t publishing = 0;
  std::int64_t bytes = 0;
};

/// Outcome of a repair round (REPAIR_ROUNDS): the model was asked again because its answer could not be used.
enum class reask_outcome : std::uint8_t {
  usable,        ///< the new answer can be used
  still_invalid, ///< it cannot either
  failed,        ///< there was no whole answer
};

/// What became of a model's answer.
enum class answer_quality : std::uint8_t { clean, mended, reasked, truncated, empty, failed };

inline constexpr std::size_t answer_quality_count = static_cast<std::size_t>(answer_quality::failed) + 1;

/// The metrics of one actor system. Thread safe; outlives every actor that writes to it (it lives beside the system).
/// Label values are our own words, configured names or host addresses, never text of a request.
class metrics {
public:
  explicit metrics(caf::telemetry::metric_registry& registry);

  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  using seconds = std::chrono::duration<double>;

  // Requests.
  void request_ended_well(request_kind kind);           ///< outcome "ok"
  void request_ended(request_kind kind, fault outcome); ///< outcome = the fault's code
  void request_skipped();                               ///< EXPECTED_USER_EMAIL named somebody else
  void call_failed(fault why); ///< a model call without a usable answer; time limits among them
  void retried(fault why);
  void model_not_allowed(); ///< the request's own model is not in ALLOWED_MODELS: another one was asked
  void dead_lettered(fault why);
  void queue_time(seconds waited); ///< from the dispatcher's receipt to the first assignment
  void model_time(request_kind kind, seconds worked);
  /// By `model` also under the names of the OpenTelemetry conventions for generative AI (gen_ai.client.token.usage). 0
  /// is unknown.
  void tokens(const std::string& model, std::uint64_t prompt, std::uint64_t answer);
  void answer_speed(const std::string& model, std::uint64_t tokens,
                    seconds worked); ///< nothing when one of both is unknown
  void answered(request_kind kind, answer_quality quality);
  void answer_failed(request_kind kind, fault why); ///< nothing when `why` is not a fault of the answer
  void mended(std::string_view names); ///< comma-separated names of the sanitizer's mends
  void reask_ended(reask_outcome outcome); ///< not counted where the request went to another instance first

  // The dispatcher's table, set after every change.
  void table(std::size_t waiting, std::size_t in_flight, std::size_t publishing, std::size_t bytes);

  /// What the dispatcher has set last.
  table_counts table_now() const;

  // Kafka.
  void partitions_assigned(std::size_t count);
  void lag(std::int32_t partition, std::int64_t records);
  void partition_stalled(std::int32_t partition,
                         bool stalled); ///< nothing comes from it although something waits there
  void log_ends_unknown(bool unknown); ///< the brokers do not say where the partitions end
  void records_unreadable(std::uint64_t offsets); ///< given up because they could not be read
  void commit_failed();
  void records_skipped_as_finished(std::size_t count);
  void log_changed(std::string_view kind); ///< a partition's log is not what the group's position belongs to
  void record_refused(std::string_view why); ///< by its topic: too_large, invalid, topic_refuses
  void records_held_back(std::size_t count); ///< because their topics refuse
  /// The answer of a call made before its partition was taken away.
  void kept_answer_used();

  // Hosts and actors.
  void host_usable(const std::string& host, bool usable);
  void model_vram_ratio(const std::string& host, const std::string& model,
                        double ratio); ///< 1: all of it is in the GPU's memory
  void model_reloaded(const std::string& host, const std::string& model); ///< an answer had to wait for its model
  void model_reload_ordered(const std::string& host, const std::string& model); ///< for degenerate answers
  /// What the other nodes are now; counters are the sums so far.
  void nodes(const nodes_response& seen);
  void node_certificate_expires(std::chrono::system_clock::time_point when);
  void crashed(const std::string& actor);
  void restarted(const std::string& actor);

  // The process.
  void build(std::string_view version, std::string_view compiler);

private:
  struct per_kind {
    caf::telemetry::int_counter* ok = nullptr;
    std::array<std::atomic<caf::telemetry::int_counter*>, fault_count> faults{};
    std::array<std::atomic<caf::telemetry::int_counter*>, answer_quality_count> answers{};
    caf::telemetry::dbl_histogram* model_time = nullptr;
  };
  /// Kept because finding them by their labels costs more than the rest of a message's figures (2 to 3 us).
  struct per_model {
    caf::telemetry::int_histogram* input;
    caf::telemetry::int_histogram* output;
    caf::telemetry::dbl_histogram* speed;
  };
  const per_model& of(const std::string& model);
  per_kind& of(request_kind kind) { return kinds_[static_cast<std::size_t>(kind)]; }
  caf::telemetry::int_counter* ended_counter(request_kind kind, std::string_view outcome);

  std::array<caf::telemetry::metric_family*, metric_count> families_; // by metric
  std::array<per_kind, 2> kinds_;
  caf::telemetry::int_counter* skipped_;
  caf::telemetry::dbl_histogram* queue_time_;
  caf::telemetry::int_counter* prompt_tokens_;
  caf::telemetry::int_counter* answer_tokens_;
  caf::telemetry::int_gauge* waiting_;
  caf::telemetry::int_gauge* in_flight_;
  caf::telemetry::int_gauge* publishing_;
  caf::telemetry::int_gauge* bytes_;
  caf::telemetry::int_gauge* partitions_;
  caf::telemetry::int_counter* commits_failed_;
  caf::telemetry::int_counter* skipped_as_finished_;
  caf::telemetry::int_gauge* ends_unknown_;
  caf::telemetry::int_counter* unreadable_;
  caf::telemetry::int_gauge* held_back_;
  caf::telemetry::int_counter* kept_answers_used_;
  caf::telemetry::int_counter* models_not_allowed_;
  nodes_response nodes_before_; ///< as nodes() was last told; by the one actor that calls it
  mutex models_mutex_;
  std::map<std::string, per_model> models_ MP_GUARDED_BY(models_mutex_); // elements stay where they are
};

} // namespace mp
