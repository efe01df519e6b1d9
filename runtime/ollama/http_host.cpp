#include "runtime/ollama/http_host.hpp"

#include "messages/model_name.hpp"
#include "runtime/ollama/host_models.hpp"
#include "runtime/ollama/response_json.hpp"
#include "runtime/ollama/small_request.hpp"
#include "runtime/threads/stop.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <system_error>

namespace mp::ollama {
namespace {

constexpr int http_ok = 200;
constexpr int http_unavailable = 503; // Ollama's queue is full [ollama 15]

// The list of loaded models is only a hint, and it waits for the lock of each runner: ten seconds for one that hangs
// [ollama 16].
constexpr std::chrono::milliseconds loaded_list_max{2'000};

// As long a model may stay in the list although it was unloaded. Where it stays longer, others go on using it, and
// nobody knows when they will stop; meanwhile the host has no work.
constexpr std::chrono::milliseconds unload_max{5'000};

std::string_view last_line(std::string_view lines) {
  while (lines.ends_with('\n') || lines.ends_with('\r'))
    lines.remove_suffix(1);
  return lines.substr(lines.find_last_of('\n') + 1); // the whole text where there is none
}

/// What a proxy answers when the server behind it cannot be reached.
bool is_gateway_error(int status) { return status >= 502 && status <= 504; }

} // namespace

class http_host::running_probe {
public:
  explicit running_probe(ended tell) : tell_(std::move(tell)) {}

  std::stop_source stop;

  void end(host_report report) {
    if (!ended_.exchange(true)) {
      tell_(std::move(report));
      tell_ = nullptr;
    }
  }

private:
  ended tell_;
  std::atomic<bool> ended_{false};
};

/// The thread's side.
class http_host::prober {
public:
  prober(std::shared_ptr<const ollama_host> host, wanted_models models)
    : host_(std::move(host)), models_(std::move(models)), connection_(host_->address, host_->connect_max) {}

  void run(running_probe& probe, const probe_order& order) {
    host_report report;
    try {
      look(report, order, probe.stop.get_token());
    } catch (const std::exception&) { // no memory
      report = {};
    }
    probe.end(std::move(report));
  }

private:
  using loaded_list = std::optional<std::vector<loaded_model>>;

  void look(host_report& report, const probe_order& order, const std::stop_token& stop) {
    if (!learn_version(report, stop) || !compare_digests(report, stop) || !learn_models(report, stop))
      return;
    for (const auto& each : order.reload)
      unload(each, stop);
    auto loaded = list_loaded(stop);
    for (auto& each : report.models)
      each.was_loaded = note(each, loaded);
    report.was_loaded =
      std::all_of(report.models.begin(), report.models.end(), [](const auto& each) { return each.was_loaded; });
    auto any =
      std::any_of(report.models.begin(), report.models.end(), [](const auto& each) { return each.was_loaded; });
    has_room_ |= report.was_loaded || !any;
    if (!keep_loaded(report, order.how, stop))
      return;
    if (!report.was_loaded)
      if (loaded = list_loaded(stop); loaded) {
        auto missing = false;
        for (auto& each : report.models)
          missing |= !note(each, loaded);
        has_room_ = !missing || report.models.size() == 1; // one may stand in the list under another name
      }
    report.holds_all = has_room_;
    for (const auto& each : loaded.value_or(std::vector<loaded_model>{}))
      report.loaded.push_back(each);
    report.condition = host_condition::usable;
  }

  bool learn_version(host_report& report, const std::stop_token& stop) {
    const auto response = ask(connection_, "/api/version", {}, host_->small_request_max, stop);
    if (response.result.failure) {
      fail(report, response.result, condition_without_response(*response.result.failure));
      if (response.result.failure == transport_failure::closed_before_answer)
        report.why = "it closes connections without an answer (does it want https?)";
      return false;
    }
    if (response.result.status == http_ok && is_json_object(response.body))
      report.version = string_value(member_of(response.body, "version"));
    host_->catalog->learn_version(report.version);
    if (!report.version.empty())
      return true;
    return fail(report, response.result,
                is_gateway_error(response.result.status) ? host_condition::unreachable : host_condition::not_ollama);
  }

  /// A host that does not say which models it has cannot be trusted where digests are wanted.
  bool compare_digests(host_report& report, const std::stop_token& stop) {
    if (models_.digests.empty())
      return true;
    const auto response = ask(connection_, "/api/tags", {}, host_->small_request_max, stop);
    const auto ok = !response.result.failure && response.result.status == http_ok;
    const auto digests = ok ? digests_of_models(response.body) : std::nullopt;
    if (!digests)
      return fail(report, response.result, host_condition::unreachable);
    for (const auto& [model, wanted] : models_.digests) {
      const auto found = digests->find(canonical_model_name(model));
      const auto is_same = found != digests->end() ? found->second.starts_with(wanted) : !has(model, stop);
      if (is_same)
        continue;
      report.model = model;
      return fail(report, {}, host_condition::model_differs);
    }
    return true;
  }

  /// Whether the host has a model that its list does not name as we do: its digest cannot be compared. Without an
  /// answer it may have it.
  bool has(const std::string& model, const std::stop_token& stop) {
    const auto answer = ask_facts(connection_, *host_, model, stop);
    const auto* facts = std::get_if<model_facts>(&answer);
    return facts == nullptr || facts->exists;
  }

  bool learn_models(host_report& report, const std::stop_token& stop) {
    for (const auto& model : models_.names) {
      report.model = model;
      const auto answer = ask_facts(connection_, *host_, model, stop);
      if (const auto* response = std::get_if<small_response>(&answer)) {
        const auto is_away = response->result.failure || is_gateway_error(response->result.status);
        return fail(report, response->result, is_away ? host_condition::unreachable : host_condition::model_failed);
      }
      const auto& facts = std::get<model_facts>(answer);
      if (!facts.exists)
        return fail(report, {404, {}}, host_condition::model_missing);
      report.vision |= facts.vision;
      report.models.push_back({model, facts.vision, false, {}});
    }
    report.model.clear();
    return true;
  }

  loaded_list list_loaded(const std::stop_token& stop) {
    const auto response = ask(connection_, "/api/ps", {}, std::min(host_->small_request_max, loaded_list_max), stop);
    return !response.result.failure && response.result.status == http_ok ? loaded_models(response.body) : std::nullopt;
  }

  /// Ollama answers at once and unloads when the model's calls have ended; a load that comes before would only keep it.
  void unload(const std::string& model, const std::stop_token& stop) {
    using namespace std::chrono_literals;
    ask(connection_, "/api/chat", unload_body(model, host_->chat), host_->small_request_max, stop);
    const auto name = canonical_model_name(model);
    const auto deadline = std::chrono::steady_clock::now() + std::min(host_->call_max, unload_max);
    do {
      const auto loaded = list_loaded(stop);
      if (!loaded || std::none_of(loaded->begin(), loaded->end(), [&](const auto& each) { return each.name == name; }))
        return;
    } while (!threads::wait_for_stop(stop, 50ms) && std::chrono::steady_clock::now() < deadline);
  }

  /// Whether the list has this model.
  bool note(model_report& model, const loaded_list& loaded) {
    if (!loaded)
      return false;
    const auto name = canonical_model_name(model.name);
    const auto found =
      std::find_if(loaded->begin(), loaded->end(), [&](const auto& each) { return each.name == name; });
    if (found == loaded->end())
      return false;
    model.gpu_share = found->gpu_share;
    host_->catalog->learn_context(model.name, found->context_tokens);
    return true;
  }

  bool keep_loaded(host_report& report, depth how, const std::stop_token& stop) {
    for (const auto& each : report.models) {
      if (!has_room_ && !each.was_loaded)
        continue;
      report.model = each.name;
      if (!load(report, each.name, stop) || (how == depth::one_token && !speak(report, each.name, stop)))
        return false;
    }
    report.model.clear();
    return true;
  }

  bool load(host_report& report, const std::string& model, const std::stop_token& stop) {
    const auto response = ask(connection_, "/api/chat", load_body(model, host_->chat), host_->load_max, stop);
    if (response.result.failure) {
      // Silence is a model that does not come up; a connection that breaks is a host that went away.
      return fail(report, response.result,
                  is_silence(*response.result.failure) ? host_condition::model_failed : host_condition::unreachable);
    }
    if (response.result.status == http_ok && is_json_object(response.body)
        && is_string(member_of(response.body, "done_reason"), "load"))
      return true;
    const auto is_missing = fault_of_response(response.result.status, response.body) == fault::model_not_found;
    return fail(report, response.result,
                is_missing ? host_condition::model_missing : not_serving(response.result.status));
  }

  bool speak(host_report& report, const std::string& model, const std::stop_token& stop) {
    const auto response = ask(connection_, "/api/chat", one_token_body(model, host_->chat), host_->call_max, stop);
    // A runner that says nothing for so long will not say anything any more [ollama 10]: Ollama ends it when it
    // has to unload, and the next probe loads the model anew.
    if (response.result.failure && is_silence(*response.result.failure))
      ask(connection_, "/api/chat", unload_body(model, host_->chat), host_->small_request_max, stop);
    const auto last = last_line(response.body);
    return (!response.result.failure && response.result.status == http_ok && is_json_object(last)
            && member_of(last, "done") == "true" && !is_string(member_of(last, "done_reason"), "load"))
           || fail(report, response.result, not_serving(response.result.status));
  }

  static bool is_silence(transport_failure failure) {
    return fault_of(failure) != fault::stream_cut && fault_of(failure) != fault::host_unreachable;
  }

  static host_condition condition_without_response(transport_failure failure) {
    switch (failure) {
      case transport_failure::not_http: return host_condition::not_ollama;
      case transport_failure::not_trusted: return host_condition::not_trusted;
      default: return host_condition::unreachable;
    }
  }

  static host_condition not_serving(int status) {
    return status == http_unavailable ? host_condition::busy : host_condition::model_failed;
  }

  static bool fail(host_report& report, const http_result& result, host_condition condition) {
    report.condition = condition;
    report.http_status = result.status;
    report.why = result.why;
    return false;
  }

  std::shared_ptr<const ollama_host> host_;
  wanted_models models_;
  http_connection connection_;
  bool has_room_ = true; ///< for all models at once, as far as is known
};

http_host::http_host(std::shared_ptr<const ollama_host> host, wanted_models models,
                     std::shared_ptr<threads::background_threads> background)
  : prober_(std::make_shared<prober>(std::move(host), std::move(models))), thread_(std::move(background)) {}

http_host::~http_host() {
  if (running_) {
    running_->stop.request_stop();
    running_->end(host_report{});
  }
}

void http_host::probe(probe_order order, ended tell) {
  running_ = std::make_shared<running_probe>(std::move(tell));
  try {
    thread_.post([prober = prober_, probe = running_, order = std::move(order)] { prober->run(*probe, order); });
  } catch (const std::system_error&) { // no thread to have
    running_->end(host_report{});
  }
}

} // namespace mp::ollama
