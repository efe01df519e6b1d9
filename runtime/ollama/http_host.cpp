#include "runtime/ollama/http_host.hpp"

#include "messages/model_name.hpp"
#include "runtime/ollama/response_json.hpp"
#include "runtime/ollama/small_request.hpp"

#include <atomic>
#include <system_error>

namespace mp {
namespace {

constexpr int http_ok = 200;
constexpr int http_unavailable = 503; // Ollama's queue is full (ollama.md 3.2)

/// Whether a response to GET /api/ps lists the model as loaded.
bool lists_model(std::string_view body, const std::string& canonical_name) {
  auto found = false;
  if (is_json_object(body))
    for_each_element(member_of(body, "models"), [&](std::string_view each) {
      const auto name = text_of(member_of(each, "name"));
      found |= !name.empty() && canonical_model_name(name) == canonical_name;
    });
  return found;
}

std::string_view last_line(std::string_view lines) {
  while (lines.ends_with('\n') || lines.ends_with('\r'))
    lines.remove_suffix(1);
  return lines.substr(lines.find_last_of('\n') + 1); // the whole text where there is none
}

/// A proxy's way to say that there is nobody behind it.
bool is_gateway_error(int status) { return status >= 502 && status <= 504; }

} // namespace

class http_host::running_probe {
public:
  explicit running_probe(ended tell) : tell_(std::move(tell)) {}

  interrupter stop;

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
  prober(std::shared_ptr<const ollama_host> host, std::string model)
    : host_(std::move(host)), model_(std::move(model)), connection_(host_->address, host_->connect_max) {}

  void run(running_probe& probe, depth how) {
    host_report report;
    try {
      report = look(probe.stop);
      if (how == depth::one_token && report.condition == host_condition::usable)
        speak(report, probe.stop);
    } catch (const std::exception&) { // no memory
      report = {};
    }
    probe.end(std::move(report));
  }

private:
  host_report look(interrupter& stop) {
    host_report report;
    if (!learn_version(report, stop) || !learn_model(report, stop))
      return report;
    const auto loaded = ask(connection_, "/api/ps", {}, host_->small_request_max, stop);
    // Only a hint: it waits for the lock of each runner, ten seconds for one that hangs.
    report.was_loaded = !loaded.result.failure && loaded.result.status == http_ok
                        && lists_model(loaded.body, canonical_model_name(model_));
    load(report, stop);
    return report;
  }

  bool learn_version(host_report& report, interrupter& stop) {
    const auto response = ask(connection_, "/api/version", {}, host_->small_request_max, stop);
    if (response.result.failure)
      return fail(report, response.result,
                  response.result.failure == transport_failure::not_http ? host_condition::not_ollama
                                                                         : host_condition::unreachable);
    if (response.result.status == http_ok && is_json_object(response.body))
      report.version = text_of(member_of(response.body, "version"));
    if (!report.version.empty())
      return true;
    return fail(report, response.result,
                is_gateway_error(response.result.status) ? host_condition::unreachable : host_condition::not_ollama);
  }

  bool learn_model(host_report& report, interrupter& stop) {
    const auto answer = ask_facts(connection_, *host_, model_, stop);
    if (const auto* facts = std::get_if<model_facts>(&answer)) {
      report.vision = facts->vision;
      return facts->exists || fail(report, {404, {}}, host_condition::model_missing);
    }
    const auto& result = std::get<small_response>(answer).result;
    const auto is_away = result.failure || is_gateway_error(result.status);
    return fail(report, result, is_away ? host_condition::unreachable : host_condition::model_failed);
  }

  void load(host_report& report, interrupter& stop) {
    const auto response = ask(connection_, "/api/chat", load_body(model_, host_->chat), host_->load_max, stop);
    if (response.result.failure) {
      // Silence is a model that does not come up; a connection that breaks is a host that went away.
      const auto is_silent = fault_of(*response.result.failure) != fault::stream_cut
                             && fault_of(*response.result.failure) != fault::host_unreachable;
      fail(report, response.result, is_silent ? host_condition::model_failed : host_condition::unreachable);
    } else if (response.result.status == http_ok && is_json_object(response.body)
               && is_string(member_of(response.body, "done_reason"), "load")) {
      report.condition = host_condition::usable;
    } else {
      const auto is_missing = fault_of_response(response.result.status, response.body) == fault::model_not_found;
      fail(report, response.result, is_missing ? host_condition::model_missing : not_serving(response.result.status));
    }
  }

  void speak(host_report& report, interrupter& stop) {
    const auto response = ask(connection_, "/api/chat", one_token_body(model_, host_->chat), host_->call_max, stop);
    const auto last = last_line(response.body);
    if (response.result.failure || response.result.status != http_ok || !is_json_object(last) || member_of(last, "done") != "true"
        || is_string(member_of(last, "done_reason"), "load"))
      fail(report, response.result, not_serving(response.result.status));
  }

  static host_condition not_serving(int status) {
    return status == http_unavailable ? host_condition::busy : host_condition::model_failed;
  }

  static bool fail(host_report& report, const http_result& result, host_condition condition) {
    report.condition = condition;
    report.http_status = result.status;
    return false;
  }

  std::shared_ptr<const ollama_host> host_;
  std::string model_;
  http_connection connection_;
};

http_host::http_host(std::shared_ptr<const ollama_host> host, std::string model, std::shared_ptr<thread_keeper> keeper)
  : prober_(std::make_shared<prober>(std::move(host), std::move(model))), thread_(std::move(keeper)) {}

http_host::~http_host() {
  if (running_) {
    running_->stop.interrupt();
    running_->end(host_report{});
  }
}

void http_host::probe(depth how, ended tell) {
  running_ = std::make_shared<running_probe>(std::move(tell));
  try {
    thread_.post([prober = prober_, probe = running_, how] { prober->run(*probe, how); });
  } catch (const std::system_error&) { // no thread to have
    running_->end(host_report{});
  }
}

} // namespace mp
