#include "actors/telemetry/metrics.hpp"

#include <caf/string_view.hpp>

#include <type_traits>
#include <utility>
#include <vector>

namespace mp {
namespace {

using families = std::array<caf::telemetry::metric_family*, metric_count>;

caf::string_view view(std::string_view text) { return {text.data(), text.size()}; }

caf::telemetry::metric_family* add_family(caf::telemetry::metric_registry& registry, const metric_row& row) {
  auto parts = parts_of(row.name);
  auto prefix = view(parts.prefix), name = view(parts.name), unit = view(parts.unit), help = view(row.help);
  std::vector<caf::string_view> names;
  names.reserve(row.label_count());
  for (std::size_t i = 0; i < row.label_count(); ++i)
    names.push_back(view(row.labels[i]));
  caf::span<const caf::string_view> labels{names.data(), names.size()};
  switch (row.kind) {
    case metric_kind::counter: return registry.counter_family(prefix, name, labels, help, unit, parts.is_sum);
    case metric_kind::gauge: return registry.gauge_family(prefix, name, labels, help, unit, parts.is_sum);
    case metric_kind::real_gauge: return registry.gauge_family<double>(prefix, name, labels, help, unit, parts.is_sum);
    case metric_kind::histogram: {
      caf::span<const double> bounds{row.bounds.data(), row.bounds.size()};
      return registry.histogram_family<double>(prefix, name, labels, bounds, help, unit, parts.is_sum);
    }
    case metric_kind::whole_histogram: {
      std::vector<std::int64_t> bounds(row.bounds.begin(), row.bounds.end());
      caf::span<const std::int64_t> whole{bounds.data(), bounds.size()};
      return registry.histogram_family<std::int64_t>(prefix, name, labels, whole, help, unit, parts.is_sum);
    }
  }
  return nullptr;
}

/// What CAF calls a metric of each kind.
template <metric_kind Kind>
auto caf_type() {
  using enum metric_kind;
  if constexpr (Kind == counter)
    return std::type_identity<caf::telemetry::int_counter>{};
  else if constexpr (Kind == gauge)
    return std::type_identity<caf::telemetry::int_gauge>{};
  else if constexpr (Kind == real_gauge)
    return std::type_identity<caf::telemetry::dbl_gauge>{};
  else if constexpr (Kind == histogram)
    return std::type_identity<caf::telemetry::dbl_histogram>{};
  else
    return std::type_identity<caf::telemetry::int_histogram>{};
}

/// The metric of row `M` with these values of its labels, made at the first call. Takes locks and compares every label:
/// hot paths keep what it gives.
template <metric M, class... Values>
auto* find(const families& all, const Values&... values) {
  constexpr const auto& row = row_of(M);
  static_assert(row.label_count() == sizeof...(Values), "a value for each label of the table");
  using type = typename decltype(caf_type<row.kind>())::type;
  auto* family = static_cast<caf::telemetry::metric_family_impl<type>*>(all[static_cast<std::size_t>(M)]);
  if constexpr (sizeof...(Values) == 0)
    return family->get_or_add(caf::span<const caf::telemetry::label_view>{});
  else
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return family->get_or_add({caf::telemetry::label_view{view(row.labels[I]), view(label_value{values}.text())}...});
    }(std::index_sequence_for<Values...>{});
}

std::string_view name_of(answer_quality quality) {
  switch (quality) {
    case answer_quality::clean: return "clean";
    case answer_quality::mended: return "mended";
    case answer_quality::reasked: return "repaired";
    case answer_quality::truncated: return "truncated";
    case answer_quality::empty: return "empty";
    case answer_quality::failed: return "failed";
  }
  return "failed";
}

} // namespace

metrics::metrics(caf::telemetry::metric_registry& registry) {
  for (const auto& row : metric_table)
    families_[static_cast<std::size_t>(row.id)] = add_family(registry, row);
  for (auto kind : {request_kind::text, request_kind::photo}) {
    of(kind).ok = ended_counter(kind, "ok");
    of(kind).model_time = find<metric::model_time>(families_, to_string(kind));
  }
  skipped_ = find<metric::requests_skipped>(families_);
  queue_time_ = find<metric::queue_time>(families_);
  prompt_tokens_ = find<metric::tokens>(families_, "prompt");
  answer_tokens_ = find<metric::tokens>(families_, "answer");
  waiting_ = find<metric::queue_depth>(families_);
  in_flight_ = find<metric::in_flight>(families_);
  publishing_ = find<metric::publishing>(families_);
  bytes_ = find<metric::held>(families_);
  partitions_ = find<metric::partitions_assigned>(families_);
  commits_failed_ = find<metric::commits_failed>(families_);
  ends_unknown_ = find<metric::log_ends_unknown>(families_);
  unreadable_ = find<metric::records_unreadable>(families_);
  skipped_as_finished_ = find<metric::records_skipped_as_finished>(families_);
  held_back_ = find<metric::records_held_back>(families_);
  kept_answers_used_ = find<metric::answers_kept_used>(families_);
  models_not_allowed_ = find<metric::models_not_allowed>(families_);
}

caf::telemetry::int_counter* metrics::ended_counter(request_kind kind, std::string_view outcome) {
  return find<metric::requests>(families_, to_string(kind), outcome);
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

void metrics::call_failed(fault why) { find<metric::calls_failed>(families_, code_of(why))->inc(); }

void metrics::retried(fault why) { find<metric::retries>(families_, code_of(why))->inc(); }

void metrics::model_not_allowed() { models_not_allowed_->inc(); }

void metrics::dead_lettered(fault why) { find<metric::dead_letters>(families_, code_of(why))->inc(); }

void metrics::queue_time(seconds waited) { queue_time_->observe(waited.count()); }

void metrics::model_time(request_kind kind, seconds worked) { of(kind).model_time->observe(worked.count()); }

void metrics::tokens(const std::string& model, std::uint64_t prompt, std::uint64_t answer) {
  constexpr std::uint64_t count_max =
    1'000'000'000; // of one answer: a counter must not go backwards, whatever a host says
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
  const scoped_lock lock{models_mutex_};
  auto found = models_.find(model);
  if (found == models_.end()) {
    auto of_type = [&](std::string_view type) {
      return find<metric::token_usage>(families_, "chat", "ollama", model, type);
    };
    auto* speed = find<metric::answer_speed>(families_, model);
    found = models_.emplace(model, per_model{of_type("input"), of_type("output"), speed}).first;
  }
  return found->second;
}

void metrics::answered(request_kind kind, answer_quality quality) {
  auto& cached = of(kind).answers[static_cast<std::size_t>(quality)];
  auto* counter = cached.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = find<metric::answers>(families_, to_string(kind), name_of(quality));
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
    case fault::node_lost:
    case fault::reply_too_large:
    case fault::reply_refused: break;
  }
}

void metrics::mended(std::string_view names) {
  while (!names.empty()) {
    auto comma = names.find(',');
    auto name = names.substr(0, comma);
    find<metric::repairs>(families_, name)->inc();
    names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
  }
}

void metrics::reask_ended(reask_outcome outcome) {
  static constexpr std::string_view names[] = {"repaired", "still_invalid", "failed"};
  find<metric::reask_rounds>(families_, names[static_cast<std::size_t>(outcome)])->inc();
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
  find<metric::consumer_lag>(families_, std::to_string(partition))->value(records);
}

void metrics::partition_stalled(std::int32_t partition, bool stalled) {
  find<metric::partition_stalled>(families_, std::to_string(partition))->value(stalled);
}

void metrics::log_ends_unknown(bool unknown) { ends_unknown_->value(unknown); }

void metrics::records_unreadable(std::uint64_t offsets) { unreadable_->inc(static_cast<std::int64_t>(offsets)); }

void metrics::commit_failed() { commits_failed_->inc(); }

void metrics::records_skipped_as_finished(std::size_t count) {
  if (count > 0)
    skipped_as_finished_->inc(static_cast<std::int64_t>(count));
}

void metrics::log_changed(std::string_view kind) { find<metric::log_changes>(families_, kind)->inc(); }

void metrics::record_refused(std::string_view why) { find<metric::records_refused>(families_, why)->inc(); }

void metrics::records_held_back(std::size_t count) { held_back_->value(static_cast<std::int64_t>(count)); }
void metrics::kept_answer_used() { kept_answers_used_->inc(); }

void metrics::host_usable(const std::string& host, bool usable) {
  find<metric::host_usable>(families_, host)->value(usable ? 1 : 0);
}

void metrics::nodes(const nodes_response& seen) {
  std::int64_t slots = 0, offered = 0, in_flight = 0;
  for (const auto& each : seen.nodes) {
    slots += each.slots, offered += each.offered, in_flight += each.in_flight;
    find<metric::node_heartbeat_age>(families_, each.name)
      ->value(std::chrono::duration<double>(each.heartbeat_age).count());
  }
  auto count = [](std::uint64_t now, std::uint64_t before) {
    return static_cast<std::int64_t>(now < before ? now : now - before); // an actor that was restarted counts anew
  };
  find<metric::nodes>(families_)->value(static_cast<std::int64_t>(seen.nodes.size()));
  find<metric::nodes_lost>(families_)->inc(count(seen.lost, nodes_before_.lost));
  find<metric::node_slots>(families_, "all")->value(slots);
  find<metric::node_slots>(families_, "offered")->value(offered);
  find<metric::node_slots>(families_, "in_flight")->value(in_flight);
  find<metric::held_calls_offered>(families_)->inc(count(seen.offered, nodes_before_.offered));
  find<metric::held_calls_adopted>(families_)->inc(count(seen.adopted, nodes_before_.adopted));
  find<metric::node_answers_late>(families_)->inc(count(seen.late, nodes_before_.late));
  nodes_before_ = seen;
}

void metrics::node_certificate_expires(std::chrono::system_clock::time_point when) {
  find<metric::node_certificate_expiry>(families_)->value(std::chrono::system_clock::to_time_t(when));
}

void metrics::model_vram_ratio(const std::string& host, const std::string& model, double ratio) {
  find<metric::model_vram_ratio>(families_, host, model)->value(ratio);
}

void metrics::model_reloaded(const std::string& host, const std::string& model) {
  find<metric::model_reloads>(families_, host, model)->inc();
}

void metrics::model_reload_ordered(const std::string& host, const std::string& model) {
  find<metric::model_reloads_ordered>(families_, host, model)->inc();
}

void metrics::crashed(const std::string& actor) { find<metric::actor_crashes>(families_, actor)->inc(); }

void metrics::restarted(const std::string& actor) { find<metric::actor_restarts>(families_, actor)->inc(); }

void metrics::build(std::string_view version, std::string_view compiler) {
  find<metric::build_info>(families_, version, compiler)->value(1);
}

} // namespace mp
