#define CAF_SUITE sanitizer
#include "tests/support/test.hpp"

#include "actors/sanitizer/sanitizer.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/recorders.hpp"

#include <caf/send.hpp>

using namespace mp;
using namespace mp::test;

namespace {

struct sanitizer_fixture : actor_fixture {
  std::shared_ptr<dispatcher_log> heard = std::make_shared<dispatcher_log>();
  dispatcher_actor dispatcher;
  sanitizer_actor sanitizer;

  ~sanitizer_fixture() {
    dispatcher = nullptr;
    sanitizer = nullptr;
  }

  void new_dispatcher() {
    heard = std::make_shared<dispatcher_log>();
    dispatcher = spawn_recording_dispatcher(parent(), heard);
    keep(caf::actor_cast<caf::strong_actor_ptr>(dispatcher));
    directory->dispatcher_started(dispatcher);
    settle();
  }

  void start() {
    new_dispatcher();
    sanitizer = keep_as<sanitizer_actor>(spawn_sanitizer(parent(), {{}, directory}));
  }

  const cleaning_result& clean(std::uint64_t ticket, std::string answer, request_kind kind,
                               finish_reason finish = finish_reason::stop) {
    caf::anon_send(sanitizer, cleaning_job{ticket, 3, kind, finish, text_slice{std::move(answer)}});
    settle();
    CAF_REQUIRE(!heard->cleaned.empty());
    return heard->cleaned.back();
  }
};

const clean_text& cleaned_text(const cleaning_result& result) {
  CAF_REQUIRE(std::holds_alternative<clean_text>(result.outcome));
  return std::get<clean_text>(result.outcome);
}

fault fault_of(const cleaning_result& result) {
  CAF_REQUIRE(std::holds_alternative<fault>(result.outcome));
  return std::get<fault>(result.outcome);
}

} // namespace

BEGIN_FIXTURE_SCOPE(sanitizer_fixture)

TEST_CASE("a sanitizer says hello to each dispatcher") {
  start();
  REQUIRE_EQ(heard->sanitizers.size(), 1u);
  CHECK_EQ(heard->sanitizers[0].sanitizer, sanitizer);
  new_dispatcher();
  CHECK_EQ(heard->sanitizers.size(), 1u);
}

TEST_CASE("a photo's answer comes back as compact JSON under its ticket and attempt") {
  start();
  auto& result = clean(9, "{ \"b\" : 1.50, \"a\" : [ 1 , 2 ] }", request_kind::photo);
  CHECK_EQ(result.ticket, 9u);
  CHECK_EQ(result.attempt, 3u);
  CHECK_EQ(cleaned_text(result).text, "{\"b\":1.50,\"a\":[1,2]}");
  CHECK_EQ(cleaned_text(result).mends, "");
}

TEST_CASE("what was taken away is named") {
  start();
  auto& result = clean(9, "<think>hm</think>\n```json\n{\"a\":1}\n```", request_kind::photo);
  CHECK_EQ(cleaned_text(result).text, "{\"a\":1}");
  CHECK_EQ(cleaned_text(result).mends, "thinking,fence");
}

TEST_CASE("a photo's answer that holds no JSON is an invalid answer") {
  start();
  CHECK(fault_of(clean(9, "I cannot see any food.", request_kind::photo)) == fault::invalid_answer);
}

TEST_CASE("a photo's answer that was cut is truncated, not mended") {
  start();
  CHECK(fault_of(clean(9, "{\"a\":1,\"b\":", request_kind::photo, finish_reason::length)) == fault::truncated);
}

TEST_CASE("a text's answer stays text, and its object is found where it is one") {
  start();
  CHECK_EQ(cleaned_text(clean(9, "About 285.", request_kind::text)).text, "About 285.");
  CHECK_EQ(cleaned_text(heard->cleaned.back()).object, "");
  auto& result = clean(10, "{ \"a\" : 1 }", request_kind::text);
  CHECK_EQ(cleaned_text(result).text, "{ \"a\" : 1 }");
  CHECK_EQ(cleaned_text(result).object, "{\"a\":1}");
}

TEST_CASE("an answer with nothing in it is empty") {
  start();
  CHECK(fault_of(clean(9, " \n ", request_kind::text)) == fault::answer_empty);
  CHECK(fault_of(clean(9, "", request_kind::photo)) == fault::answer_empty);
}

END_FIXTURE_SCOPE()
