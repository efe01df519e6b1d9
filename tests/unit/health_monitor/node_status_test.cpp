#define CAF_SUITE node_status
#include "tests/support/test.hpp"

#include "actors/health_monitor/node_status.hpp"

using namespace mp;

namespace {

host_report report(host_condition condition) {
  host_report found;
  found.condition = condition;
  return found;
}

node_status two_hosts() { return node_status{"llava:latest", {"alpha:11434", "beta:11434"}}; }

} // namespace

TEST_CASE("a node that has not looked at its hosts yet is neither healthy nor ready") {
  auto said = two_hosts().answer();
  CHECK(!said.healthy);
  CHECK(!said.ready);
  CHECK_NE(said.detail.find("alpha:11434: not probed yet"), std::string::npos);
  CHECK_NE(said.detail.find("beta:11434: not probed yet"), std::string::npos);
}

TEST_CASE("one usable host and a partition make a node healthy and ready") {
  auto status = two_hosts();
  status.host_probed("alpha:11434", report(host_condition::unreachable));
  status.host_probed("beta:11434", report(host_condition::usable));
  status.intake({3, false});
  auto said = status.answer();
  CHECK(said.healthy);
  CHECK_EQ(said.detail, "");
  CHECK(said.ready);
  CHECK_EQ(said.not_ready_reason, "");
}

TEST_CASE("without a partition a healthy node is not ready") {
  auto status = two_hosts();
  status.host_probed("alpha:11434", report(host_condition::usable));
  auto said = status.answer();
  CHECK(said.healthy);
  CHECK(!said.ready);
  CHECK_NE(said.not_ready_reason.find("no partition"), std::string::npos);
}

TEST_CASE("a draining node is healthy and not ready") {
  auto status = two_hosts();
  status.host_probed("alpha:11434", report(host_condition::usable));
  status.intake({3, true});
  auto said = status.answer();
  CHECK(said.healthy);
  CHECK(!said.ready);
  CHECK_NE(said.not_ready_reason.find("draining"), std::string::npos);
}

TEST_CASE("with no usable host the answer says for each host what to do about it") {
  auto status = two_hosts();
  status.intake({3, false});
  status.host_probed("alpha:11434", report(host_condition::unreachable));
  status.host_probed("beta:11434", report(host_condition::model_missing));
  auto said = status.answer();
  CHECK(!said.healthy);
  CHECK(!said.ready);
  CHECK_NE(said.detail.find("alpha:11434: not reachable"), std::string::npos);
  CHECK_NE(said.detail.find("ollama pull llava:latest"), std::string::npos);
  CHECK_NE(said.not_ready_reason.find(said.detail), std::string::npos);
}

TEST_CASE("a status of what stands in front of Ollama is told with what to do about it") {
  for (auto condition : {host_condition::not_ollama, host_condition::unreachable, host_condition::model_failed})
    for (auto status : {301, 302, 303, 307, 308, 401, 403, 407, 502, 504}) {
      auto node = two_hosts();
      auto found = report(condition);
      found.http_status = status;
      node.host_probed("alpha:11434", found);
      auto advice = node.advice("alpha:11434");
      CHECK_NE(advice.find("status " + std::to_string(status)), std::string::npos);
      CHECK_EQ(advice.find("check OLLAMA_HOST"), std::string::npos);
    }
  auto node = two_hosts();
  auto page = report(host_condition::not_ollama);
  page.http_status = 200;
  node.host_probed("alpha:11434", page);
  CHECK_NE(node.advice("alpha:11434").find("answers with status 200, but not as Ollama does"), std::string::npos);
}

TEST_CASE("each condition but usable has an advice of its own that names the host") {
  std::set<std::string> advices;
  for (auto condition : {host_condition::unreachable, host_condition::not_ollama, host_condition::model_missing,
                         host_condition::model_failed, host_condition::model_differs, host_condition::not_trusted}) {
    auto status = two_hosts();
    status.host_probed("alpha:11434", report(condition));
    auto advice = status.advice("alpha:11434");
    CHECK_NE(advice.find("alpha:11434"), std::string::npos);
    advices.insert(advice);
  }
  CHECK_EQ(advices.size(), 6u);
  auto status = two_hosts();
  status.host_probed("alpha:11434", report(host_condition::usable));
  CHECK_EQ(status.advice("alpha:11434"), "");
}

TEST_CASE("what is known about a missing connection is told, with what to look at") {
  auto status = two_hosts();
  auto found = report(host_condition::unreachable);
  found.why = "the name cannot be resolved: Name or service not known";
  status.host_probed("alpha:11434", found);
  CHECK_EQ(status.advice("alpha:11434"),
           "alpha:11434: not reachable: the name cannot be resolved: Name or service not known; check OLLAMA_HOST");
  found = report(host_condition::not_trusted);
  found.why = "self-signed certificate";
  status.host_probed("alpha:11434", found);
  CHECK_NE(status.advice("alpha:11434").find("certificate is not trusted: self-signed certificate"), std::string::npos);
  CHECK_NE(status.advice("alpha:11434").find("SSL_CERT_FILE"), std::string::npos);
  CHECK_EQ(status.advice("alpha:11434").find("ollama serve"), std::string::npos);
}

TEST_CASE("only a changed condition is news, and the first one always is") {
  auto status = two_hosts();
  CHECK(status.host_probed("alpha:11434", report(host_condition::unreachable)));
  CHECK(!status.host_probed("alpha:11434", report(host_condition::unreachable)));
  CHECK(status.host_probed("alpha:11434", report(host_condition::usable)));
  CHECK(!status.host_probed("alpha:11434", report(host_condition::usable)));
  CHECK(status.host_probed("beta:11434", report(host_condition::usable)));
}

TEST_CASE("a host is usable only after a probe that found it so") {
  auto status = two_hosts();
  CHECK(!status.usable("alpha:11434"));
  status.host_probed("alpha:11434", report(host_condition::usable));
  CHECK(status.usable("alpha:11434"));
  CHECK(!status.usable("beta:11434"));
  status.host_probed("alpha:11434", report(host_condition::model_failed));
  CHECK(!status.usable("alpha:11434"));
}

TEST_CASE("a host counts as probed after its first report, whatever that says") {
  auto status = two_hosts();
  CHECK(!status.probed("alpha:11434"));
  status.host_probed("alpha:11434", report(host_condition::unreachable));
  CHECK(status.probed("alpha:11434"));
  CHECK(!status.probed("beta:11434"));
  CHECK(!status.probed("gamma:11434"));
}

TEST_CASE("a report about an unknown host changes nothing") {
  auto status = two_hosts();
  CHECK(!status.host_probed("gamma:11434", report(host_condition::usable)));
  CHECK(!status.usable("gamma:11434"));
  CHECK_EQ(status.advice("gamma:11434"), "");
  CHECK(!status.answer().healthy);
}

TEST_CASE("advice names the model that the report is about") {
  auto status = two_hosts();
  auto found = report(host_condition::model_missing);
  found.model = "codellama";
  status.host_probed("alpha:11434", found);
  CHECK_NE(status.advice("alpha:11434").find("ollama pull codellama"), std::string::npos);
}

TEST_CASE("a model that is not the pinned one is told although another host is usable, which keeps the node ready") {
  auto status = two_hosts();
  status.intake({3, false});
  status.host_probed("alpha:11434", report(host_condition::usable));
  auto found = report(host_condition::model_differs);
  found.model = "llava:13b";
  status.host_probed("beta:11434", found);
  auto said = status.answer();
  CHECK(!said.healthy);
  CHECK_NE(said.detail.find("beta:11434: its llava:13b"), std::string::npos);
  CHECK(said.ready);
  status.host_probed("alpha:11434", found);
  CHECK(!status.answer().ready);
  CHECK_NE(status.answer().not_ready_reason.find("MODEL_DIGESTS"), std::string::npos);
}

TEST_CASE("a host is as fast as its slowest model, and as fast as any while nothing is known") {
  auto status = two_hosts();
  CHECK_EQ(status.state_of("alpha:11434", 0).gpu_share, 1.0);
  auto found = report(host_condition::usable);
  found.models = {{"llava", true, true, 1.0}, {"phi3", false, true, 0.5}, {"mistral", false, true, {}}};
  status.host_probed("alpha:11434", found);
  CHECK_EQ(status.state_of("alpha:11434", 0).gpu_share, 0.5);
  CHECK_EQ(status.state_of("beta:11434", 0).gpu_share, 1.0);
}

TEST_CASE("partitions that do not move make the node not ready, with their reason") {
  auto status = two_hosts();
  status.host_probed("alpha:11434", report(host_condition::usable));
  intake_state intake;
  intake.partitions = 3;
  intake.stalled = "none has come from partition 2";
  status.intake(intake);
  CHECK(status.answer().healthy);
  CHECK(!status.answer().ready);
  CHECK_EQ(status.answer().not_ready_reason, "none has come from partition 2");
  intake.stalled.clear();
  status.intake(intake);
  CHECK(status.answer().ready);
}

TEST_CASE("a node whose replies are not published is not ready, and says why, but its models are healthy") {
  auto status = two_hosts();
  status.host_probed("alpha:11434", report(host_condition::usable));
  status.intake({3, false});
  status.output("topic texts refuses records");
  CHECK(status.answer().healthy);
  CHECK(!status.answer().ready);
  CHECK_EQ(status.answer().not_ready_reason, "replies cannot be published: topic texts refuses records");
  status.output({});
  CHECK(status.answer().ready);
}

TEST_CASE("what the consumer said last stands behind that there is no partition") {
  auto status = two_hosts();
  status.host_probed("alpha:11434", report(host_condition::usable));
  CHECK_EQ(status.answer().not_ready_reason, "no partition of the requests topic is assigned");
  status.intake({0, false, false, "GROUP_AUTHORIZATION_FAILED"});
  CHECK_NE(status.answer().not_ready_reason.find("assigned: GROUP_AUTHORIZATION_FAILED; give this user the right READ"),
           std::string::npos);
}

TEST_CASE("a reader that may not commit makes the node not ready") {
  auto status = two_hosts();
  status.host_probed("alpha:11434", report(host_condition::usable));
  status.intake({3, false, false, "GROUP_AUTHORIZATION_FAILED"});
  CHECK_NE(status.answer().not_ready_reason.find("offsets are not committed: GROUP_AUTHORIZATION_FAILED"),
           std::string::npos);
}
