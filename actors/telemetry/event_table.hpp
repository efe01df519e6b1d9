#pragma once
// Every event that is logged once: its level, its fields, what it means. Calls of the log and the README's list rest on
// this table.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mp::log {

enum class level : std::uint8_t { debug, info, warning, error };

/// As written in a line: DEBUG, INFO, WARNING, ERROR.
std::string_view to_string(level l);

struct event_row {
  std::string_view name;
  std::optional<level> severity; ///< none: each line has its own
  /// Names with a blank between them, in the usual order; a line may leave some out. "..." at the end: others too.
  std::string_view fields;
  std::string_view meaning; ///< one sentence
};

// The level of most lines of librdkafka and of no other event.
inline constexpr std::nullopt_t any_level = std::nullopt;

inline constexpr event_row event_table[] = {
  {"service_started", level::info, "version port topic model ...",
   "The service runs; the other fields are the settings that differ from their defaults."},
  {"status_server_listening", level::info, "address port", "The HTTP endpoints can be reached."},
  {"setting_doubtful", level::warning, "name reason",
   "A variable that means nothing here, perhaps a slip, or a secret on the command line."},
  {"stopping", level::info, "drain_timeout_s",
   "A signal to stop has come: what is in flight may end, nothing new begins."},
  {"drain_started", level::info, "in_flight", "Requests that are to end before the process does."},
  {"drain_incomplete", level::warning, "", "DRAIN_TIMEOUT was over before all of them had ended; they are read again."},
  {"stopping_at_once", level::warning, "", "A second signal has come: nothing is waited for."},
  {"stop_forced", level::warning, "after_s",
   "A broker, a model host or a library held the process beyond DRAIN_TIMEOUT; it has ended itself."},
  {"service_ended", level::info, "code", "The last line, with the exit code."},
  {"service_gave_up", level::error, "reason", "Restarting did not help; the process ends with exit code 70."},
  {"hard_exit", level::error, "",
   "A call of a library did not return after everything else had ended; the process ended without waiting for "
   "it."},
  {"client_call_left_behind", level::warning, "",
   "A call of the Kafka client did not return; it ended with the process."},
  {"log_lines_lost", level::warning, "count",
   "What reads the log is too slow: so many of the oldest lines were dropped."},

  {"actor_started", level::debug, "actor", "An actor runs, also again after a crash."},
  {"actor_crashed", level::warning, "actor reason attempt restart_in_ms",
   "An actor has ended with an error; `restart_in_ms` is `never` where its supervisor gives up."},
  {"actor_abandoned", level::error, "actor", "An actor did not end within its time and was left behind."},
  {"status_request_failed", level::error, "path reason", "An endpoint could not be answered."},

  {"partitions_assigned", level::info, "count", "Kafka has given partitions to this instance."},
  {"partitions_revoked", level::info, "count lost", "Kafka has taken partitions away; `lost`: without time to commit."},
  {"positions_unavailable", level::warning, "reason", "The committed offsets could not be fetched; tried again."},
  {"consumer_error", level::warning, "code", "The consumer reports an error that it recovers from by itself."},
  {"commit_refused", level::info, "reason", "A commit was refused; made again with the next interval."},
  {"commit_metadata_ignored", level::warning, "partition offset",
   "The metadata of a commit cannot be read: requests finished above that offset may be answered again."},
  {"group_left", level::info, "", "The consumer has left its group."},
  {"group_instance_id_in_use", level::warning, "id remedy advice", "Another instance has the same name in the group."},
  {"log_changed", level::error, "kind partition position goes_on_at log_begin log_end",
   "A partition's log is not what the group's position belongs to."},
  {"records_unreadable", level::error, "partition offset last_offset code remedy",
   "Records that cannot be read become dead letters."},
  {"partitions_stalled", level::error, "reason",
   "For half a minute nothing has come from a partition although records wait there."},
  {"partitions_move_again", level::info, "", "Records come from it again."},
  {"kafka_client_log", any_level, "client facility text held_back",
   "A line of librdkafka; `held_back`: so many like it were left out."},
  {"kafka_client_error", level::warning, "client code text held_back", "An error that librdkafka reports."},
  {"kafka_brokers_lost", level::warning, "client remedy", "A client knows no broker any more."},

  {"request_done", level::info, "id kind outcome attempts host model_ms total_ms partition offset",
   "A request has had its end: `ok`, the fault's code, or `published_before`."},
  {"call_failed", level::info, "id fault host status attempt", "A model call without a usable answer."},
  {"answer_asked_again", level::info, "id host round",
   "The model is asked again because its answer could not be used."},
  {"kept_answer_used", level::info, "id partition offset", "The answer was made before the partition was taken away."},
  {"delivery_failed", level::warning, "ticket code", "A reply was not acknowledged; it is published again."},
  {"record_too_large", level::warning, "id topic code bytes",
   "A topic takes no records of this size; a smaller one is published instead."},
  {"record_refused", level::warning, "id topic code bytes",
   "A topic does not take this record; another one is published instead."},
  {"topic_refuses", level::error, "topic code advice", "A topic takes no records: what needs it waits."},
  {"topic_takes_records", level::info, "topic", "It takes records again."},
  {"intake_paused", level::error, "reason limit_percent records_held", "No further requests are read."},
  {"intake_resumed", level::info, "", "Requests are read again."},
  {"demand_exceeded", level::error, "", "More came from the reader than was requested: a defect of this program."},
  {"transaction_not_committed", level::warning, "reason requests unclear",
   "A transaction was aborted, or its outcome is unclear; its requests are published again where needed."},
  {"transactional_id_in_use", level::error, "advice", "Another producer has taken this one's transactional id."},
  {"transactions_unavailable", level::error, "reason advice", "The transactional producer cannot start; tried again."},

  {"node_joined", level::info, "node version protocol hosts slots held", "A worker node takes work of this reader."},
  {"node_refused", level::warning, "node version reason", "A worker node may not join; told once a minute."},
  {"node_left", level::info, "node reason", "A worker node has ended its session."},
  {"node_lost", level::warning, "node reason", "A worker node is gone; its requests are on others."},
  {"node_draining", level::info, "node", "A worker node takes nothing new."},
  {"node_heartbeat_late", level::info, "node late_ms", "A heartbeat of a worker node came late."},
  {"node_answer_late", level::info, "node", "An answer came that nobody waits for any more."},
  {"held_call_adopted", level::info, "id partition offset finished",
   "A worker node has a call of this request already: no model is called."},
  {"reader_joined", level::info, "reader version protocol", "This worker node takes work of a reader."},
  {"reader_refuses", level::warning, "reason", "A reader does not take this worker node; told once a minute."},
  {"reader_left", level::info, "reader reason", "A reader has ended its session."},
  {"reader_lost", level::warning, "reader reason", "A reader is gone; what was begun for it goes on."},
  {"reader_heartbeat_late", level::info, "reader late_ms", "A heartbeat of a reader came late."},
  {"reader_not_reached", level::warning, "name reason", "A name of a reader leads nowhere; told once a minute."},
  {"node_port_listening", level::info, "address port tls", "Worker nodes can join this reader."},
  {"node_drain_started", level::info, "in_flight", "The worker node takes nothing new."},

  {"host_usable", level::info, "host", "A model host can be given work."},
  {"host_unusable", level::info, "host", "It cannot be given work."},
  {"host_suspected", level::warning, "host", "Calls to a host fail; it is probed before it gets more work."},
  {"host_not_usable", level::warning, "host advice status", "A probe says what a host lacks."},
  {"server_died", level::warning, "host calls photos",
   "All calls of a host broke off at once: Ollama was stopped or killed."},
  {"model_ready", level::info, "host model vision version was_loaded", "A host has loaded its models."},
  {"model_differs", level::error, "host model advice", "A host's model has another digest than MODEL_DIGESTS wants."},
  {"model_on_cpu", level::info, "host model", "A model is on the CPU alone."},
  {"model_in_gpu_memory", level::info, "host model", "All of a model is in the GPU's memory."},
  {"model_partly_on_cpu", level::warning, "host model gpu_percent advice",
   "A model does not fit into the GPU's memory."},
  {"models_do_not_fit", level::warning, "host models advice", "A host cannot keep all its models loaded at once."},
  {"models_fit_again", level::info, "host", "It can again."},
  {"model_reloads_often", level::warning, "host model advice",
   "3 in 10 answers waited longer than a second for their model."},
  {"model_reloads_over", level::info, "host", "They do no longer."},
  {"model_degenerate", level::warning, "host model remedy", "A model wrote one sign again and again for two users."},
  {"model_silent", level::warning, "host model remedy", "A model gave a call no token in time."},
};

/// The row of an event; throws where there is none, which in constant expressions does not compile.
constexpr const event_row& row_of(std::string_view name) {
  for (const auto& row : event_table)
    if (row.name == name)
      return row;
  throw "no such event in event_table.hpp";
}

/// An event of the table that may be logged at level `L`. Made of a literal; any other name, and one of another level,
/// does not compile.
template <level L>
class event {
public:
  consteval event(const char* name) : row_(&row_of(name)) {
    if (row_->severity && *row_->severity != L)
      throw "event_table.hpp gives this event another level";
  }

  const event_row& row() const { return *row_; }

private:
  const event_row* row_;
};

/// Whether a line of this event may have a field of this name.
bool has_field(const event_row& row, std::string_view field);

/// Ends the program where it may not: a defect of the line's caller.
void require_field(const event_row& row, std::string_view field);

/// The table in Markdown, for the README.
std::string events_markdown();

} // namespace mp::log
