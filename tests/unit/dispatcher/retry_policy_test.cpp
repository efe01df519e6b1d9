#define CAF_SUITE retry_policy
#include "tests/support/test.hpp"

#include "actors/dispatcher/retry_policy.hpp"

#include <sstream>

using namespace mp;
using namespace std::chrono_literals;

namespace {

const retry_limits limits{3, 500ms, 30s};

/// "again in 500 ms, charged" or "poison with dead letter".
std::string say(const retry_decision& decision) {
  std::ostringstream text;
  if (auto* again = std::get_if<try_again>(&decision))
    text << "again in " << again->delay.count() << " ms" << (again->charged ? ", charged" : "");
  else
    text << code_of(std::get<end_in_error>(decision).why)
         << (std::get<end_in_error>(decision).dead_letter ? " with dead letter" : "");
  return text.str();
}

std::string decided(failed_call call, double random = 1.0) { return say(decide_retry(call, limits, random)); }

failed_call text_call(fault why, unsigned attempts = 0) {
  failed_call call;
  call.why = why;
  call.attempts = attempts;
  call.names_model = true;
  call.runner_deaths = why == fault::runner_died ? 1 : 0;
  return call;
}

/// What the first failed call of a text leads to. Every fault stands here, so that a new one is decided on and not
/// forgotten.
std::string expected(fault why) {
  auto dead = std::string{code_of(why)} + " with dead letter";
  switch (why) {
    case fault::not_json:
    case fault::not_utf8:
    case fault::not_an_object:
    case fault::no_user_email:
    case fault::request_too_large:
    case fault::record_unreadable: return dead;
    case fault::no_question:
    case fault::photo_not_base64:
    case fault::photo_unreadable:
    case fault::photo_truncated:
    case fault::photo_too_large:
    case fault::invalid_request:
    case fault::question_too_long:
    case fault::expired:
    case fault::rate_limited: return std::string{code_of(why)};
    case fault::model_not_found:
    case fault::model_lacks_vision:
    case fault::model_refused:
    case fault::answer_too_large:
    case fault::truncated:
    case fault::invalid_answer:
    case fault::poison:
    case fault::reply_too_large:
    case fault::reply_refused: return dead;
    case fault::host_unreachable: return "again in 500 ms";
    case fault::host_busy:
    case fault::cancelled: return "again in 500 ms";
    case fault::runner_died:
    case fault::model_error:
    case fault::stream_cut:
    case fault::first_byte_timeout:
    case fault::idle_timeout:
    case fault::call_timeout:
    case fault::answer_empty:
    case fault::runaway_answer:
    case fault::degenerate_answer:
    case fault::worker_lost: return "again in 500 ms, charged";
    case fault::node_lost: return "again in 0 ms";
  }
  return "not decided";
}

} // namespace

TEST_CASE("every fault of the table is decided on as its class says") {
  for (const auto& each : faults())
    CHECK_EQ(decided(text_call(each.kind)), expected(each.kind));
}

TEST_CASE("a fault that may pass is tried again until the attempts are used up") {
  for (auto why :
       {fault::model_error, fault::stream_cut, fault::runner_died, fault::worker_lost, fault::answer_empty}) {
    CHECK_EQ(decided(text_call(why, 0)), "again in 500 ms, charged");
    CHECK_EQ(decided(text_call(why, 1)), "again in 1000 ms, charged");
    CHECK_EQ(decided(text_call(why, 2)), std::string{code_of(why)} + " with dead letter");
    CHECK_EQ(decided(text_call(why, 9)), std::string{code_of(why)} + " with dead letter");
  }
}

TEST_CASE("a call that may have cost a whole time limit is tried once more at most") {
  for (auto why : {fault::first_byte_timeout, fault::idle_timeout, fault::call_timeout}) {
    CHECK_EQ(decided(text_call(why, 0)), "again in 500 ms, charged");
    CHECK_EQ(decided(text_call(why, 1)), std::string{code_of(why)} + " with dead letter");
  }
}

TEST_CASE("with one attempt allowed nothing is tried again on the request's account") {
  for (auto why : {fault::model_error, fault::call_timeout})
    CHECK_EQ(say(decide_retry(text_call(why), {1, 500ms, 30s}, 1.0)), std::string{code_of(why)} + " with dead letter");
}

TEST_CASE(
  "a host that is away or busy is waited for, whatever was charged before, but not for ever: then it is charged") {
  for (auto why : {fault::host_unreachable, fault::host_busy, fault::cancelled}) {
    auto call = text_call(why, 2);
    call.waits = waits_max - 1;
    CHECK_EQ(decided(call), "again in 30000 ms");
    call.waits = waits_max;
    CHECK_EQ(decided(call), std::string{code_of(why)} + " with dead letter");
    call.attempts = 1;
    CHECK_EQ(decided(call), "again in 30000 ms, charged");
  }
}

TEST_CASE("a host that is well and refuses this request again and again refuses this request, not all") {
  auto call = text_call(fault::host_unreachable);
  call.refused = true;
  CHECK_EQ(decided(call), "again in 500 ms");
  call.host_was_well = true;
  call.waits = 1;
  CHECK_EQ(decided(call), "again in 1000 ms, charged");
  call.attempts = 1;
  CHECK_EQ(decided(call), "again in 2000 ms, charged");
  call.attempts = 2;
  CHECK_EQ(decided(call), "model_refused with dead letter");
  call.refused = false; // nobody was there: the next call finds out
  CHECK_EQ(decided(call), "again in 1000 ms");
}

TEST_CASE("the configured model that a well host denies to one request is not found for that request") {
  auto call = text_call(fault::model_not_found, 2);
  call.names_model = false;
  call.refused = call.host_was_well = true;
  CHECK_EQ(decided(call), "model_not_found with dead letter");
}

TEST_CASE("a busy host is busy, however well it is to others, and is waited for") {
  auto call = text_call(fault::host_busy, 2);
  call.refused = call.host_was_well = true;
  CHECK_EQ(decided(call), "again in 500 ms");
}

TEST_CASE("a photo present at two deaths of a server is poison, and what was beside it is charged nothing") {
  for (auto why : {fault::stream_cut, fault::host_unreachable}) {
    failed_call photo{why, request_kind::photo, false, 0, 2, 0};
    photo.server_died = true;
    CHECK_EQ(decided(photo), "poison with dead letter");
    failed_call beside{why, request_kind::text, false, 2, 1, 0, true};
    beside.server_died = true;
    CHECK_EQ(decided(beside), "again in 500 ms");
    beside.server_died = false;
    CHECK_EQ(decided(beside), why == fault::stream_cut ? "stream_cut with dead letter" : "again in 500 ms");
  }
}

TEST_CASE(
  "a text that is there whenever a server dies behind its proxy is charged from the third time on, when it was alone") {
  failed_call call{fault::host_unreachable, request_kind::text, false, 0, 2, 2};
  call.server_died = call.refused = true;
  CHECK_EQ(decided(call), "again in 2000 ms");
  call.runner_deaths = 3;
  CHECK_EQ(decided(call), "again in 2000 ms, charged");
}

TEST_CASE("the configured model missing is the host's state, a model that the request named is its own mistake") {
  auto call = text_call(fault::model_not_found);
  CHECK_EQ(decided(call), "model_not_found with dead letter");
  call.names_model = false;
  CHECK_EQ(decided(call), "again in 500 ms");
}

TEST_CASE("a photo present at two runner deaths is poison") {
  failed_call call{fault::runner_died, request_kind::photo, false, 0, 1, 0};
  CHECK_EQ(decided(call), "again in 500 ms, charged");
  call.attempts = 1;
  call.runner_deaths = 2;
  CHECK_EQ(decided(call), "poison with dead letter");
}

TEST_CASE(
  "a runner's death beside another request's photo is charged to nobody before it is clear whose fault it was") {
  for (auto kind : {request_kind::text, request_kind::photo}) {
    failed_call call{fault::runner_died, kind, false, 2, 1, 3, true};
    CHECK_EQ(decided(call), "again in 4000 ms");
    CHECK_EQ(say(decide_retry(call, {1, 500ms, 30s}, 1.0)), "again in 4000 ms");
  }
  failed_call second{fault::runner_died, request_kind::photo, false, 0, 2, 1, true};
  CHECK_EQ(decided(second), "poison with dead letter");
  failed_call other{fault::stream_cut, request_kind::text, false, 0, 1, 0, true};
  CHECK_EQ(decided(other), "again in 500 ms, charged");
}

TEST_CASE("a text is never poison") {
  failed_call call{fault::runner_died, request_kind::text, false, 1, 2, 0};
  CHECK_EQ(decided(call), "again in 1000 ms, charged");
}

TEST_CASE("runner deaths of before do not make another fault poison") {
  failed_call call{fault::stream_cut, request_kind::photo, false, 1, 2, 0};
  CHECK_EQ(decided(call), "again in 1000 ms, charged");
}

TEST_CASE("the delay doubles up to its limit and is spread over its upper half") {
  auto delay = [](unsigned waits, double random) {
    auto call = text_call(fault::host_busy);
    call.waits = waits;
    return std::get<try_again>(decide_retry(call, limits, random)).delay;
  };
  CHECK_EQ(delay(0, 1.0), 500ms);
  CHECK_EQ(delay(1, 1.0), 1s);
  CHECK_EQ(delay(5, 1.0), 16s);
  CHECK_EQ(delay(6, 1.0), 30s);
  CHECK_EQ(delay(waits_max - 1, 1.0), 30s);
  CHECK_EQ(delay(0, 0.0), 250ms);
  CHECK_EQ(delay(6, 0.0), 15s);
  CHECK_EQ(delay(0, 0.5), 375ms);
}

TEST_CASE("without a backoff the pause is none") {
  auto call = text_call(fault::host_busy);
  CHECK_EQ(say(decide_retry(call, {3, 0ms, 30s}, 1.0)), "again in 0 ms");
}
