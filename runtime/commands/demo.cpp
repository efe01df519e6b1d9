#include "runtime/commands/commands.hpp"
#include "runtime/demo/embedded_broker.hpp"
#include "runtime/demo/simulated_ollama.hpp"
#include "runtime/node/assembly.hpp"
#include "runtime/node/service.hpp"
#include "runtime/node/signals.hpp"
#include "runtime/ollama/look_at_model.hpp"

#include <cstdio>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <stop_token>

namespace mp {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int demo_partitions = 6;
// A real model may have to be loaded from disk first.
constexpr auto reply_timeout = 5min;

struct demo_question {
  std::string key;
  std::string label;
  std::string body;
};

std::vector<demo_question> questions(const std::string& photo) {
  const std::string email = "demo@example.com";
  return {
    {"demo-photo-1", "photo: what is on this plate?",
     photo_request_body(
       "demo-photo-1", email,
       "Analyze this food image. Answer only with JSON: dish_name, estimated_avg_calories, ingredients, contains.",
       photo)},
    {"demo-text-1", "text: why does bread rise?",
     text_request_body("demo-text-1", email, "Why does bread rise? One sentence.")},
    {"demo-text-2", "text: answer in JSON",
     text_request_body("demo-text-2", email,
                       "Name one vegetable rich in iron. Answer with JSON: {\"vegetable\": ...}")},
  };
}

/// The Ollama at OLLAMA_HOST when it answers and has the model; says which model is used and why.
bool real_ollama_serves(const settings& chosen) {
  auto address = chosen.ollama_hosts.front();
  auto found = ollama::look_at_model(*host_of(chosen, address), chosen.ollama_model);
  switch (found) {
    case ollama::model_presence::present:
      std::cout << "model   " << chosen.ollama_model << " of the Ollama at " << address.url() << "\n";
      return true;
    case ollama::model_presence::missing:
      std::cout << "model   simulated: the Ollama at " << address.url() << " has no " << chosen.ollama_model
                << " (for the real one: ollama pull " << chosen.ollama_model << ")\n";
      return false;
    case ollama::model_presence::unreachable:
      std::cout << "model   simulated, its answers say so: no Ollama answers at " << address.url() << "\n";
      return false;
  }
  return false;
}

std::string seconds_text(clock::duration time) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << std::chrono::duration<double>(time).count() << " s";
  return text.str();
}

void wait_for_end(service& running) {
  std::cout << "\nrunning; Ctrl-C ends it. Try: curl http://127.0.0.1:" << running.port() << "/ready\n" << std::flush;
  signal_watch watch{[&] { running.stop(); }};
  running.wait();
}

/// Uses a simulated model where no Ollama can serve; `simulated` then holds it.
void choose_model(settings& chosen, std::optional<simulated_ollama>& simulated) {
  if (real_ollama_serves(chosen)) {
    chosen.ollama_hosts.resize(1);
    return;
  }
  simulated.emplace();
  chosen.ollama_hosts = {*config::parse_host_address(simulated->url())};
  chosen.ollama_model = simulated->model();
  chosen.ollama_vision_model = chosen.ollama_text_model = {};
  chosen.model_routes = chosen.model_digests = {};
}

/// The service; on another port where the configured one is taken and nobody has chosen it. Throws std::exception as
/// service does.
std::unique_ptr<service> start_service(settings chosen, const demo_options& options) {
  service_extras extras{node_role::reader, embedded_broker::consumer_properties()};
  try {
    return std::make_unique<service>(chosen, extras);
  } catch (const std::exception&) {
    if (options.port_chosen)
      throw;
    chosen.port = 0; // 5000 is taken by something else; the demo needs no fixed one
    return std::make_unique<service>(chosen, extras);
  }
}

/// Sends the requests and prints their replies as they come. Gives how many have none or an error reply; nothing when a
/// request could not be published. `stop` ends the wait.
std::optional<int> ask_and_print(const settings& chosen, const std::string& photo, const std::stop_token& stop) {
  kafka::kafka_client client{asking_options(chosen), 10s};
  auto asked = questions(photo);
  auto began = clock::now();
  for (const auto& each : asked) {
    if (auto failure = client.publish({each.key, each.body, {}}, 10s)) {
      std::cerr << "demo: " << failure->reason << "\n";
      return std::nullopt;
    }
  }
  int missing = 0;
  for (const auto& each : asked) {
    std::variant<kafka::client_reply, kafka::client_failure> answer = kafka::client_failure{"interrupted", true};
    while (!stop.stop_requested() && clock::now() - began < reply_timeout) {
      answer = client.wait_for(each.key, 500ms);
      auto* failure = std::get_if<kafka::client_failure>(&answer);
      if (failure == nullptr || !failure->timed_out)
        break;
    }
    std::cout << "-> " << each.label << "\n";
    if (auto* reply = std::get_if<kafka::client_reply>(&answer)) {
      std::cout << "<- " << reply->topic << " after " << seconds_text(clock::now() - began) << "\n   " << reply->body
                << "\n\n"
                << std::flush;
      missing += is_error_reply(reply->body) ? 1 : 0;
    } else {
      std::cout << "<- no reply: " << std::get<kafka::client_failure>(answer).reason << "\n\n" << std::flush;
      ++missing;
    }
  }
  return missing;
}

} // namespace

int demo_command(settings chosen, const demo_options& options) {
  auto photo = read_file(options.photo_file);
  embedded_broker broker{{{chosen.request_topic, demo_partitions},
                          {chosen.photo_reply_topic, demo_partitions},
                          {chosen.text_reply_topic, demo_partitions},
                          {chosen.dead_letter_topic, 1}}};
  chosen.bootstrap_server = broker.bootstrap();
  std::cout << "broker  embedded at " << broker.bootstrap()
            << ": in memory only, everything is gone when the demo ends\n";

  std::optional<simulated_ollama> simulated;
  choose_model(chosen, simulated);
  auto running = start_service(chosen, options);
  auto at = "http://127.0.0.1:" + std::to_string(running->port());
  std::cout << "status  " << at << "/health  " << at << "/ready  " << at << "/metrics\n\n" << std::flush;

  // An interrupt while replies are awaited stops the service; their waits then end by themselves.
  std::stop_source interrupted;
  std::optional<int> missing;
  {
    signal_watch watch{[&] {
      interrupted.request_stop();
      running->stop();
    }};
    missing = ask_and_print(chosen, photo, interrupted.get_token());
  }
  if (!missing)
    return exit_failed;
  if (options.once || interrupted.stop_requested()) {
    running->stop();
    running->wait();
  } else {
    wait_for_end(*running);
  }
  running.reset();
  return *missing == 0 || interrupted.stop_requested() ? exit_well : exit_failed;
}

} // namespace mp
