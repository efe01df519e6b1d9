#define CAF_SUITE dispatcher_deaths
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

namespace {

/// The whole server of a host dies, not only a model's runner: calls are reset, or a proxy answers 502 for it.
struct fixture : dispatcher_fixture {
  struct broken {
    fault why;
    int status;
  };

  /// Its own ends, to play the same with each of them.
  static constexpr broken kinds[] = {{fault::stream_cut, 0}, {fault::host_unreachable, 502}};

  void photo(std::int64_t offset, const std::string& bytes = {}) {
    auto asked = question(offset, request_kind::photo);
    asked.photo = text_slice{bytes.empty() ? "photo" + std::to_string(offset) : bytes};
    ask(asked);
  }

  /// The calls of these break off one after the other, and the server is back when the monitor has looked.
  void server_dies(const offset_list& seen_by, broken as) {
    for (auto offset : seen_by)
      fail(as.why, holder(offset), as.status);
    host("alpha", false);
    pass(300ms);
    host("alpha", true);
  }

  std::size_t calls(std::int64_t offset) const {
    std::size_t count = 0;
    for (std::size_t worker = 0; worker < workers.size(); ++worker)
      for (auto each : given(worker))
        count += each == offset;
    return count;
  }

  void answered(std::int64_t offset) {
    answer("an answer", holder(offset));
    clean();
  }

  /// Replies and their number of calls, such as "1:poison 2".
  std::string ends() const {
    std::string text;
    for (const auto& each : *published)
      if (each.record->to != destination::dead_letter) {
        auto poison = each.record->body.find("poison") != std::string::npos;
        auto error = each.record->body.find("error") != std::string::npos;
        text += (text.empty() ? "" : " ") + each.record->key.substr(3) + (poison ? ":poison" : error ? ":error" : "");
      }
    return text;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

TEST_CASE("a photo that ends the whole server costs two servers, and what was beside it is charged nothing") {
  for (auto as : kinds) {
    fixture world;
    world.config.retry.attempts_max = 2;
    world.start(3);
    world.photo(1);
    world.ask(2);
    world.ask(3);
    world.server_dies({2, 3, 1}, as);
    world.pass(1min);
    for (auto offset : {2, 3})
      if (world.calls(offset) == 2)
        world.answered(offset);
    CHECK_EQ(world.calls(1), 2u); // alone
    world.server_dies({1}, as);
    for (int round = 0; round < 2;
         ++round) { // a host that was opened again gets one call at a time until it has answered one
      world.pass(1min);
      for (auto offset : {2, 3})
        if (world.calls(offset) == 2 && world.ends().find(std::to_string(offset)) == std::string::npos)
          world.answered(offset);
    }
    for (auto offset : {2, 3})
      CHECK_NE(world.ends().find(std::to_string(offset)), std::string::npos);
    CHECK_EQ(world.calls(1), 2u);
    CHECK_NE(world.ends().find("1:poison"), std::string::npos);
    CHECK_EQ(world.ends().find("error"), std::string::npos);
    for (const auto& each : *world.published)
      if (each.record->key != "id-1")
        CHECK_EQ(header(*each.record, "attempt"), "1");
  }
}

TEST_CASE("a photo that was alone when its server was found dead is suspected, one whose call alone broke off is not") {
  for (auto dead : {true, false}) {
    fixture world;
    world.start(2);
    world.photo(1);
    world.fail(fault::stream_cut, world.holder(1));
    CHECK_EQ(world.watched_by->troubles, std::vector<std::string>{"alpha"}); // looked at
    world.host("alpha", !dead);
    world.pass(300ms);
    world.host("alpha", true);
    world.pass(1min);
    CHECK_EQ(world.calls(1), 2u);
    world.ask(2);
    CHECK_EQ(world.calls(2), dead ? 0u : 1u);
  }
}

TEST_CASE("one call that breaks off while others go on says nothing of the server, and is charged") {
  config.retry.attempts_max = 2;
  start(3);
  photo(1);
  ask(2);
  photo(3);
  for (int i = 0; i < 2; ++i) {
    fail(fault::stream_cut, holder(1));
    pass(2s);
  }
  CHECK_EQ(calls(1), 2u);
  CHECK_EQ(ends(), "1:error");
  CHECK(watched_by->troubles.empty());
  answered(2);
  answered(3);
  CHECK_EQ(ends(), "1:error 2 3");
}

TEST_CASE("a call that is answered after others broke off shows that the server lives") {
  config.retry.attempts_max = 1;
  start(3);
  photo(1);
  photo(2);
  ask(3);
  fail(fault::stream_cut, holder(1));
  answered(3);
  fail(fault::stream_cut, holder(2));
  pass(1s);
  CHECK_EQ(ends(), "3 1:error 2:error");
}

TEST_CASE("what is put to a server that is dead already is no witness of its death") {
  config.retry.attempts_max = 2;
  start(2);
  photo(1);
  ask(2);
  photo(3); // waits
  fail(fault::stream_cut, holder(1)); // its worker takes the next one to the dead server
  CHECK_EQ(calls(3), 1u);
  fail(fault::stream_cut, holder(3));
  fail(fault::stream_cut, holder(2));
  host("alpha", false);
  pass(300ms);
  host("alpha", true);
  pass(1min);
  CHECK_EQ(ends(), "");
  // Only the first photo is asked alone; the other one may go beside the text.
  for (int i = 0; i < 3; ++i)
    for (auto offset : {1, 2, 3})
      for (std::size_t worker = 0; worker < 2; ++worker)
        if (!given(worker).empty() && given(worker).back() == offset && calls(offset) == 2
            && ends().find(std::to_string(offset)) == std::string::npos)
          answered(offset);
  CHECK_EQ(calls(1) + calls(2) + calls(3), 6u);
  CHECK_EQ(ends().find("error"), std::string::npos);
}

TEST_CASE("calls that are cut by a runner's death are not charged beside the photo that told of it") {
  for (auto first : {1, 2}) {
    fixture world;
    world.config.retry.attempts_max = 1;
    world.start(2);
    world.photo(1);
    world.ask(2);
    auto cause = [&] { world.fail(fault::runner_died, world.holder(1), 500); };
    auto beside = [&] { world.fail(fault::stream_cut, world.holder(2)); };
    first == 1 ? (cause(), beside()) : (beside(), cause());
    CHECK_EQ(world.ends().find("2:error"), std::string::npos);
    world.pass(1s);
    CHECK_EQ(world.ends().find("2:error"), std::string::npos);
  }
}

TEST_CASE("requests in doubt are handed back with their partition, and end with a drain") {
  start(2);
  photo(1);
  ask(2);
  fail(fault::stream_cut, holder(1));
  tell(partitions_leaving{{{0, 1}}});
  CHECK_EQ(handed_back(), (offset_list{1}));
  pass(1s);
  CHECK_EQ(how_much().in_flight, 1u);
}

END_FIXTURE_SCOPE()
