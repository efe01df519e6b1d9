#define CAF_SUITE actor_journal
#include "tests/support/test.hpp"

#include "actors/supervisor/actor_journal.hpp"
#include "actors/telemetry/log.hpp"

#include <vector>

using namespace mp;
using namespace std::chrono_literals;

namespace {

struct journal_fixture {
  std::vector<std::string> lines;
  std::chrono::system_clock::time_point now{1'732'356'420s};
  actor_journal journal{[this] { return now; }};

  journal_fixture() {
    log::configure(log::level::warning, log::line_format::logfmt,
                   [this](std::string_view line) { lines.emplace_back(line); });
  }
  ~journal_fixture() {
    log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
  }

  void check_line(std::size_t number, std::initializer_list<const char*> parts) {
    for (const auto* part : parts)
      CHECK_NE(lines.at(number).find(part), std::string::npos);
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(journal_fixture)

TEST_CASE("a crash is logged with actor, reason, attempt and delay, an abandoned actor too") {
  journal.heard({"producer", child_phase::waiting, 2, 200ms, "no broker", "producer"});
  journal.heard({"producer", child_phase::running, 0, 0ms, "", "producer"});
  journal.heard({"sanitizer", child_phase::abandoned, 0, 0ms, "", "sanitizer"});
  REQUIRE_EQ(lines.size(), 2u);
  check_line(0, {"event=actor_crashed", "actor=producer", "reason=\"no broker\"", "attempt=2", "restart_in_ms=200"});
  check_line(1, {"event=actor_abandoned", "actor=sanitizer"});
}

TEST_CASE("the crash that makes a supervisor give up is logged as one without a restart") {
  journal.heard({"ollama_worker", child_phase::ended, 4, 0ms, "boom", "ollama_worker/7"});
  REQUIRE_EQ(lines.size(), 1u);
  check_line(0, {"event=actor_crashed", "actor=ollama_worker/7", "reason=boom", "attempt=4", "restart_in_ms=never"});
}

TEST_CASE("a crash is reported with the time at which it was heard of") {
  now += 5s;
  journal.heard({"producer", child_phase::waiting, 1, 100ms, "boom", "producer"});
  now += 5s;
  REQUIRE_EQ(journal.report().crashes.size(), 1u);
  CHECK(journal.report().crashes[0].time == std::chrono::system_clock::time_point{1'732'356'425s});
}

END_FIXTURE_SCOPE()
