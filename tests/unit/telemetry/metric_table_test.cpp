#define CAF_SUITE metric_table
#include "tests/support/test.hpp"

#include "actors/telemetry/metrics.hpp"

#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <set>

using namespace mp;

namespace {

std::string printed(caf::telemetry::metric_registry& registry) {
  caf::telemetry::collector::prometheus collector;
  auto collected = collector.collect_from(registry);
  return {collected.data(), collected.size()};
}

/// The row of `name` in the Markdown.
std::string line_of(std::string_view name) {
  auto table = metrics_markdown();
  auto begin = table.find("| `" + std::string{name} + "` |");
  return begin == std::string::npos ? "none" : table.substr(begin, table.find('\n', begin) - begin);
}

/// Sets every metric once.
void set_all(metrics& all) {
  using namespace std::chrono_literals;
  all.request_ended_well(request_kind::text);
  all.call_failed(fault::host_busy);
  all.retried(fault::host_busy);
  all.dead_lettered(fault::poison);
  all.tokens("llava", 1, 1);
  all.answer_speed("llava", 10, 1s);
  all.answered(request_kind::text, answer_quality::clean);
  all.mended("fence");
  all.reask_ended(reask_outcome::failed);
  all.lag(0, 1);
  all.partition_stalled(0, false);
  all.log_changed("trimmed");
  all.record_refused("invalid");
  all.host_usable("alpha", true);
  all.model_vram_ratio("alpha", "llava", 1);
  all.model_reloaded("alpha", "llava");
  all.model_reload_ordered("alpha", "llava");
  all.crashed("sanitizer");
  all.restarted("sanitizer");
  all.build("1", "gcc");
  all.nodes({{node_view{"gpu", "1", 4, 2, 1, std::chrono::milliseconds{100}, 0}}, 1, 2, 1, 1, 0, 0});
  all.node_certificate_expires({});
}

} // namespace

TEST_CASE("what CAF prints has the names, kinds and help of the table, and nothing else") {
  caf::telemetry::metric_registry registry;
  metrics all{registry};
  set_all(all);
  auto text = printed(registry);
  std::size_t types = 0;
  for (auto at = text.find("# TYPE "); at != std::string::npos; at = text.find("# TYPE ", at + 1))
    ++types;
  CHECK_EQ(types, metric_count);
  for (const auto& row : metric_table) {
    auto kind = line_of(row.name).find("| histogram |") != std::string::npos ? " histogram\n"
                : line_of(row.name).find("| counter |") != std::string::npos ? " counter\n"
                                                                             : " gauge\n";
    CHECK_EQ(text.find("# TYPE " + std::string{row.name} + kind) == std::string::npos ? row.name : "printed",
             "printed");
    CHECK_EQ(text.find("# HELP " + std::string{row.name} + ' ' + std::string{row.help} + '\n') == std::string::npos
               ? row.name
               : "printed",
             "printed");
  }
}

TEST_CASE("each name stands in the table once, and counters alone end in _total") {
  std::set<std::string_view> names;
  for (const auto& row : metric_table) {
    CHECK(names.insert(row.name).second);
    CHECK_EQ(row.name.ends_with("_total"), row.kind == metric_kind::counter);
    CHECK_EQ(row.bounds.empty(), row.kind != metric_kind::histogram && row.kind != metric_kind::whole_histogram);
    CHECK(!row.help.empty());
  }
}

TEST_CASE("a name comes apart into what CAF puts together") {
  auto parts = parts_of("models_processor_calls_failed_total");
  CHECK_EQ(parts.prefix, "models_processor");
  CHECK_EQ(parts.name, "calls_failed");
  CHECK_EQ(parts.unit, "1");
  CHECK(parts.is_sum);
  CHECK_EQ(parts_of("models_processor_queue_time_seconds").name, "queue_time");
  CHECK_EQ(parts_of("models_processor_queue_time_seconds").unit, "seconds");
  CHECK_EQ(parts_of("models_processor_held_bytes").unit, "bytes");
  CHECK_EQ(parts_of("gen_ai_client_token_usage").prefix, "gen_ai");
}

TEST_CASE("of a label's value only what would break a line of Prometheus is replaced") {
  CHECK_EQ(label_value{"http://alpha:11434"}.text(), "http://alpha:11434");
  CHECK_EQ(label_value{"a\"b\\c\nd"}.text(), "a_b_c_d");
  CHECK_EQ(label_value{""}.text(), "");
}

TEST_CASE("the README's row has name, kind, labels and meaning") {
  CHECK_EQ(line_of("models_processor_model_reloads_total"),
           "| `models_processor_model_reloads_total` | counter | `host`, `model` | Loads of a model that an answer had "
           "to wait for. |");
  CHECK_EQ(line_of("models_processor_held_bytes"),
           "| `models_processor_held_bytes` | gauge |  | Bytes of requests and replies held. |");
}
