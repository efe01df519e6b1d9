#include "actors/telemetry/metrics.hpp"

#include <caf/string_view.hpp>

#include <algorithm>

namespace mp {
namespace {

constexpr char prefix[] = "models-processor"; // an array: caf::string_view is not made from a pointer

// From a fast answer of a small model to the longest that OLLAMA_REQUEST_TIMEOUT usually allows; the OpenTelemetry GenAI
// conventions advise this doubling series for operation durations.
constexpr double model_bounds[] = {0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
constexpr double queue_bounds[] = {0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300};

constexpr double speed_bounds[] = {1, 2, 5, 10, 20, 50, 100, 200, 500};
// As the conventions want them.
constexpr std::int64_t token_bounds[] = {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};

caf::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// A configured name of a model as a label: CAF prints labels unescaped.
std::string label(std::string name) {
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '"' || c == '\\'; }, '_');
  return name;
}

std::string_view name_of(answer_quality quality) {
  switch (quality) {
    case answer_quality::clean: return "clean";
    case answer_quality::mended: return "mended";
    case answer_quality::repaired: return "repaired";
    case answer_quality::truncated: return "truncated";
    case answer_quality::empty: return "empty";
    case answer_quality::failed: return "failed";
  }
  return "failed";
}

} // namespace

metrics::metrics(caf::telemetry::metric_registry& registry) : registry_(registry) {
  auto model_times = registry.histogram_family<double>(prefix, "model-time", {"kind"}, model_bounds,
                                                       "Time of model calls that gave an answer.", "seconds");
  for (auto kind : {request_kind::text, request_kind::photo}) {
    auto name = to_string(kind);
    of(kind).ok = ended_counter(kind, "ok");
    of(kind).model_time = model_times->get_or_add({{"kind", name}});
  }
  skipped_ = registry.counter_singleton(prefix, "requests-skipped", "Requests of somebody else than EXPECTED_USER_EMAIL.", "1", true);
  queue_time_ = registry.histogram_singleton<double>(prefix, "queue-time", queue_bounds,
                                                     "Time from receipt to the first assignment to a worker.", "seconds");
  prompt_tokens_ = registry.counter_family(prefix, "tokens", {"direction"}, "Tokens counted by the model hosts.", "1", true)
                     ->get_or_add({{"direction", "prompt"}});
  answer_tokens_ = registry.counter_family(prefix, "tokens", {"direction"}, "Tokens counted by the model hosts.", "1", true)
                     ->get_or_add({{"direction", "answer"}});
  waiting_ = registry.gauge_singleton(prefix, "queue-depth", "Requests waiting for a worker or a retry.");
  in_flight_ = registry.gauge_singleton(prefix, "in-flight", "Requests that a model works on or whose answer is being cleaned.");
  publishing_ = registry.gauge_singleton(prefix, "publishing", "Requests whose reply the broker has not acknowledged yet.");
  bytes_ = registry.gauge_singleton(prefix, "held", "Bytes of requests and replies held.", "bytes");
  partitions_ = registry.gauge_singleton(prefix, "partitions-assigned", "Partitions of the requests topic held by this node.");
  commits_failed_ = registry.counter_singleton(prefix, "commits-failed", "Offset commits to be repeated.", "1", true);
  ends_unknown_ = registry.gauge_singleton(prefix, "log-ends-unknown",
                                           "1: for half a minute the brokers have not said where the partitions end.");
  unreadable_ = registry.counter_singleton(prefix, "records-unreadable",
                                            "Offsets given up because they could not be read.", "1", true);
  skipped_as_finished_ = registry.counter_singleton(prefix, "records-skipped-as-finished",
                                                    "Records read again that had their end before.", "1", true);
  held_back_ = registry.gauge_singleton(prefix, "records-held-back", "Replies and dead letters that wait because their topic refuses records.");
  kept_answers_used_ = registry.counter_singleton(prefix, "answers-kept-used",
                                                  "Answers published that were made before their partition was taken away.", "1", true);
  models_not_allowed_ = registry.counter_singleton(prefix, "models-not-allowed",
                                                   "Requests whose own model is not in ALLOWED_MODELS; another one was asked.", "1", true);
}

caf::telemetry::int_counter* metrics::ended_counter(request_kind kind, std::string_view outcome) {
  auto name = to_string(kind);
  return registry_.counter_family(prefix, "requests", {"kind", "outcome"}, "Requests that had their end.", "1", true)
    ->get_or_add({{"kind", name}, {"outcome", view(outcome)}});
}

void metrics::request_ended_well(request_kind kind) { of(kind).ok->inc(); }

void metrics::request_ended(request_kind kind, fault outcome) {
  auto& cached = of(kind).faults[static_cast<std::size_t>(outcome)];
  auto* counter = cached.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = ended_counter(kind, code_of(outcome));
    cached.store(counter, std::memory_order_release);
  }
  counter->inc();
}

void metrics::request_skipped() { skipped_->inc(); }

void metrics::call_failed(fault why) {
  registry_.counter_family(prefix, "calls-failed", {"fault"}, "Model calls without a usable answer; the time limits among them.", "1", true)
    ->get_or_add({{"fault", view(code_of(why))}})->inc();
}

void metrics::retried(fault why) {
  registry_.counter_family(prefix, "retries", {"fault"}, "Model calls repeated, by what made it necessary.", "1", true)
    ->get_or_add({{"fault", view(code_of(why))}})->inc();
}

void metrics::model_not_allowed() { models_not_allowed_->inc(); }

void metrics::dead_lettered(fault why) {
  registry_.counter_family(prefix, "dead-letters", {"fault"}, "Dead letters acknowledged by the broker.", "1", true)
    ->get_or_add({{"fault", view(code_of(why))}})->inc();
}

void metrics::queue_time(seconds waited) { queue_time_->observe(waited.count()); }

void metrics::model_time(request_kind kind, seconds worked) { of(kind).model_time->observe(worked.count()); }

void metrics::tokens(const std::string& model, std::uint64_t prompt, std::uint64_t answer) {
  constexpr std::uint64_t count_max = 1'000'000'000; // of one answer: a counter must not go backwards, whatever a host says
  if (prompt > count_max || answer > count_max)
    return;
  if (prompt > 0)
    prompt_tokens_->inc(static_cast<std::int64_t>(prompt));
  if (answer > 0)
    answer_tokens_->inc(static_cast<std::int64_t>(answer));
  if (prompt == 0 && answer == 0)
    return;
  const auto& usage = of(model);
  if (prompt > 0)
    usage.input->observe(static_cast<std::int64_t>(prompt));
  if (answer > 0)
    usage.output->observe(static_cast<std::int64_t>(answer));
}

void metrics::answer_speed(const std::string& model, std::uint64_t tokens, seconds worked) {
  if (tokens > 0 && worked.count() > 0)
    of(model).speed->observe(static_cast<double>(tokens) / worked.count());
}

const metrics::per_model& metrics::of(const std::string& model) {
  const std::scoped_lock lock{models_mutex_};
  auto found = models_.find(model);
  if (found == models_.end()) {
    auto name = label(model);
    auto* usage = registry_.histogram_family<std::int64_t>(
      "gen_ai.client", "token.usage", {"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_token_type"},
      token_bounds, "Number of input and output tokens used.");
    auto of_type = [&](caf::string_view type) {
      return usage->get_or_add({{"gen_ai_operation_name", "chat"}, {"gen_ai_provider_name", "ollama"}, {"gen_ai_request_model", name},
                                {"gen_ai_token_type", type}});
    };
    auto* speed = registry_.histogram_family<double>(prefix, "answer-tokens-per-second", {"model"}, speed_bounds,
                                                     "Tokens a second of an answer, as the host counts them.")
                    ->get_or_add({{"model", name}});
    found = models_.emplace(model, per_model{of_type("input"), of_type("output"), speed}).first;
  }
  return found->second;
}

void metrics::answered(request_kind kind, answer_quality quality) {
  auto& cached = of(kind).answers[static_cast<std::size_t>(quality)];
  auto* counter = cached.load(std::memory_order_acquire);
  if (counter == nullptr) {
    auto name = to_string(kind);
    counter = registry_.counter_family(prefix, "answers", {"kind", "outcome"}, "Answers of models, by what became of them.", "1", true)
                ->get_or_add({{"kind", name}, {"outcome", view(name_of(quality))}});
    cached.store(counter, std::memory_order_release);
  }
  counter->inc();
}

void metrics::answer_failed(request_kind kind, fault why) {
  switch (why) {
    case fault::answer_empty: answered(kind, answer_quality::empty); break;
    case fault::truncated: answered(kind, answer_quality::truncated); break;
    case fault::invalid_answer:
    case fault::runaway_answer:
    case fault::degenerate_answer:
    case fault::answer_too_large: answered(kind, answer_quality::failed); break;
    // No answer came. All are named, so that the compiler reports a new fault here.
    case fault::not_json:
    case fault::not_utf8:
    case fault::not_an_object:
    case fault::no_user_email:
    case fault::request_too_large:
    case fault::record_unreadable:
    case fault::no_question:
    case fault::photo_not_base64:
    case fault::photo_unreadable:
    case fault::photo_truncated:
    case fault::photo_too_large:
    case fault::invalid_request:
    case fault::model_not_found:
    case fault::model_lacks_vision:
    case fault::model_refused:
    case fault::question_too_long:
    case fault::expired:
    case fault::rate_limited:
    case fault::host_unreachable:
    case fault::host_busy:
    case fault::runner_died:
    case fault::model_error:
    case fault::stream_cut:
    case fault::first_byte_timeout:
    case fault::idle_timeout:
    case fault::call_timeout:
    case fault::cancelled:
    case fault::poison:
    case fault::worker_lost:
    case fault::reply_too_large:
    case fault::reply_refused: break;
  }
}

void metrics::mended(std::string_view names) {
  while (!names.empty()) {
    auto comma = names.find(',');
    auto name = names.substr(0, comma);
    registry_.counter_family(prefix, "repairs", {"kind"}, "What the sanitizer mended in answers.", "1", true)
      ->get_or_add({{"kind", view(name)}})->inc();
    names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
  }
}

void metrics::repair_round_ended(repair_outcome outcome) {
  static constexpr std::string_view names[] = {"repaired", "still_invalid", "failed"};
  registry_.counter_family(prefix, "repair-rounds", {"outcome"}, "Models asked again because their answer could not be used.", "1", true)
    ->get_or_add({{"outcome", view(names[static_cast<std::size_t>(outcome)])}})->inc();
}

void metrics::table(std::size_t waiting, std::size_t in_flight, std::size_t publishing, std::size_t bytes) {
  waiting_->value(static_cast<std::int64_t>(waiting));
  in_flight_->value(static_cast<std::int64_t>(in_flight));
  publishing_->value(static_cast<std::int64_t>(publishing));
  bytes_->value(static_cast<std::int64_t>(bytes));
}

table_counts metrics::table_now() const {
  return {waiting_->value(), in_flight_->value(), publishing_->value(), bytes_->value()};
}

void metrics::partitions_assigned(std::size_t count) { partitions_->value(static_cast<std::int64_t>(count)); }

void metrics::lag(std::int32_t partition, std::int64_t records) {
  auto number = std::to_string(partition);
  registry_.gauge_family(prefix, "consumer-lag", {"partition"}, "Records behind the end of the partition, by committed offset.")
    ->get_or_add({{"partition", number}})->value(records);
}

void metrics::partition_stalled(std::int32_t partition, bool stalled) {
  registry_.gauge_family(prefix, "partition-stalled", {"partition"},
                         "1: for half a minute no record has come from the partition although some wait there and there is demand.")
    ->get_or_add({{"partition", std::to_string(partition)}})->value(stalled);
}

void metrics::log_ends_unknown(bool unknown) { ends_unknown_->value(unknown); }

void metrics::records_unreadable(std::uint64_t offsets) { unreadable_->inc(static_cast<std::int64_t>(offsets)); }

void metrics::commit_failed() { commits_failed_->inc(); }

void metrics::records_skipped_as_finished(std::size_t count) {
  if (count > 0)
    skipped_as_finished_->inc(static_cast<std::int64_t>(count));
}

void metrics::log_changed(std::string_view kind) {
  registry_.counter_family(prefix, "log-changes", {"kind"},
                           "Logs of partitions that were made anew, truncated or trimmed, or whose committed position lay beyond their end.", "1", true)
    ->get_or_add({{"kind", view(kind)}})->inc();
}

void metrics::record_refused(std::string_view why) {
  registry_.counter_family(prefix, "records-refused", {"why"}, "Replies and dead letters that their topic has refused.", "1", true)
    ->get_or_add({{"why", view(why)}})->inc();
}

void metrics::records_held_back(std::size_t count) { held_back_->value(static_cast<std::int64_t>(count)); }
void metrics::kept_answer_used() { kept_answers_used_->inc(); }

void metrics::host_usable(const std::string& host, bool usable) {
  registry_.gauge_family(prefix, "host-usable", {"host"}, "1 when the model host can be given work.")
    ->get_or_add({{"host", host}})->value(usable ? 1 : 0);
}

void metrics::model_vram_ratio(const std::string& host, const std::string& model, double ratio) {
  auto name = label(model);
  registry_.gauge_family<double>(prefix, "model-vram-ratio", {"host", "model"}, "The part of a loaded model that is in the GPU's memory.")
    ->get_or_add({{"host", host}, {"model", name}})->value(ratio);
}

void metrics::model_reloaded(const std::string& host, const std::string& model) {
  auto name = label(model);
  registry_.counter_family(prefix, "model-reloads", {"host", "model"}, "Loads of a model that an answer had to wait for.", "1", true)
    ->get_or_add({{"host", host}, {"model", name}})->inc();
}

void metrics::model_reload_ordered(const std::string& host, const std::string& model) {
  auto name = label(model);
  registry_.counter_family(prefix, "model-reloads-ordered", {"host", "model"}, "Models loaded anew because their answers were degenerate.", "1", true)
    ->get_or_add({{"host", host}, {"model", name}})->inc();
}

void metrics::crashed(const std::string& actor) {
  registry_.counter_family(prefix, "actor-crashes", {"actor"}, "Ends of actors that nobody asked for, and starts that failed.", "1", true)
    ->get_or_add({{"actor", actor}})->inc();
}

void metrics::restarted(const std::string& actor) {
  registry_.counter_family(prefix, "actor-restarts", {"actor"}, "Restarts after a crash.", "1", true)
    ->get_or_add({{"actor", actor}})->inc();
}

void metrics::build(std::string_view version, std::string_view compiler) {
  registry_.gauge_family(prefix, "build-info", {"version", "compiler"}, "Always 1; the labels say what runs.")
    ->get_or_add({{"version", view(version)}, {"compiler", view(compiler)}})->value(1);
}

} // namespace mp
