#define CAF_SUITE answer_keep
#include "tests/support/test.hpp"

#include "actors/dispatcher/answer_keep.hpp"

#include <functional>
#include <string>

using namespace mp;
using namespace std::chrono_literals;

namespace {

using time_point = answer_keep::time_point;

kept_answer answer(std::string body, std::size_t bytes = 100) {
  outgoing reply;
  reply.body = std::move(body);
  kept_answer made;
  made.records = {shared_outgoing{std::move(reply)}};
  made.attempts = 2;
  made.bytes = bytes;
  return made;
}

std::string body_of(const std::optional<kept_answer>& found) { return found ? found->records.at(0)->body : "(none)"; }

request question() {
  request asked;
  asked.from = {3, 1, 17};
  asked.id = "order-17";
  asked.user_email = "user@example.com";
  asked.prompt_json = text_slice{std::string{"\"what is it?\""}};
  asked.photo = text_slice{std::string(300'000, 'A')};
  asked.headers = {{"traceparent", "00-1"}};
  asked.passed_through = {{"date", text_slice{std::string{"\"2026-11-23\""}}}};
  asked.bytes = 300'100;
  return asked;
}

} // namespace

TEST_CASE("an answer is given back once to the same question at the same place") {
  answer_keep kept;
  kept.add({3, 1, 17}, 5, answer("a"), time_point{});
  CHECK(kept.holds({3, 9, 17}));
  CHECK(!kept.holds({3, 1, 18}));
  CHECK(!kept.holds({2, 1, 17}));
  auto found = kept.take({3, 9, 17}, 5, time_point{59s});
  CHECK_EQ(body_of(found), "a");
  CHECK_EQ(found->attempts, 2u);
  CHECK_EQ(body_of(kept.take({3, 9, 17}, 5, time_point{59s})), "(none)");
  CHECK_EQ(kept.bytes(), 0u);
}

TEST_CASE("another question at the place has no answer, and forgets the old one") {
  answer_keep kept;
  kept.add({3, 1, 17}, 5, answer("a"), time_point{});
  CHECK_EQ(body_of(kept.take({3, 9, 17}, 6, time_point{})), "(none)");
  CHECK(!kept.holds({3, 9, 17}));
  CHECK_EQ(kept.bytes(), 0u);
}

TEST_CASE("an answer is kept for its time, counted from when it was kept last") {
  answer_keep kept({10s, 1'000});
  kept.add({0, 1, 1}, 5, answer("a"), time_point{0s});
  kept.add({0, 1, 2}, 5, answer("b"), time_point{4s});
  CHECK_EQ(body_of(kept.take({0, 1, 1}, 5, time_point{9s})), "a");
  kept.add({0, 1, 1}, 5, answer("a"), time_point{9s});
  kept.expire(time_point{13s});
  CHECK_EQ(kept.size(), 2u);
  kept.expire(time_point{14s});
  CHECK_EQ(kept.size(), 1u);
  CHECK_EQ(body_of(kept.take({0, 1, 2}, 5, time_point{14s})), "(none)");
  CHECK_EQ(body_of(kept.take({0, 1, 1}, 5, time_point{18s})), "a");
}

TEST_CASE("all answers together take so many bytes at most, the oldest make room, and one that is too large is not kept") {
  answer_keep kept({10s, 250});
  kept.add({0, 1, 1}, 5, answer("a", 100), time_point{});
  kept.add({0, 1, 2}, 5, answer("b", 100), time_point{});
  kept.add({0, 1, 3}, 5, answer("c", 100), time_point{});
  CHECK_EQ(kept.bytes(), 200u);
  CHECK(!kept.holds({0, 1, 1}));
  kept.add({0, 1, 4}, 5, answer("d", 251), time_point{});
  CHECK_EQ(kept.size(), 2u);
  kept.add({0, 1, 3}, 5, answer("newer", 150), time_point{});
  CHECK_EQ(kept.bytes(), 250u);
  CHECK_EQ(body_of(kept.take({0, 1, 3}, 5, time_point{})), "newer");
}

TEST_CASE("with a time of nothing no answer is kept") {
  answer_keep kept({0s, 1'000});
  kept.add({0, 1, 1}, 5, answer("a"), time_point{});
  CHECK_EQ(kept.size(), 0u);
}

TEST_CASE("questions that differ in anything that the answer or its reply depends on have another content") {
  auto usual = content_of(question());
  auto again = question();
  again.from = {1, 2, 3};
  CHECK_EQ(content_of(again), usual);
  const std::function<void(request&)> changes[] = {
    [](request& q) { q.id = "order-18"; },
    [](request& q) { q.kind = request_kind::photo; },
    [](request& q) { q.user_email = "other@example.com"; },
    [](request& q) { q.prompt_json = text_slice{std::string{"\"what is it!\""}}; },
    [](request& q) { q.photo = text_slice{std::string(300'000, 'B')}; },
    [](request& q) { q.photo = text_slice{std::string(299'999, 'A')}; },
    [](request& q) { q.photo = text_slice{'B' + std::string(299'999, 'A')}; },
    [](request& q) { q.photo = text_slice{std::string(299'999, 'A') + 'B'}; },
    [](request& q) { q.system_json = text_slice{std::string{"\"be brief\""}}; },
    [](request& q) { q.history_json = text_slice{std::string{"[]"}}; },
    [](request& q) { q.schema_json = text_slice{std::string{"{}"}}; },
    [](request& q) { q.language = "de"; },
    [](request& q) { q.model = "de"; },
    [](request& q) { q.task = "de"; },
    [](request& q) { q.passed_through[0].second = text_slice{std::string{"\"2026-11-24\""}}; },
    [](request& q) { q.headers[0].second = "00-2"; },
    [](request& q) { q.headers.clear(); },
  };
  for (const auto& change : changes) {
    auto other = question();
    change(other);
    CHECK_NE(content_of(other), usual);
  }
}

TEST_CASE("of a long text pieces over all of it are read, in order") {
  auto photo = std::string(100'000, 'A');
  auto with = [](std::string text) {
    auto q = question();
    q.photo = text_slice{std::move(text)};
    return content_of(q);
  };
  for (std::size_t begin = 0; begin + 1'000 <= photo.size(); begin += 1'000) { // pieces begin every 787 bytes
    auto other = photo;
    other.replace(begin, 1'000, 1'000, 'B');
    CHECK_NE(with(other), with(photo));
  }
  CHECK_NE(with(std::string(50'000, 'A') + std::string(50'000, 'B')), with(std::string(50'000, 'B') + std::string(50'000, 'A')));
}
