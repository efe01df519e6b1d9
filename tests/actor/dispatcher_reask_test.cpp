#define CAF_SUITE dispatcher_reask
#include "tests/support/test.hpp"

#include "actors/telemetry/log.hpp"
#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

namespace {

struct reask_fixture : dispatcher_fixture {
  reask_fixture() { config.reask_rounds = 1; }

  /// What the sanitizer says of an answer that cannot be used.
  void refuse(std::string problem = "it holds no JSON", fault why = fault::invalid_answer) {
    CAF_REQUIRE(!cleaning->empty());
    auto& job = cleaning->back();
    tell(cleaning_result{job.ticket, job.call_number, why, std::move(problem)});
  }

  std::string error_of(std::size_t index) const { return published->at(index).record->body; }
};

} // namespace

BEGIN_FIXTURE_SCOPE(reask_fixture)

TEST_CASE("an answer that cannot be used is shown to the model with what is wrong, exactly once") {
  start();
  ask(1, request_kind::photo);
  CHECK(!assignments().at(0).reask);
  answer("no idea");
  refuse();
  REQUIRE_EQ(given(), (offset_list{1, 1}));
  auto& again = assignments().at(1);
  REQUIRE(again.reask.has_value());
  CHECK_EQ(again.reask->round, 1u);
  CHECK_EQ(again.reask->answer, "no idea");
  CHECK_EQ(again.reask->problem, "it holds no JSON");
  CHECK_EQ(again.call_number, 2u);
  CHECK(published->empty());
  answer("{}");
  clean(clean_text{"{}", "{}", {}});
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(header(*published->at(0).record, "finish"), "repaired");
  CHECK_EQ(header(*published->at(0).record, "attempt"), "2");
  CHECK_EQ(sample("models_processor_repair_rounds_total{outcome=\"repaired\"}"), 1);
  deliver(0);
  pass(1min);
  CHECK_EQ(given(), (offset_list{1, 1}));
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("an answer that cannot be used the second time either is an error and a dead letter") {
  start();
  ask(1, request_kind::photo);
  answer("no idea");
  refuse();
  answer("still none");
  refuse("it holds no JSON either");
  pass(1min);
  CHECK_EQ(given(), (offset_list{1, 1}));
  REQUIRE_EQ(published->size(), 2u);
  CHECK_NE(error_of(0).find("invalid_answer"), std::string::npos);
  CHECK_EQ(header(*published->at(1).record, "reason"), "invalid_answer");
  CHECK_EQ(header(*published->at(1).record, "attempts"), "2");
  CHECK_EQ(header(*published->at(1).record, "answer"), "(none)");
  CHECK_EQ(sample("models_processor_repair_rounds_total{outcome=\"still_invalid\"}"), 1);
  CHECK_EQ(sample("models_processor_calls_failed_total{fault=\"invalid_answer\"}"), 2);
}

TEST_CASE("a dead letter with the request carries the last answer, and goes without both where it is too large") {
  start();
  auto asked = question(1, request_kind::photo);
  asked.body = text_slice{std::string{"{}"}};
  ask(std::move(asked));
  answer("no idea");
  refuse();
  answer("still none");
  refuse("it holds no JSON either");
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(published->at(1).record->body, "{}");
  CHECK_EQ(header(*published->at(1).record, "answer"), "still none");
  CHECK_EQ(header(*published->at(1).record, "problem"), "it holds no JSON either");
  deliver(1, delivery_result::too_large);
  REQUIRE_EQ(published->size(), 3u);
  CHECK_EQ(published->at(2).record->body, "");
  CHECK_EQ(header(*published->at(2).record, "answer"), "(none)");
}

TEST_CASE("with no repair rounds it is an error at once") {
  config.reask_rounds = 0;
  start();
  ask(1, request_kind::photo);
  answer("no idea");
  refuse();
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(published->size(), 2u);
}

TEST_CASE("each further round shows the newest answer") {
  config.reask_rounds = 2;
  start();
  ask(1, request_kind::photo);
  answer("first");
  refuse("a");
  answer("second");
  refuse("b");
  REQUIRE_EQ(assignments().size(), 3u);
  CHECK_EQ(assignments().at(2).reask->round, 2u);
  CHECK_EQ(assignments().at(2).reask->answer, "second");
  CHECK_EQ(assignments().at(2).reask->problem, "b");
}

TEST_CASE("a round charges no attempt, and a call of it that fails is tried again as a round") {
  config.retry.attempts_max = 2;
  start();
  ask(1, request_kind::photo);
  answer("no idea");
  refuse();
  fail(fault::model_error, 0, 500);
  pass(1s);
  REQUIRE_EQ(assignments().size(), 3u);
  REQUIRE(assignments().at(2).reask.has_value());
  CHECK_EQ(assignments().at(2).reask->answer, "no idea");
  fail(fault::model_error, 0, 500); // the second charged one
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(header(*published->at(1).record, "reason"), "model_error");
  CHECK_EQ(sample("models_processor_repair_rounds_total{outcome=\"failed\"}"), 1);
}

TEST_CASE("an empty or cut answer is not asked again as a round") {
  start();
  ask(1, request_kind::photo);
  answer("{\"a\":");
  refuse("cut", fault::truncated);
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_NE(error_of(0).find("truncated"), std::string::npos);
}

TEST_CASE("of a long answer the beginning is shown, with no half of a character") {
  start();
  ask(1, request_kind::photo);
  std::string text(8 * 1024 - 1, 'x');
  answer(text + "\u00e4 and more");
  refuse();
  REQUIRE_EQ(assignments().size(), 2u);
  CHECK_EQ(assignments().at(1).reask->answer.substr(0, text.size()), text);
  CHECK_EQ(assignments().at(1).reask->answer.find("and more"), std::string::npos);
}

TEST_CASE("past its deadline a request is not asked again but expires") {
  start();
  auto asked = question(1, request_kind::photo);
  asked.deadline_ms = 1'732'356'420'123 + 5'000;
  ask(std::move(asked));
  pass(6s); // the worker still waits for the model
  answer("no idea");
  refuse();
  CHECK_EQ(given(), (offset_list{1}));
  REQUIRE(!published->empty());
  CHECK_NE(error_of(0).find("expired"), std::string::npos);
}

TEST_CASE("a worker that dies in a repair round costs an attempt and the round goes on") {
  start(2);
  ask(1, request_kind::photo);
  answer("no idea", holder(1));
  refuse();
  auto victim = holder(1);
  kill(workers[victim].handle);
  pass(1s);
  auto other = 1 - victim;
  REQUIRE(!given(other).empty());
  REQUIRE(assignments(other).back().reask.has_value());
  answer("{}", other);
  clean(clean_text{"{}", "{}", {}});
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(header(*published->at(0).record, "finish"), "repaired");
}

TEST_CASE("a sanitizer that dies with the second answer gets it again from the dispatcher") {
  start();
  ask(1, request_kind::photo);
  answer("no idea");
  refuse();
  answer("{}");
  kill(sanitizer);
  new_sanitizer();
  REQUIRE_EQ(cleaning->size(), 1u);
  CHECK_EQ(cleaning->at(0).answer.view(), "{}");
  clean(clean_text{"{}", "{}", {}});
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("a request whose partition leaves is handed back instead of asked again") {
  start();
  ask(1, request_kind::photo);
  tell(partitions_leaving{{{0, 1}}});
  answer("no idea");
  refuse();
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(handed_back(), (offset_list{1}));
  CHECK(published->empty());
}

TEST_CASE("a follower gets the answer of the repair round, too") {
  start();
  ask(1, request_kind::photo);
  auto duplicate = question(2, request_kind::photo);
  duplicate.id = "id-1";
  ask(std::move(duplicate));
  answer("no idea");
  refuse();
  answer("{}");
  clean(clean_text{"{}", "{}", {}});
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(header(*published->at(1).record, "finish"), "repaired");
  CHECK_EQ(header(*published->at(1).record, "attempt"), "2");
}

TEST_CASE("a text's job carries its schema") {
  start();
  auto asked = question(1);
  asked.schema_json = text_slice{std::string{R"({"type":"object"})"}};
  ask(std::move(asked));
  answer("{}");
  REQUIRE_EQ(cleaning->size(), 1u);
  CHECK_EQ(cleaning->at(0).schema.view(), R"({"type":"object"})");
}

TEST_CASE("neither the answer nor what is wrong with it reaches the log") {
  std::string logged;
  log::configure(log::level::debug, log::line_format::logfmt, [&](std::string_view line) { logged += line; });
  start();
  ask(1, request_kind::photo);
  answer("a secret answer");
  refuse("it quotes a secret");
  answer("a secret answer");
  refuse("it quotes a secret");
  log::flush();
  log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
  CHECK_NE(logged.find("answer_asked_again"), std::string::npos);
  CHECK_EQ(logged.find("secret"), std::string::npos);
}

END_FIXTURE_SCOPE()
