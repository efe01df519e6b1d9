#define CAF_SUITE metrics
#include "tests/support/test.hpp"

#include "actors/telemetry/metrics.hpp"

#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/metric_registry.hpp>

using namespace mp;
using namespace std::chrono_literals;

namespace {

struct world {
  caf::telemetry::metric_registry registry;
  mp::metrics metrics{registry};

  /// The value of the sample that begins like this, or "none".
  std::string value(std::string_view name_and_labels) {
    caf::telemetry::collector::prometheus collector;
    auto collected = collector.collect_from(registry);
    std::string text{collected.data(), collected.size()};
    auto at = text.find('\n' + std::string{name_and_labels} + ' ');
    if (at == std::string::npos)
      return "none";
    at += name_and_labels.size() + 2;
    return text.substr(at, text.find(' ', at) - at);
  }
};

} // namespace

TEST_CASE("answers are counted by kind and by what became of them") {
  world w;
  w.metrics.answered(request_kind::photo, answer_quality::mended);
  w.metrics.answer_failed(request_kind::photo, fault::invalid_answer);
  w.metrics.answer_failed(request_kind::photo, fault::degenerate_answer);
  w.metrics.answer_failed(request_kind::text, fault::answer_empty);
  w.metrics.answer_failed(request_kind::text, fault::truncated);
  CHECK_EQ(w.value(R"(models_processor_answers_total{kind="photo",outcome="mended"})"), "1");
  CHECK_EQ(w.value(R"(models_processor_answers_total{kind="photo",outcome="failed"})"), "2");
  CHECK_EQ(w.value(R"(models_processor_answers_total{kind="text",outcome="empty"})"), "1");
  CHECK_EQ(w.value(R"(models_processor_answers_total{kind="text",outcome="truncated"})"), "1");
}

TEST_CASE("a call without an answer is no failed answer") {
  world w;
  w.metrics.answer_failed(request_kind::text, fault::stream_cut);
  CHECK_EQ(w.value(R"(models_processor_answers_total{kind="text",outcome="failed"})"), "none");
}

TEST_CASE("tokens stand under the names of the OpenTelemetry conventions, by model") {
  world w;
  w.metrics.tokens("llava:latest", 26, 290);
  const std::string labels =
    R"({gen_ai_operation_name="chat",gen_ai_provider_name="ollama",gen_ai_request_model="llava:latest",gen_ai_token_type=")";
  CHECK_EQ(w.value("gen_ai_client_token_usage_sum" + labels + "input\"}"), "26");
  CHECK_EQ(w.value("gen_ai_client_token_usage_sum" + labels + "output\"}"), "290");
  CHECK_EQ(w.value("models_processor_tokens_total{direction=\"answer\"}"), "290");
}

TEST_CASE("counts that no answer can have are not added: a counter never goes backwards") {
  world w;
  w.metrics.tokens("llava:latest", 26, 290);
  w.metrics.tokens("llava:latest", ~std::uint64_t{0}, 1);
  w.metrics.tokens("llava:latest", 1, std::uint64_t{1} << 63);
  CHECK_EQ(w.value("models_processor_tokens_total{direction=\"answer\"}"), "290");
}

TEST_CASE("an answer whose tokens are not known has no tokens and no speed") {
  world w;
  w.metrics.tokens("llava", 0, 0);
  w.metrics.answer_speed("llava", 0, 1s);
  w.metrics.answer_speed("llava", 10, 0s);
  CHECK_EQ(w.value("models_processor_answer_tokens_per_second_count{model=\"llava\"}"), "none");
  w.metrics.answer_speed("llava", 10, 2s);
  CHECK_EQ(w.value("models_processor_answer_tokens_per_second_count{model=\"llava\"}"), "1.000000");
}

TEST_CASE("a configured name cannot break the text that Prometheus reads") {
  world w;
  w.metrics.model_reloaded("http://alpha:11434", "a\"b\\c");
  CHECK_EQ(w.value(R"(models_processor_model_reloads_total{host="http://alpha:11434",model="a_b_c"})"), "1");
}

TEST_CASE("the part of a model in the GPU's memory is a fraction") {
  world w;
  w.metrics.model_vram_ratio("alpha", "llava", 0.25);
  CHECK_EQ(w.value(R"(models_processor_model_vram_ratio{host="alpha",model="llava"})").substr(0, 4), "0.25");
}

TEST_CASE("partitions that stand still and records that cannot be read are told") {
  world w;
  w.metrics.partition_stalled(3, true);
  CHECK_EQ(w.value(R"(models_processor_partition_stalled{partition="3"})"), "1");
  w.metrics.partition_stalled(3, false);
  CHECK_EQ(w.value(R"(models_processor_partition_stalled{partition="3"})"), "0");
  w.metrics.log_ends_unknown(true);
  CHECK_EQ(w.value("models_processor_log_ends_unknown"), "1");
  w.metrics.records_unreadable(7);
  CHECK_EQ(w.value("models_processor_records_unreadable_total"), "7");
}
