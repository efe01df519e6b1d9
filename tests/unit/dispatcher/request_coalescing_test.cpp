#define CAF_SUITE request_coalescing
#include "tests/support/test.hpp"

#include "actors/dispatcher/request_coalescing.hpp"

#include <functional>

using namespace mp;

namespace {

using maybe = std::optional<request_coalescing::ticket>;
using tickets = std::vector<request_coalescing::ticket>;

bool same(request_coalescing::ticket) { return true; }
bool different(request_coalescing::ticket) { return false; }

request a_photo() {
  request r;
  r.from = {1, 2, 3};
  r.id = "id";
  r.kind = request_kind::photo;
  r.user_email = "ann@example.com";
  r.prompt_json = text_slice{"\"what is it\""};
  r.photo = text_slice{"/9j/4AAQ"};
  r.system_json = text_slice{"\"be short\""};
  r.history_json = text_slice{"[]"};
  r.schema_json = text_slice{"{}"};
  r.language = "en";
  r.model = "llava";
  r.task = "food";
  r.passed_through = {{"image_id", text_slice{"7"}}, {"date", text_slice{"\"today\""}}};
  r.headers = {{"traceparent", "one"}};
  r.deadline_ms = 5;
  return r;
}

} // namespace

TEST_CASE("the first leads, the same question after it follows") {
  request_coalescing all;
  CHECK_EQ(all.join("id", 1, same), maybe{});
  CHECK_EQ(all.join("id", 2, same), maybe{1});
  CHECK_EQ(all.join("id", 3, same), maybe{1});
  CHECK_EQ(all.end(1), (tickets{2, 3}));
  CHECK_EQ(all.size(), 0u);
}

TEST_CASE("after the leader's end the same question leads again") {
  request_coalescing all;
  all.join("id", 1, same);
  all.join("id", 2, same);
  all.end(1);
  CHECK_EQ(all.join("id", 3, same), maybe{});
}

TEST_CASE("another key is another question, without a look at it") {
  request_coalescing all;
  all.join("id", 1, same);
  CHECK_EQ(all.join("other", 2, [](request_coalescing::ticket) -> bool { CAF_FAIL("was asked"); }), maybe{});
}

TEST_CASE("the same key with other content leads for itself") {
  request_coalescing all;
  all.join("id", 1, different);
  CHECK_EQ(all.join("id", 2, different), maybe{});
  CHECK_EQ(all.join("id", 3, [](request_coalescing::ticket leader) { return leader == 2; }), maybe{2});
  CHECK_EQ(all.end(1), tickets{});
  CHECK_EQ(all.end(2), tickets{3});
}

TEST_CASE("requests without a key never follow each other") {
  request_coalescing all;
  CHECK_EQ(all.join("", 1, same), maybe{});
  CHECK_EQ(all.join("", 2, same), maybe{});
  CHECK_EQ(all.size(), 0u);
  CHECK_EQ(all.end(1), tickets{});
}

TEST_CASE("when a leader leaves without an end its first follower leads") {
  request_coalescing all;
  for (request_coalescing::ticket i = 1; i <= 4; ++i)
    all.join("id", i, same);
  CHECK_EQ(all.drop(1), maybe{2});
  CHECK_EQ(all.join("id", 5, same), maybe{2});
  CHECK_EQ(all.end(2), (tickets{3, 4, 5}));
}

TEST_CASE("a follower that leaves changes nothing for the others") {
  request_coalescing all;
  for (request_coalescing::ticket i = 1; i <= 3; ++i)
    all.join("id", i, same);
  CHECK_EQ(all.drop(2), maybe{});
  CHECK_EQ(all.end(1), tickets{3});
}

TEST_CASE("a follower with an end of its own takes nobody along") {
  request_coalescing all;
  for (request_coalescing::ticket i = 1; i <= 3; ++i)
    all.join("id", i, same);
  CHECK_EQ(all.end(2), tickets{});
  CHECK_EQ(all.end(1), tickets{3});
}

TEST_CASE("a leader without followers leaves nobody behind") {
  request_coalescing all;
  all.join("id", 1, same);
  CHECK_EQ(all.drop(1), maybe{});
  CHECK_EQ(all.size(), 0u);
}

TEST_CASE("a ticket that is known already stays what it is") {
  request_coalescing all;
  all.join("id", 1, same);
  all.join("id", 2, same);
  CHECK_EQ(all.join("id", 1, same), maybe{});
  CHECK_EQ(all.join("id", 2, same), maybe{1});
  CHECK_EQ(all.end(1), tickets{2});
}

TEST_CASE("unknown tickets are harmless") {
  request_coalescing all;
  CHECK_EQ(all.end(1), tickets{});
  CHECK_EQ(all.drop(1), maybe{});
}

TEST_CASE("the same body is the same question, wherever and with whatever headers it was sent") {
  auto other = a_photo();
  other.from = {4, 5, 6};
  other.headers = {{"traceparent", "two"}};
  other.deadline_ms = 6;
  other.bytes = 99;
  CHECK(same_question(a_photo(), other));
}

TEST_CASE("a change of anything in the body makes another question") {
  const std::vector<std::function<void(request&)>> changes{
    [](request& r) { r.kind = request_kind::text; },
    [](request& r) { r.user_email = "ben@example.com"; },
    [](request& r) { r.prompt_json = text_slice{"\"what is at\""}; },
    [](request& r) { r.prompt_json = text_slice{"\"what is it?\""}; },
    [](request& r) { r.photo = text_slice{"/9j/4AAR"}; },
    [](request& r) { r.photo = text_slice{"/9j/4AAQAAAA"}; },
    [](request& r) { r.system_json = text_slice{"\"be brief\""}; },
    [](request& r) { r.system_json = {}; },
    [](request& r) { r.history_json = text_slice{"[1]"}; },
    [](request& r) { r.history_json = text_slice{"{}"}; },
    [](request& r) { r.schema_json = text_slice{"[]"}; },
    [](request& r) { r.language = "de"; },
    [](request& r) { r.model = "bakllava"; },
    [](request& r) { r.task = "drink"; },
    [](request& r) { r.passed_through.pop_back(); },
    [](request& r) { r.passed_through[0].first = "timestamp"; },
    [](request& r) { r.passed_through[0].second = text_slice{"8"}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto other = a_photo();
    changes[i](other);
    CAF_MESSAGE("change " << i);
    CHECK(!same_question(a_photo(), other));
    CHECK(!same_question(other, a_photo()));
  }
}
