#include "actors/health_monitor/node_status.hpp"
#include "messages/json/json_text.hpp"
#include "runtime/commands/check_kafka.hpp"
#include "runtime/commands/check_nodes.hpp"
#include "runtime/commands/check_table.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/config/describe.hpp"
#include "runtime/node/assembly.hpp"

#include <future>
#include <iostream>

namespace mp {
namespace {

std::string milliseconds_text(std::chrono::steady_clock::time_point since) {
  auto time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
  return std::to_string(time.count()) + " ms";
}

void add_settings(const settings& chosen, std::vector<check_row>& rows) {
  std::string differing;
  for (const auto& [name, value] : config::settings_for_log(chosen))
    differing += (differing.empty() ? "" : ", ") + name + "=" + value;
  rows.push_back({"settings", check_state::good, differing.empty() ? "all defaults" : differing, {}});
}

host_report probe_host(const settings& chosen, const std::shared_ptr<const ollama::ollama_host>& host,
                       const std::shared_ptr<threads::background_threads>& background) {
  ollama::http_host port{host, wanted_of(chosen), background};
  std::promise<host_report> ended;
  port.probe(host_port::depth::one_token, [&](host_report report) { ended.set_value(std::move(report)); });
  return ended.get_future().get();
}

call_outcome ask_one_token(const settings& chosen, const config::host_address& address, const std::string& model,
                           const std::shared_ptr<threads::background_threads>& background) {
  auto host = std::make_shared<ollama::ollama_host>(*host_of(chosen, address));
  host->chat.answer_tokens_max = 1;
  ollama::http_model port{host, background};
  request question;
  question.prompt_json = text_slice{string_literal("Say yes.")};
  std::promise<call_outcome> ended;
  port.start({shared_request{std::move(question)}, model, false},
             [&](call_outcome outcome) { ended.set_value(std::move(outcome)); });
  return ended.get_future().get();
}

void add_host(const settings& chosen, const config::host_address& address, std::vector<check_row>& rows) {
  auto background = std::make_shared<threads::background_threads>();
  auto name = address.url();
  std::cerr << "looking at " << name << " (loading models may take a while) ...\n";
  auto began = std::chrono::steady_clock::now();
  auto report = probe_host(chosen, host_of(chosen, address), background);
  if (report.condition != host_condition::usable) {
    node_status status{chosen.ollama_model, {name}};
    status.host_probed(name, report);
    rows.push_back({"ollama " + name, check_state::failed,
                    report.version.empty() ? "not usable" : "version " + report.version, status.advice(name)});
    return;
  }
  rows.push_back({"ollama " + name, check_state::good, "version " + report.version, {}});
  auto probed_in = milliseconds_text(began);
  const auto routes = routes_of(chosen);
  const auto& for_photos = model_for(routes, request_kind::photo);
  for (const auto& model : report.models) {
    rows.push_back(
      {"model " + model.name, check_state::good, model.was_loaded ? "was loaded" : "loaded in " + probed_in, {}});
    if (model.name == for_photos)
      rows.push_back(
        {"vision", model.vision ? check_state::good : check_state::warning, model.vision ? "yes" : "no",
         model.vision ? "" : "photos get an error reply; for photos choose a model with vision, such as llava:latest"});
    if (model.gpu_share && *model.gpu_share <= 0)
      rows.push_back({"GPU memory", check_state::good, model.name + " runs on the processor alone", {}});
    else if (model.gpu_share && *model.gpu_share < 1)
      rows.push_back({"GPU memory", check_state::warning,
                      std::to_string(static_cast<int>(*model.gpu_share * 100)) + " % of " + model.name,
                      "slow; a smaller model or a smaller OLLAMA_NUM_CTX may fit"});
    began = std::chrono::steady_clock::now();
    auto answer = ask_one_token(chosen, address, model.name, background);
    if (auto* failure = std::get_if<call_failure>(&answer)) {
      std::string text{info_of(failure->why).text};
      if (failure->http_status >= 300)
        text += " (status " + std::to_string(failure->http_status) + ")";
      rows.push_back({"one-token answer", check_state::failed, text, "see Ollama's log on " + name});
    } else {
      rows.push_back({"one-token answer", check_state::good, milliseconds_text(began), {}});
    }
  }
  if (!report.holds_all)
    rows.push_back({"memory", check_state::warning, "the models do not fit at once",
                    "each change of the model costs a load; see OLLAMA_MAX_LOADED_MODELS on " + name});
}

} // namespace

int check_command(const settings& chosen, const check_options& options) {
  std::vector<check_row> rows;
  add_settings(chosen, rows);
  if (chosen.node_join.empty())
    add_kafka_rows(chosen, options, rows);
  else
    add_node_rows(chosen, rows);
  for (const auto& address : chosen.ollama_hosts)
    add_host(chosen, address, rows);
  print_check_table(std::cout, rows);
  bool failed = any_failed(rows);
  std::cout << (failed ? "not ready to run\n" : "ready to run\n");
  return failed ? exit_failed : exit_well;
}

} // namespace mp
