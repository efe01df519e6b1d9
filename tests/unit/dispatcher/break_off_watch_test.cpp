#define CAF_SUITE break_off_watch
#include "tests/support/test.hpp"

#include "actors/dispatcher/break_off_watch.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

using tickets = std::vector<break_off_watch::ticket>;

constexpr break_off_watch::time_point start{};

struct watch {
  break_off_watch of;
  bool goes_on = false;

  /// The calls at events 1, 2, ... break off at events 11, 12, ...
  void break_off(std::initializer_list<std::uint64_t> calls) {
    for (auto each : calls)
      of.broke_off("alpha", each, each, 10 + each, start);
  }

  std::string judged() {
    auto all = of.judge(start + break_off_watch::moment, [&](const std::string&, std::uint64_t) { return goes_on; });
    if (all.empty())
      return "nothing";
    return all.at(0).died ? "died" : "lives";
  }
};

} // namespace

TEST_CASE("two calls that break off while none goes on are the death of their server") {
  watch both;
  both.break_off({1, 2});
  CHECK_EQ(both.judged(), "died");
  CHECK_EQ(both.judged(), "nothing");
}

TEST_CASE("a single call is not, unless the server is found dead") {
  watch one;
  one.break_off({1});
  CHECK_EQ(one.judged(), "lives");
  one.break_off({1});
  one.of.found_dead("beta");
  CHECK_EQ(one.judged(), "lives");
  one.break_off({1});
  one.of.found_dead("alpha");
  CHECK_EQ(one.judged(), "died");
}

TEST_CASE("calls that break off around the death of a runner died with it, whatever becomes of other models' calls") {
  for (auto told_first : {true, false}) {
    break_off_watch of;
    if (told_first)
      of.runner_died("alpha", true, 10, start);
    of.broke_off("alpha", 1, 1, 11, start);
    if (!told_first)
      of.runner_died("alpha", true, 12, start);
    of.answered("alpha", 2);
    auto all = of.judge(start + break_off_watch::moment, [](auto&&...) { return true; });
    REQUIRE_EQ(all.size(), 1u);
    CHECK(all[0].died && all[0].runner && all[0].beside_photo);
    CHECK(all[0].calls == tickets{1});
  }
}

TEST_CASE("a server that answers a call of before, or has one that goes on, lives") {
  watch some;
  some.break_off({1, 2});
  some.of.answered("alpha", 3);
  CHECK_EQ(some.judged(), "lives");
  some.break_off({1, 2});
  some.of.answered("alpha", 12); // began after the first broke off: the server may have been started again
  CHECK_EQ(some.judged(), "died");
  some.break_off({1, 2});
  some.goes_on = true;
  some.of.found_dead("alpha"); // it is too busy for a probe
  CHECK_EQ(some.judged(), "lives");
}

TEST_CASE("calls are judged a moment after the first, those begun after it apart") {
  break_off_watch of;
  CHECK(!of.next());
  auto due = of.broke_off("alpha", 1, 1, 10, start);
  CHECK_EQ((due - start).count(), break_off_watch::moment / 1ns);
  CHECK(of.broke_off("alpha", 2, 2, 11, start + 100ms) == due);
  CHECK(of.broke_off("alpha", 3, 11, 12, start + 100ms) == due);
  CHECK(of.next() == due);
  CHECK(of.in_doubt("alpha") == (tickets{1, 2}));
  CHECK(of.first("alpha") == 10u);
  CHECK(of.judge(due - 1ns, [](auto&&...) { return false; }).empty());
  auto all = of.judge(due, [](auto&&...) { return false; });
  REQUIRE_EQ(all.size(), 1u);
  CHECK(all[0].died);
  CHECK(all[0].calls == (tickets{1, 2}));
  CHECK(all[0].late == tickets{3});
  CHECK(!of.next());
}

TEST_CASE("hosts are judged apart") {
  break_off_watch of;
  of.broke_off("alpha", 1, 1, 10, start);
  of.broke_off("beta", 2, 2, 11, start);
  for (const auto& each : of.judge(start + 1s, [](auto&&...) { return false; }))
    CHECK(!each.died);
}
