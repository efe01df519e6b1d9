#define CAF_SUITE crash_history
#include "tests/support/test.hpp"

#include "actors/supervisor/crash_history.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::system_clock::time_point ten_o_clock =
  std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 10h;

child_event started(const std::string& address) { return {address, child_phase::running, 0, 0ns, "", address}; }

child_event crashed(const std::string& address, std::uint32_t restarts = 1) {
  return {address, child_phase::waiting, restarts, 200ms, "boom", address};
}

struct history_fixture {
  crash_history history;

  void hear(const child_event& event, std::chrono::seconds after = 0s) { history.heard(event, ten_o_clock + after); }

  /// "producer running 1, sanitizer waiting 0"
  std::string actors() {
    constexpr const char* phases[] = {"waiting", "running", "stopping", "ended", "abandoned"};
    std::string text;
    for (const auto& each : history.report().actors)
      text += (text.empty() ? "" : ", ") + each.address + " " + phases[static_cast<std::size_t>(each.phase)] + " "
              + std::to_string(each.restarts);
    return text;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(history_fixture)

TEST_CASE("an actor is what its latest event says, in the order of the first ones") {
  hear(started("producer"));
  hear(started("sanitizer"));
  CHECK_EQ(actors(), "producer running 0, sanitizer running 0");
  hear(crashed("producer"));
  CHECK_EQ(actors(), "producer waiting 1, sanitizer running 0");
  hear(started("producer"));
  hear({"sanitizer", child_phase::abandoned, 0, 0ns, "", "sanitizer"});
  CHECK_EQ(actors(), "producer running 1, sanitizer abandoned 0");
}

TEST_CASE("siblings of one name are told apart by their address") {
  hear({"ollama_worker", child_phase::running, 0, 0ns, "", "ollama_worker/0"});
  hear({"ollama_worker", child_phase::running, 0, 0ns, "", "ollama_worker/1"});
  hear({"ollama_worker", child_phase::waiting, 1, 100ms, "boom", "ollama_worker/1"});
  CHECK_EQ(actors(), "ollama_worker/0 running 0, ollama_worker/1 waiting 1");
  CHECK_EQ(history.report().crashes.at(0).address, "ollama_worker/1");
}

TEST_CASE("a crash is kept with time, reason, attempt and the delay of the restart") {
  hear(crashed("producer", 3), 7s);
  REQUIRE_EQ(history.report().crashes.size(), 1u);
  const auto& crash = history.report().crashes[0];
  CHECK(crash.time == ten_o_clock + 7s);
  CHECK_EQ(crash.address, "producer");
  CHECK_EQ(crash.reason, "boom");
  CHECK_EQ(crash.restarts, 3u);
  REQUIRE(crash.restart_in.has_value());
  CHECK(*crash.restart_in == 200ms);
}

TEST_CASE("the crash that makes a supervisor give up is kept, and is no restart") {
  hear({"producer", child_phase::ended, 4, 0ns, "boom", "producer"});
  CHECK_EQ(actors(), "producer ended 0");
  REQUIRE_EQ(history.report().crashes.size(), 1u);
  CHECK(!history.report().crashes[0].restart_in.has_value());
}

TEST_CASE("ends that somebody asked for are no crashes") {
  hear({"producer", child_phase::waiting, 0, 0ns, "", "producer"});
  hear({"producer", child_phase::stopping, 0, 0ns, "", "producer"});
  hear({"producer", child_phase::ended, 0, 0ns, "", "producer"});
  CHECK(history.report().crashes.empty());
  CHECK_EQ(actors(), "producer ended 0");
}

TEST_CASE("only the latest hundred crashes are kept, while all of them are counted") {
  for (std::uint32_t i = 1; i <= 250; ++i)
    hear(crashed("producer", i));
  const auto& crashes = history.report().crashes;
  REQUIRE_EQ(crashes.size(), 100u);
  CHECK_EQ(crashes.front().restarts, 151u);
  CHECK_EQ(crashes.back().restarts, 250u);
  CHECK_EQ(actors(), "producer waiting 250");
}

END_FIXTURE_SCOPE()
