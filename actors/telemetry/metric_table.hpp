#pragma once
// Every metric of the service once: its name, labels and meaning. CAF's registry and the README's list are made from
// this table.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mp {

/// In the order of the table.
enum class metric : std::uint8_t {
  requests,
  requests_skipped,
  models_not_allowed,
  dead_letters,
  queue_time,
  model_time,
  calls_failed,
  retries,
  answers,
  repairs,
  reask_rounds,
  answers_kept_used,
  tokens,
  token_usage,
  answer_speed,
  queue_depth,
  in_flight,
  publishing,
  held,
  partitions_assigned,
  consumer_lag,
  partition_stalled,
  log_ends_unknown,
  log_changes,
  commits_failed,
  records_unreadable,
  records_skipped_as_finished,
  records_refused,
  records_held_back,
  host_usable,
  model_vram_ratio,
  model_reloads,
  model_reloads_ordered,
  nodes,
  nodes_lost,
  node_slots,
  held_calls_offered,
  held_calls_adopted,
  node_answers_late,
  node_heartbeat_age,
  node_certificate_expiry,
  actor_crashes,
  actor_restarts,
  build_info,
};

enum class metric_kind : std::uint8_t {
  counter,
  gauge,           ///< of whole numbers
  real_gauge,      ///< of numbers with a fraction
  histogram,       ///< of numbers with a fraction
  whole_histogram, ///< of whole numbers
};

struct metric_row {
  metric id;
  metric_kind kind;
  std::string_view name;                     ///< as Prometheus reads it
  std::array<std::string_view, 4> labels;    ///< the first label_count() of them
  std::string_view help;                     ///< one sentence
  std::span<const double> bounds{};          ///< of a histogram: upper bounds of its buckets

  constexpr std::size_t label_count() const {
    std::size_t count = 0;
    while (count < labels.size() && !labels[count].empty())
      ++count;
    return count;
  }
};

namespace detail {

// From a fast answer of a small model to the longest that OLLAMA_REQUEST_TIMEOUT usually allows; the OpenTelemetry
// GenAI conventions advise this doubling series for operation durations.
inline constexpr double model_time_bounds[] = {0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                                               1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
inline constexpr double queue_time_bounds[] = {0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300};
inline constexpr double speed_bounds[] = {1, 2, 5, 10, 20, 50, 100, 200, 500};
// As the conventions want them.
inline constexpr double token_bounds[] = {1,     4,     16,     64,      256,     1024,     4096,
                                          16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};

} // namespace detail

inline constexpr metric_row metric_table[] = {
  {metric::requests,
   metric_kind::counter,
   "models_processor_requests_total",
   {"kind", "outcome"},
   "Requests that had their end: `ok`, or the fault's code."},
  {metric::requests_skipped,
   metric_kind::counter,
   "models_processor_requests_skipped_total",
   {},
   "Requests of another user than EXPECTED_USER_EMAIL."},
  {metric::models_not_allowed,
   metric_kind::counter,
   "models_processor_models_not_allowed_total",
   {},
   "Requests whose own model is not in ALLOWED_MODELS: another model answered."},
  {metric::dead_letters,
   metric_kind::counter,
   "models_processor_dead_letters_total",
   {"fault"},
   "Dead letters acknowledged by the broker."},
  {metric::queue_time,
   metric_kind::histogram,
   "models_processor_queue_time_seconds",
   {},
   "Time from receipt to the first assignment to a worker.",
   detail::queue_time_bounds},
  {metric::model_time,
   metric_kind::histogram,
   "models_processor_model_time_seconds",
   {"kind"},
   "Time of model calls that gave an answer.",
   detail::model_time_bounds},
  {metric::calls_failed,
   metric_kind::counter,
   "models_processor_calls_failed_total",
   {"fault"},
   "Model calls without a usable answer, time limits among them."},
  {metric::retries,
   metric_kind::counter,
   "models_processor_retries_total",
   {"fault"},
   "Model calls repeated, by what made it necessary."},
  {metric::answers,
   metric_kind::counter,
   "models_processor_answers_total",
   {"kind", "outcome"},
   "Answers of models: `clean`, `mended`, `repaired` (the model was asked again), `truncated`, `empty`, `failed`."},
  {metric::repairs,
   metric_kind::counter,
   "models_processor_repairs_total",
   {"kind"},
   "What the sanitizer mended in answers."},
  {metric::reask_rounds,
   metric_kind::counter,
   "models_processor_repair_rounds_total",
   {"outcome"},
   "Models asked again because their answer could not be used: `repaired`, `still_invalid`, `failed`."},
  {metric::answers_kept_used,
   metric_kind::counter,
   "models_processor_answers_kept_used_total",
   {},
   "Answers published that were made before their partition was taken away."},
  {metric::tokens,
   metric_kind::counter,
   "models_processor_tokens_total",
   {"direction"},
   "Tokens counted by the model hosts: `prompt`, `answer`."},
  {metric::token_usage,
   metric_kind::whole_histogram,
   "gen_ai_client_token_usage",
   {"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_token_type"},
   "Tokens per call under the name of the OpenTelemetry conventions: `input`, `output`.",
   detail::token_bounds},
  {metric::answer_speed,
   metric_kind::histogram,
   "models_processor_answer_tokens_per_second",
   {"model"},
   "Tokens a second of an answer, as the host counts them.",
   detail::speed_bounds},
  {metric::queue_depth,
   metric_kind::gauge,
   "models_processor_queue_depth",
   {},
   "Requests waiting for a worker or a retry."},
  {metric::in_flight,
   metric_kind::gauge,
   "models_processor_in_flight",
   {},
   "Requests that a model works on or whose answer is being cleaned."},
  {metric::publishing,
   metric_kind::gauge,
   "models_processor_publishing",
   {},
   "Requests whose reply the broker has not acknowledged yet."},
  {metric::held, metric_kind::gauge, "models_processor_held_bytes", {}, "Bytes of requests and replies held."},
  {metric::partitions_assigned,
   metric_kind::gauge,
   "models_processor_partitions_assigned",
   {},
   "Partitions of the requests topic held by this node."},
  {metric::consumer_lag,
   metric_kind::gauge,
   "models_processor_consumer_lag",
   {"partition"},
   "Records behind the end of the partition, by committed offset."},
  {metric::partition_stalled,
   metric_kind::gauge,
   "models_processor_partition_stalled",
   {"partition"},
   "1: for half a minute no record has come from the partition although some wait there and there is demand."},
  {metric::log_ends_unknown,
   metric_kind::gauge,
   "models_processor_log_ends_unknown",
   {},
   "1: for half a minute the brokers have not said where the partitions end."},
  {metric::log_changes,
   metric_kind::counter,
   "models_processor_log_changes_total",
   {"kind"},
   "Logs of partitions that were made anew, truncated or trimmed, or whose committed position lay beyond their end."},
  {metric::commits_failed,
   metric_kind::counter,
   "models_processor_commits_failed_total",
   {},
   "Offset commits to be repeated."},
  {metric::records_unreadable,
   metric_kind::counter,
   "models_processor_records_unreadable_total",
   {},
   "Offsets given up because they could not be read."},
  {metric::records_skipped_as_finished,
   metric_kind::counter,
   "models_processor_records_skipped_as_finished_total",
   {},
   "Records read again that had their end before."},
  {metric::records_refused,
   metric_kind::counter,
   "models_processor_records_refused_total",
   {"why"},
   "Replies and dead letters that their topic has refused: `too_large`, `invalid`, `topic_refuses`."},
  {metric::records_held_back,
   metric_kind::gauge,
   "models_processor_records_held_back",
   {},
   "Replies and dead letters that wait because their topic refuses records."},
  {metric::host_usable,
   metric_kind::gauge,
   "models_processor_host_usable",
   {"host"},
   "1: the model host can be given work."},
  {metric::model_vram_ratio,
   metric_kind::real_gauge,
   "models_processor_model_vram_ratio",
   {"host", "model"},
   "The part of a loaded model that is in the GPU's memory, 0 to 1."},
  {metric::model_reloads,
   metric_kind::counter,
   "models_processor_model_reloads_total",
   {"host", "model"},
   "Loads of a model that an answer had to wait for."},
  {metric::model_reloads_ordered,
   metric_kind::counter,
   "models_processor_model_reloads_ordered_total",
   {"host", "model"},
   "Models unloaded and loaded again because they gave degenerate answers or no token in time."},
  // clang-format off
  {metric::nodes, metric_kind::gauge, "models_processor_nodes", {},
   "Worker nodes that have joined this reader; of a worker node the readers that it has joined."},
  {metric::nodes_lost, metric_kind::counter, "models_processor_nodes_lost_total", {},
   "Sessions with worker nodes, or of a worker node with readers, that ended without notice."},
  {metric::node_slots, metric_kind::gauge, "models_processor_node_slots", {"state"},
   "Slots of worker nodes: all of them, offered to this reader, in_flight."},
  {metric::held_calls_offered, metric_kind::counter, "models_processor_held_calls_offered_total", {},
   "Calls whose reader was lost, or gave the request up, as they were offered."},
  {metric::held_calls_adopted, metric_kind::counter, "models_processor_held_calls_adopted_total", {},
   "Of these those that were taken in place of a model call."},
  {metric::node_answers_late, metric_kind::counter, "models_processor_node_answers_late_total", {},
   "Answers of worker nodes that nobody waited for any more."},
  {metric::node_heartbeat_age, metric_kind::real_gauge, "models_processor_node_heartbeat_age_seconds", {"node"},
   "Time since the last heartbeat of a worker node, or of a worker node's reader."},
  {metric::node_certificate_expiry, metric_kind::gauge, "models_processor_node_certificate_expiry_timestamp_seconds",
   {}, "When NODE_CERT expires, Unix time."},
  // clang-format on
  {metric::actor_crashes,
   metric_kind::counter,
   "models_processor_actor_crashes_total",
   {"actor"},
   "Ends of actors that nobody ordered, and starts that failed."},
  {metric::actor_restarts,
   metric_kind::counter,
   "models_processor_actor_restarts_total",
   {"actor"},
   "Restarts after a crash."},
  {metric::build_info,
   metric_kind::gauge,
   "models_processor_build_info",
   {"version", "compiler"},
   "Always 1; the labels say what runs."},
};

inline constexpr std::size_t metric_count = std::size(metric_table);

/// The row of `id`.
constexpr const metric_row& row_of(metric id) { return metric_table[static_cast<std::size_t>(id)]; }

static_assert(std::ranges::all_of(metric_table, [](const auto& row) { return &row == &row_of(row.id); }),
              "the rows stand in the order of the enumerators");
static_assert(row_of(metric::build_info).id == metric::build_info
                && metric_count == static_cast<std::size_t>(metric::build_info) + 1,
              "each enumerator has a row");

/// A name in the parts that CAF's registry takes and puts together again when it prints.
struct metric_name {
  std::string_view prefix;
  std::string_view name;
  std::string_view unit; ///< "1" for none
  bool is_sum;           ///< ends in _total
};

/// The parts of the name of a row.
metric_name parts_of(std::string_view name);

/// A label's value as it can be printed: CAF prints quotes, backslashes and line ends unescaped [caf 3]. Refers to
/// `value` where nothing has to be replaced, and is valid as long as it.
class label_value {
public:
  explicit label_value(std::string_view value);
  label_value(const label_value&) = delete;
  label_value& operator=(const label_value&) = delete;

  std::string_view text() const { return text_; }

private:
  std::string copy_;
  std::string_view text_;
};

/// The table in Markdown, for the README.
std::string metrics_markdown();

} // namespace mp
