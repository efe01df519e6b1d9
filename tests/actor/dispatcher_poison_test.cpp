#define CAF_SUITE dispatcher_poison
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;

namespace {

struct fixture : dispatcher_fixture {
  /// A photo request of its own: no other has its photo, unless that is named.
  void photo(std::int64_t offset, const std::string& base64 = {}) {
    auto asked = question(offset, request_kind::photo);
    asked.photo = text_slice{base64.empty() ? "photo" + std::to_string(offset) : std::string{base64}};
    ask(std::move(asked));
  }

  /// The worker that was given a request last, also when another one has had it before.
  std::size_t holder(std::int64_t offset) const {
    std::size_t found = workers.size();
    std::uint32_t latest = 0;
    for (std::size_t worker = 0; worker < workers.size(); ++worker)
      if (!given(worker).empty() && given(worker).back() == offset && assignments(worker).back().call_number > latest) {
        latest = assignments(worker).back().call_number;
        found = worker;
      }
    CAF_REQUIRE(found < workers.size());
    return found;
  }

  /// The model's runner dies under all requests named, in this order.
  void runner_dies(std::initializer_list<std::int64_t> offsets) {
    std::vector<std::size_t> holders;
    for (auto offset : offsets)
      holders.push_back(holder(offset));
    for (auto each : holders)
      end_call(each, call_failure{fault::runner_died, 500});
    for (auto each : holders)
      ask_for_work(each);
  }

  /// How often a request was given to workers.
  std::size_t calls(std::int64_t offset) const {
    std::size_t count = 0;
    for (std::size_t worker = 0; worker < workers.size(); ++worker)
      for (auto each : given(worker))
        count += each == offset;
    return count;
  }

  /// "offset:code" for what was published as an error, "offset" for what was answered.
  std::string ends() const {
    std::string text;
    for (const auto& each : *published) {
      if (each.record->to == destination::dead_letter)
        continue;
      auto code = each.record->body.find("poison") != std::string::npos        ? ":poison"
                  : each.record->body.find("runner_died") != std::string::npos ? ":runner_died"
                                                                               : "";
      text += (text.empty() ? "" : " ") + each.record->key + code;
    }
    return text;
  }

  void answered(std::int64_t offset) {
    answer("an answer", holder(offset));
    clean();
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

TEST_CASE("after a runner's death the photos that were there are asked alone, one after the other") {
  start(3);
  photo(1);
  photo(2);
  ask(3);
  runner_dies({2, 1, 3});
  pass(1min);
  CHECK_EQ(calls(1) + calls(2) + calls(3), 4u); // one of the photos, and nothing beside it
  auto first = calls(1) == 2 ? 1 : 2;
  auto second = 3 - first;
  answered(first);
  CHECK_EQ(calls(second), 2u);
  CHECK_EQ(calls(3), 1u);
  answered(second);
  CHECK_EQ(calls(3), 2u);
}

TEST_CASE("a poison photo is found out by its second death, and what was beside it is charged nothing") {
  config.retry.attempts_max = 1;
  start(3);
  photo(1);
  photo(2);
  ask(3);
  runner_dies({3, 2, 1});
  pass(1min);
  if (calls(1) == 1)
    answered(2);
  runner_dies({1});
  pass(1min);
  for (auto offset : {2, 3})
    if (calls(offset) == 2 && ends().find("id-" + std::to_string(offset)) == std::string::npos)
      answered(offset);
  CHECK_EQ(calls(1), 2u);
  CHECK_NE(ends().find("id-1:poison"), std::string::npos);
  CHECK_EQ(ends().find("id-2:"), std::string::npos);
  CHECK_EQ(ends().find("id-3:"), std::string::npos);
  CHECK_NE(ends().find("id-2"), std::string::npos);
  CHECK_NE(ends().find("id-3"), std::string::npos);
  for (const auto& each : *published)
    if (each.record->key != "id-1")
      CHECK_EQ(header(*each.record, "attempt"), "1");
}

TEST_CASE("what waits behind a suspected request goes on when that has its end") {
  start(2);
  photo(1);
  runner_dies({1});
  ask(2);
  CHECK_EQ(calls(2), 1u); // the suspected request's pause is no reason to wait
  pass(1min);
  CHECK_EQ(calls(1), 1u); // its host has work
  ask(3);
  CHECK_EQ(calls(3), 0u);
  answered(2);
  CHECK_EQ(calls(1), 2u);
  CHECK_EQ(calls(3), 0u);
  answered(1);
  CHECK_EQ(calls(3), 1u);
}

TEST_CASE("a suspected request waits for no host but one without work, and other hosts go on meanwhile") {
  start(1);
  photo(1);
  runner_dies({1});
  host("beta", true);
  new_worker("beta");
  new_worker("beta");
  pass(1min);
  CHECK_EQ(given(1).size() + given(2).size(), 1u); // alone on the other host
  ask(2);
  ask(3);
  CHECK_EQ(calls(2), 1u); // on the first one
  CHECK_EQ(calls(3), 0u);
}

TEST_CASE("the same photo under another key shares the end of one that was poison, without a call") {
  start(2);
  photo(1, "same");
  photo(2, "same");
  runner_dies({1, 2});
  pass(1min);
  auto asked = calls(1) == 2 ? 1 : 2;
  runner_dies({asked});
  CHECK_EQ(calls(1) + calls(2), 3u);
  CHECK_NE(ends().find("id-1:poison"), std::string::npos);
  CHECK_NE(ends().find("id-2:poison"), std::string::npos);
  photo(3, "same");
  CHECK_EQ(calls(3), 0u);
  CHECK_NE(ends().find("id-3:poison"), std::string::npos);
  photo(4);
  CHECK_EQ(calls(4), 1u);
}

TEST_CASE("the photo of a suspected request under another key is asked alone, too, and its death is the second one of "
          "that photo") {
  start(2);
  photo(1, "same");
  runner_dies({1});
  photo(2, "same"); // while the first one waits for its next attempt
  CHECK_EQ(calls(2), 1u);
  ask(3);
  CHECK_EQ(calls(3), 0u);
  runner_dies({2});
  CHECK_NE(ends().find("id-2:poison"), std::string::npos);
  pass(1min);
  CHECK_NE(ends().find("id-1:poison"), std::string::npos);
  CHECK_EQ(calls(1), 1u);
}

TEST_CASE("a suspected photo under other keys is called back from every host, and asked alone later") {
  start(2);
  host("beta", true);
  new_worker("beta");
  photo(1, "same");
  photo(2, "same");
  ask(3);
  end_call(holder(1), call_failure{fault::runner_died, 500});
  auto back = [&](std::int64_t offset) { return workers[holder(offset)].log->cancelled.size(); };
  CHECK_EQ(back(2), 1u);
  CHECK_EQ(back(3), 0u);
  ask_for_work(holder(2)); // all that a worker has to say when its call has been cancelled
  answered(3);
  pass(1min);
  CHECK_EQ(calls(1) + calls(2), 3u); // one of them finds out for both, although the other host has nothing to do
  runner_dies({calls(1) == 2 ? 1 : 2});
  CHECK_EQ(calls(1) + calls(2), 3u);
  CHECK_NE(ends().find("id-1:poison"), std::string::npos);
  CHECK_NE(ends().find("id-2:poison"), std::string::npos);
}

TEST_CASE("a suspected photo that is answered is no longer suspected") {
  start(2);
  photo(1, "same");
  runner_dies({1});
  pass(1min);
  answered(1);
  photo(2, "same");
  photo(3, "same");
  CHECK_EQ(calls(2) + calls(3), 2u);
}

TEST_CASE("after an hour a poison photo may be tried again") {
  start(1);
  photo(1, "same");
  runner_dies({1});
  pass(1min);
  runner_dies({1});
  CHECK_EQ(calls(1), 2u);
  pass(1h);
  host("alpha", true);
  photo(2, "same");
  CHECK_EQ(calls(2), 1u);
}

TEST_CASE("texts that were at two deaths are asked alone, too") {
  start(2);
  ask(1);
  ask(2);
  runner_dies({1, 2});
  pass(1min);
  CHECK_EQ(calls(1) + calls(2), 4u);
  runner_dies({1, 2});
  pass(1min);
  CHECK_EQ(calls(1) + calls(2), 5u);
  auto first = calls(1) == 3 ? 1 : 2;
  answered(first);
  CHECK_EQ(calls(3 - first), 3u);
  runner_dies({3 - first}); // for the third time, and nobody else can have been the cause
  CHECK_NE(ends().find("id-" + std::to_string(3 - first) + ":runner_died"), std::string::npos);
}

END_FIXTURE_SCOPE()
