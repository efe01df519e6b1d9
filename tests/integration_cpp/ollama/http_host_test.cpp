#define CAF_SUITE http_host
#include "tests/support/test.hpp"

#include "runtime/ollama/http_host.hpp"
#include "runtime/ollama/look_at_model.hpp"
#include "tests/integration_cpp/ollama/scripted_server.hpp"

#include <map>
#include <thread>

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

namespace {

struct canned {
  int status = 200;
  std::string body;
};

using responses = std::map<std::string, canned>;

/// An Ollama in good health with one model, loaded.
responses healthy() {
  return {
    {"/api/version", {200, R"({"version":"0.24.0"})"}},
    {"/api/show", {200, R"({"capabilities":["completion","vision"]})"}},
    {"/api/ps", {200, R"({"models":[{"name":"other:latest"},{"name":"llava:latest","size":1}]})"}},
    {"/api/chat",
     {200, R"({"model":"llava","message":{"role":"assistant","content":""},"done_reason":"load","done":true})"}},
  };
}

class host_under_test {
public:
  explicit host_under_test(responses given, ollama::wanted_models wanted = {{"llava"}, {}})
    : server_([this, given = std::move(given)](auto& client) {
        while (auto request = client.read()) {
          {
            const std::lock_guard guard{mutex_};
            requests_.push_back(*request);
          }
          const auto found = given.find(request->path);
          if (found == given.end()) {
            client.wait_for_end();
            return;
          }
          client.respond(found->second.status, found->second.body);
        }
      }) {
    host_->address = server_.address();
    host_->small_request_max = long_enough;
    host_->load_max = long_enough;
    wanted_ = std::move(wanted);
  }

  ollama::ollama_host& host() { return *host_; }

  host_report probe(host_port::probe_order order = host_port::depth::look) {
    ollama::http_host port{host_, wanted_, background_};
    mailbox<host_report> box;
    port.probe(std::move(order), box.callback());
    auto report = box.wait();
    REQUIRE(report.has_value());
    return *report;
  }

  std::vector<std::string> paths() {
    const std::lock_guard guard{mutex_};
    std::vector<std::string> out;
    for (const auto& each : requests_)
      out.push_back(each.method + " " + each.path);
    return out;
  }

  std::string last_body() {
    const std::lock_guard guard{mutex_};
    return requests_.back().body;
  }

  std::vector<std::string> chat_bodies() {
    const std::lock_guard guard{mutex_};
    std::vector<std::string> out;
    for (const auto& each : requests_)
      if (each.path == "/api/chat")
        out.push_back(each.body);
    return out;
  }

private:
  std::mutex mutex_;
  std::vector<received_request> requests_;
  std::shared_ptr<ollama::ollama_host> host_ = std::make_shared<ollama::ollama_host>();
  std::shared_ptr<threads::background_threads> background_ = std::make_shared<threads::background_threads>();
  ollama::wanted_models wanted_;
  scripted_server server_;
};

std::string to_words(host_condition condition) {
  switch (condition) {
    case host_condition::usable: return "usable";
    case host_condition::unreachable: return "unreachable";
    case host_condition::not_ollama: return "not_ollama";
    case host_condition::model_missing: return "model_missing";
    case host_condition::busy: return "busy";
    case host_condition::model_failed: return "model_failed";
    case host_condition::model_differs: return "model_differs";
    case host_condition::not_trusted: return "not_trusted";
  }
  return "?";
}

/// The condition and the status of the failed request.
std::string finding(const host_report& report) {
  return to_words(report.condition) + (report.http_status != 0 ? " " + std::to_string(report.http_status) : "");
}

std::string finding_with(const std::string& path, canned response) {
  auto given = healthy();
  given[path] = std::move(response);
  return finding(host_under_test{std::move(given)}.probe());
}

} // namespace

TEST_CASE("a host in good health is usable, with its version and what its model can") {
  host_under_test host{healthy()};
  const auto report = host.probe();
  CHECK_EQ(finding(report), "usable");
  CHECK_EQ(report.version, "0.24.0");
  CHECK(report.vision);
  CHECK(report.was_loaded);
  const std::vector<std::string> expected{"GET /api/version", "POST /api/show", "GET /api/ps", "POST /api/chat"};
  CHECK_EQ(host.paths(), expected);
}

TEST_CASE("a model that is not in memory is loaded, with the options of the questions") {
  auto given = healthy();
  given["/api/ps"].body = R"({"models":[]})";
  host_under_test host{given};
  host.host().chat.context_tokens = 4096;
  const auto report = host.probe();
  CHECK_EQ(finding(report), "usable");
  CHECK(!report.was_loaded);
  CHECK_EQ(host.chat_bodies().back(), load_body("llava", host.host().chat));
}

TEST_CASE("a model without vision is usable and says so") {
  auto given = healthy();
  given["/api/show"].body = R"({"capabilities":["completion"]})";
  const auto report = host_under_test{given}.probe();
  CHECK_EQ(finding(report), "usable");
  CHECK(!report.vision);
}

TEST_CASE("a model is found in memory under each of its names") {
  CHECK(host_under_test(healthy(), {{"llava:latest"}, {}}).probe().was_loaded);
  CHECK(host_under_test(healthy(), {{"LLaVA"}, {}}).probe().was_loaded);
  CHECK(!host_under_test(healthy(), {{"llava:13b"}, {}}).probe().was_loaded);
}

TEST_CASE("what a probe learns of the model, questions need not ask again") {
  host_under_test host{healthy()};
  host.probe();
  CHECK(host.host().catalog->find("llava", std::chrono::steady_clock::now()) == (ollama::model_facts{true, true}));
}

TEST_CASE("a list of loaded models that cannot be read is only a missing hint") {
  CHECK_EQ(finding_with("/api/ps", {500, ""}), "usable");
  CHECK_EQ(finding_with("/api/ps", {200, "nonsense"}), "usable");
  CHECK_EQ(finding_with("/api/ps", {200, R"({"models":null})"}), "usable");
}

TEST_CASE("a missing model is told apart from a missing server") {
  CHECK_EQ(finding_with("/api/show", {404, R"({"error":"model 'llava' not found"})"}), "model_missing 404");
  CHECK_EQ(finding_with("/api/show", {400, R"({"error":"model is required"})"}), "model_missing 404");
  CHECK_EQ(finding_with("/api/chat", {404, R"({"error":"model 'llava' not found"})"}), "model_missing 404");
}

TEST_CASE("something that is no Ollama is told apart from one") {
  CHECK_EQ(finding_with("/api/version", {404, "404 page not found"}), "not_ollama 404");
  CHECK_EQ(finding_with("/api/version", {200, "<html></html>"}), "not_ollama 200");
  CHECK_EQ(finding_with("/api/version", {200, R"({"name":"x"})"}), "not_ollama 200");
  CHECK_EQ(finding_with("/api/version", {403, ""}), "not_ollama 403");
}

TEST_CASE("a proxy without an Ollama behind it is an unreachable host") {
  CHECK_EQ(finding_with("/api/version", {502, ""}), "unreachable 502");
  CHECK_EQ(finding_with("/api/show", {504, ""}), "unreachable 504");
}

TEST_CASE("a model that cannot be loaded has failed") {
  CHECK_EQ(finding_with("/api/chat", {500, R"({"error":"llama runner process has terminated: exit status 2"})"}),
           "model_failed 500");
  CHECK_EQ(finding_with("/api/chat", {503, R"({"error":"server busy"})"}), "busy 503");
  CHECK_EQ(finding_with("/api/chat", {200, R"({"done":true,"done_reason":"unload"})"}), "model_failed 200");
  CHECK_EQ(finding_with("/api/show", {500, ""}), "model_failed 500");
}

TEST_CASE("a model that does not come up in time has failed, without a status") {
  auto given = healthy();
  given.erase("/api/chat");
  host_under_test host{given};
  host.host().load_max = 50ms;
  CHECK_EQ(finding(host.probe()), "model_failed");
}

TEST_CASE("a host that accepts and says nothing is unreachable") {
  host_under_test host{{}};
  host.host().small_request_max = 50ms;
  CHECK_EQ(finding(host.probe()), "unreachable");
}

TEST_CASE("a host that refuses, hangs up or speaks something else is told so") {
  const auto probe_of = [](config::host_address address) {
    auto host = std::make_shared<ollama::ollama_host>();
    host->address = std::move(address);
    const auto background = std::make_shared<threads::background_threads>();
    ollama::http_host port{host, {{"llava"}, {}}, background};
    mailbox<host_report> box;
    port.probe(host_port::depth::look, box.callback());
    const auto report = box.wait();
    return report ? finding(*report) : "nothing";
  };
  const closed_port closed;
  CHECK_EQ(probe_of(closed.address()), "unreachable");
  const scripted_server hangs_up{[](scripted_connection& client) { client.read(); }};
  CHECK_EQ(probe_of(hangs_up.address()), "unreachable");
  const scripted_server other{[](scripted_connection& client) {
    client.read();
    client.send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  }};
  CHECK_EQ(probe_of(other.address()), "not_ollama");
}

TEST_CASE("probes of one port follow each other on one connection") {
  const auto given = healthy();
  const scripted_server server{[&](scripted_connection& client) {
    while (auto request = client.read())
      client.respond(given.at(request->path).status, given.at(request->path).body);
  }};
  auto host = std::make_shared<ollama::ollama_host>();
  host->address = server.address();
  const auto background = std::make_shared<threads::background_threads>();
  ollama::http_host port{host, {{"llava"}, {}}, background};
  for (int i = 0; i < 20; ++i) {
    mailbox<host_report> box;
    port.probe(host_port::depth::look, box.callback());
    const auto report = box.wait();
    REQUIRE(report.has_value());
    CHECK_EQ(finding(*report), "usable");
  }
  CHECK_EQ(server.connections(), 1);
}

TEST_CASE("destroying a port ends its probe without waiting, and tells it once") {
  flag asked;
  const scripted_server server{[&](scripted_connection& client) {
    client.read();
    asked.raise();
    client.wait_for_end();
  }};
  auto host = std::make_shared<ollama::ollama_host>();
  host->address = server.address();
  host->small_request_max = long_enough;
  const auto background = std::make_shared<threads::background_threads>();
  auto port = std::make_unique<ollama::http_host>(host, ollama::wanted_models{{"llava"}, {}}, background);
  mailbox<host_report> box;
  port->probe(host_port::depth::look, box.callback());
  CHECK(asked.wait());
  port.reset();
  CHECK(background->wait(long_enough));
  CHECK_EQ(box.count(), 1u);
  CHECK_EQ(finding(*box.wait()), "unreachable");
}

TEST_CASE("a look at a model tells a missing model from a missing host, and loads nothing") {
  host_under_test host{healthy()};
  CHECK(ollama::look_at_model(host.host(), "llava") == ollama::model_presence::present);
  const std::vector<std::string> expected{"POST /api/show"};
  CHECK_EQ(host.paths(), expected);
  auto given = healthy();
  given["/api/show"] = {404, R"({"error":"model 'llava' not found"})"};
  host_under_test without{given};
  CHECK(ollama::look_at_model(without.host(), "llava") == ollama::model_presence::missing);
  const closed_port closed;
  ollama::ollama_host away;
  away.address = closed.address();
  CHECK(ollama::look_at_model(away, "llava") == ollama::model_presence::unreachable);
}

TEST_CASE("where a token is wanted the model has to give one: a runner that is only there is not enough") {
  auto given = healthy();
  host_under_test silent{given};
  CHECK_EQ(finding(silent.probe(host_port::depth::one_token)), "model_failed 200"); // it says "load" to a question
  const std::vector<std::string> expected{"GET /api/version", "POST /api/show", "GET /api/ps", "POST /api/chat",
                                          "POST /api/chat"};
  CHECK_EQ(silent.paths(), expected);
  CHECK_NE(silent.last_body().find("\"num_predict\":1"), std::string::npos);
}

TEST_CASE("a model that gives no token in the time of a call is unloaded, so that the next probe loads it anew") {
  std::mutex mutex;
  std::vector<std::string> bodies;
  auto settings = std::make_shared<ollama::ollama_host>();
  scripted_server server{[&](auto& client) {
    while (auto request = client.read()) {
      if (request->path == "/api/chat") {
        const std::lock_guard guard{mutex};
        bodies.push_back(request->body);
      }
      if (request->body == one_token_body("llava", settings->chat)) {
        client.wait_for_end();
        return;
      }
      client.respond(200, healthy().at(request->path).body);
    }
  }};
  settings->address = server.address();
  settings->call_max = 50ms;
  const auto background = std::make_shared<threads::background_threads>();
  ollama::http_host port{settings, {{"llava"}, {}}, background};
  mailbox<host_report> box;
  port.probe(host_port::depth::one_token, box.callback());
  const auto report = box.wait();
  REQUIRE(report.has_value());
  CHECK_EQ(finding(*report), "model_failed");
  const std::lock_guard guard{mutex};
  CHECK_EQ(bodies,
           (std::vector<std::string>{load_body("llava", settings->chat), one_token_body("llava", settings->chat),
                                     unload_body("llava", settings->chat)}));
}

TEST_CASE("every model is looked at and loaded, and the one that is missing is named") {
  host_under_test host{healthy(), {{"llava", "other"}, {}}};
  const auto report = host.probe();
  CHECK_EQ(finding(report), "usable");
  REQUIRE_EQ(report.models.size(), 2u);
  CHECK_EQ(report.models[1].name, "other");
  CHECK(report.models[1].was_loaded);
  CHECK(report.holds_all);
  const std::vector<std::string> expected{"GET /api/version", "POST /api/show", "POST /api/show",
                                          "GET /api/ps",      "POST /api/chat", "POST /api/chat"};
  CHECK_EQ(host.paths(), expected);
  auto given = healthy();
  given["/api/show"] = {404, R"({"error":"model 'llava' not found"})"};
  CHECK_EQ(host_under_test(given, {{"llava", "other"}, {}}).probe().model, "llava");
}

TEST_CASE("a digest is compared with what the host lists; another one, or none, makes the host unusable") {
  auto given = healthy();
  given["/api/tags"] = {
    200,
    R"({"models":[{"name":"llava:latest","digest":"8dd30f6b0cb1aaaa"},{"name":"phi3:latest","digest":"0123456789abcdef"}]})"};
  const auto found = [&](std::vector<std::pair<std::string, std::string>> digests) {
    const auto report = host_under_test(given, {{"llava"}, std::move(digests)}).probe();
    return finding(report) + (report.model.empty() ? "" : " " + report.model);
  };
  CHECK_EQ(found({{"LLaVA", "8dd30f6b0cb1"}}), "usable");
  CHECK_EQ(found({{"llava", "8dd30f6b0cb2"}}), "model_differs llava");
  CHECK_EQ(found({{"llava", "8dd30f6b0cb1"}, {"phi3", "ffffffffffff"}}), "model_differs phi3");
  CHECK_EQ(found({{"registry.ollama.ai/library/llava", "8dd30f6b0cb2"}}),
           "model_differs registry.ollama.ai/library/llava");
  // In no list, but the host has it: nothing was compared.
  CHECK_EQ(found({{"elsewhere", "8dd30f6b0cb1"}}), "model_differs elsewhere");
  given["/api/tags"] = {200, R"({"models":[{"name":"llava:latest"}]})"};
  CHECK_EQ(found({{"llava", "8dd30f6b0cb1"}}), "model_differs llava");
  given["/api/tags"] = {
    200, R"({"models":[{"name":"llava:latest","digest":"8dd30f6b0cb1"},{"name":"LLaVA","digest":"ffffffffffff"}]})"};
  CHECK_EQ(found({{"llava", "8dd30f6b0cb1"}}), "model_differs llava");
  given["/api/tags"] = {500, ""};
  CHECK_EQ(found({{"llava", "8dd30f6b0cb1"}}), "unreachable 500");
}

TEST_CASE("the part of a model in the GPU's memory is reported, also of one that the probe has loaded") {
  auto given = healthy();
  given["/api/ps"].body = R"({"models":[{"name":"llava:latest","size":100,"size_vram":40}]})";
  CHECK_EQ(gpu_share_of(host_under_test(given).probe()), 0.4);
  CHECK_EQ(gpu_share_of(host_under_test(healthy()).probe()), 1.0);
}

TEST_CASE("models that do not fit at once are not loaded in turns by the probes") {
  // After each load the host holds the model loaded last.
  std::string loaded;
  std::vector<std::string> loads;
  const auto given = healthy();
  const scripted_server server{[&](scripted_connection& client) {
    while (auto request = client.read()) {
      if (request->path == "/api/chat") {
        loaded = request->body.find("phi3") != std::string::npos ? "phi3" : "llava";
        loads.push_back(loaded);
      }
      if (request->path == "/api/ps")
        client.respond(200,
                       loaded.empty() ? R"({"models":[]})" : R"({"models":[{"name":")" + loaded + R"(:latest"}]})");
      else
        client.respond(given.at(request->path).status, given.at(request->path).body);
    }
  }};
  auto host = std::make_shared<ollama::ollama_host>();
  host->address = server.address();
  const auto background = std::make_shared<threads::background_threads>();
  ollama::http_host port{host, {{"llava", "phi3"}, {}}, background};
  for (int i = 0; i < 3; ++i) {
    mailbox<host_report> box;
    port.probe(host_port::depth::look, box.callback());
    const auto report = box.wait();
    REQUIRE(report.has_value());
    CHECK_EQ(finding(*report), "usable");
    CHECK(!report->holds_all);
    REQUIRE_EQ(report->loaded.size(), 1u);
    CHECK_EQ(report->loaded[0].name, "phi3:latest"); // also where this probe has loaded it
  }
  CHECK_EQ(loads, (std::vector<std::string>{"llava", "phi3", "phi3", "phi3"}));
}

TEST_CASE("a model to be loaded anew is unloaded before the host is looked at, and loaded when it is gone") {
  auto given = healthy();
  given["/api/ps"].body = R"({"models":[]})";
  host_under_test host{given};
  host.probe({host_port::depth::look, {"llava"}});
  const auto bodies = host.chat_bodies();
  REQUIRE_EQ(bodies.size(), 2u);
  CHECK_EQ(bodies[0], unload_body("llava", host.host().chat));
  CHECK_NE(bodies[0].find("\"keep_alive\":0"), std::string::npos);
  CHECK_EQ(bodies[1], load_body("llava", host.host().chat));
}

TEST_CASE("a model whose digest is wanted and that the host has not got is missing, and one that nobody is routed to "
          "does not matter") {
  auto given = healthy();
  given["/api/tags"] = {200, R"({"models":[]})"};
  given["/api/show"] = {404, R"({"error":"model 'llava' not found"})"};
  CHECK_EQ(
    finding(host_under_test(given, {{"llava"}, {{"llava", "8dd30f6b0cb1"}, {"absent", "8dd30f6b0cb1"}}}).probe()),
    "model_missing 404");
}

TEST_CASE("a single model that the list of loaded ones names otherwise fits, and is loaded and asked by every probe") {
  auto given = healthy();
  given["/api/ps"].body = R"({"models":[{"name":"alias:latest"}]})";
  host_under_test host{given};
  for (std::size_t i = 1; i <= 3; ++i) {
    const auto report = host.probe();
    CHECK_EQ(finding(report), "usable");
    CHECK(report.holds_all);
    CHECK_EQ(host.chat_bodies().size(), i);
  }
}

TEST_CASE("a model that stays loaded in spite of all, because calls hang in it or others use it, is used after the "
          "time of a call") {
  host_under_test host{healthy()};
  host.host().call_max = 200ms;
  host.probe({host_port::depth::look, {"llava"}});
  CHECK_EQ(host.chat_bodies().size(), 2u);
}
