#define CAF_SUITE log
#include "tests/support/test.hpp"

#include "actors/telemetry/log.hpp"
#include "messages/json/utf8.hpp"

#include <array>
#include <cstdlib>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mp;
using namespace std::chrono_literals;

namespace {

/// 2026-11-23 10:00:00.123 UTC.
constexpr std::chrono::system_clock::time_point ten_o_clock =
  std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 10h + 123ms;

std::string line_of(log::line_format format, std::initializer_list<log::field> fields) {
  std::string line;
  log::append_line(line, format, ten_o_clock, log::level::info, "request_done", {fields.begin(), fields.size()});
  return line;
}

std::string logfmt(std::initializer_list<log::field> fields) { return line_of(log::line_format::logfmt, fields); }
std::string json(std::initializer_list<log::field> fields) { return line_of(log::line_format::json, fields); }

const std::string logfmt_head = "time=2026-11-23T10:00:00.123Z level=INFO event=request_done";
const std::string json_head = R"({"time":"2026-11-23T10:00:00.123Z","level":"INFO","event":"request_done")";

/// Logs any event, also one that the table does not have.
void say(log::level level, std::string_view event, std::initializer_list<log::field> fields = {}) {
  log::write(level, event, {fields.begin(), fields.size()});
}

/// Collects the lines of one test and puts the log back to silence afterwards.
struct collected {
  explicit collected(log::level lowest, log::line_format format = log::line_format::logfmt) {
    log::configure(lowest, format, [this](std::string_view line) { lines.emplace_back(line); });
  }
  ~collected() {
    log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
  }
  std::vector<std::string> lines;
};

/// A pipe as the log's target.
struct piped {
  piped() {
    CAF_REQUIRE_EQUAL(::pipe(ends.data()), 0);
    log::configure(log::level::info, log::line_format::logfmt, ends[1]);
  }
  ~piped() {
    log::configure(log::level::error, log::line_format::logfmt, [](std::string_view) {});
    ::close(ends[0]);
    ::close(ends[1]);
  }

  /// Waits for one write of the log and gives its bytes.
  std::string read() const {
    std::string text(1u << 16, '\0');
    const auto n = ::read(ends[0], text.data(), text.size());
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
  }

  bool is_silent() const {
    pollfd readable{ends[0], POLLIN, 0};
    return ::poll(&readable, 1, 0) == 0;
  }

  std::array<int, 2> ends{};
};

bool names_events(const std::string& text, std::initializer_list<std::string_view> events) {
  std::size_t at = 0;
  for (const auto event : events) {
    at = text.find(event, at);
    if (at == std::string::npos)
      return false;
    ++at;
  }
  return true;
}

} // namespace

TEST_CASE("a logfmt line has time, level, event and the fields in their order") {
  CHECK_EQ(logfmt({{"id", "a1"}, {"attempt", 2}, {"duration_ms", 12.5}, {"photo", true}}),
           logfmt_head + " id=a1 attempt=2 duration_ms=12.5 photo=true");
  CHECK_EQ(logfmt({}), logfmt_head);
}

TEST_CASE("a JSON line is one object") {
  CHECK_EQ(json({{"id", "a1"}, {"attempt", 2}, {"duration_ms", 12.5}, {"photo", false}}),
           json_head + R"(,"id":"a1","attempt":2,"duration_ms":12.5,"photo":false})");
  CHECK_EQ(json({}), json_head + "}");
}

TEST_CASE("numbers of every width keep their value") {
  CHECK_EQ(logfmt({{"a", std::numeric_limits<std::int64_t>::min()},
                   {"b", std::numeric_limits<std::uint64_t>::max()},
                   {"c", std::uint8_t{7}},
                   {"d", std::size_t{0}},
                   {"e", 0.1},
                   {"f", -1}}),
           logfmt_head + " a=-9223372036854775808 b=18446744073709551615 c=7 d=0 e=0.1 f=-1");
  CHECK_EQ(json({{"a", std::numeric_limits<double>::quiet_NaN()}, {"b", std::numeric_limits<double>::infinity()}}),
           json_head + R"(,"a":null,"b":null})");
}

TEST_CASE("logfmt quotes a value only where it needs quotes") {
  CHECK_EQ(logfmt({{"topic", "eater-send-photo/3:17,x"}}), logfmt_head + " topic=eater-send-photo/3:17,x");
  CHECK_EQ(logfmt({{"v", ""}}), logfmt_head + R"( v="")");
  CHECK_EQ(logfmt({{"v", "two words"}}), logfmt_head + R"( v="two words")");
  CHECK_EQ(logfmt({{"v", "a=b"}}), logfmt_head + R"( v="a=b")");
  CHECK_EQ(logfmt({{"v", R"(say "no")"}}), logfmt_head + R"( v="say \"no\"")");
  CHECK_EQ(logfmt({{"v", "caf\xC3\xA9"}}), logfmt_head + " v=\"caf\xC3\xA9\"");
}

TEST_CASE("no value can begin a second line or move a terminal's cursor") {
  CHECK_EQ(logfmt({{"v", "a\nlevel=ERROR"}}), logfmt_head + R"( v="a\nlevel=ERROR")");
  CHECK_EQ(logfmt({{"v", "\r\t\x1b[2J\x7f"}}), logfmt_head + R"( v="\r\t\u001b[2J\u007f")");
  CHECK_EQ(logfmt({{"v", "\xC2\x9B"
                         "2J"}}),
           logfmt_head + R"( v="\u009b2J")");
  CHECK_EQ(json({{"v", "a\n\"\\\x01"}}), json_head + R"(,"v":"a\n\"\\\u0001"})");
  for (auto c = 0; c < 256; ++c) {
    const std::string value{'x', static_cast<char>(c), 'y'};
    for (const auto& line : {logfmt({{"v", value}}), json({{"v", value}})})
      for (const auto byte : line)
        CHECK(static_cast<unsigned char>(byte) >= ' ' && byte != 0x7F);
  }
}

TEST_CASE("no value can break a line, turn its order round or hide in it by characters beyond ASCII") {
  CHECK_EQ(logfmt({{"v", "a\xE2\x80\xA8"
                         "b"}}),
           logfmt_head + R"( v="a\u2028b")");
  CHECK_EQ(json({{"v", "a\xE2\x80\xAE"
                       "b"}}),
           json_head + R"(,"v":"a\u202eb"})");
  CHECK_EQ(json({{"v", "\xF3\xA0\x81\x81"}}), json_head + R"(,"v":"\udb40\udc41"})");
  for (const auto& first_and_last : {std::pair{0x80u, 0x9Fu},
                                     {0xADu, 0xADu},
                                     {0x61Cu, 0x61Cu},
                                     {0x180Eu, 0x180Eu},
                                     {0x200Bu, 0x200Fu},
                                     {0x2028u, 0x202Eu},
                                     {0x2060u, 0x206Fu},
                                     {0x3164u, 0x3164u},
                                     {0xFEFFu, 0xFEFFu},
                                     {0xFFF9u, 0xFFFBu},
                                     {0xE0000u, 0xE007Fu}})
    for (auto c = first_and_last.first; c <= first_and_last.second; ++c) {
      std::string value;
      append_utf8(value, c);
      for (const auto& line : {logfmt({{"v", value}}), json({{"v", value}})}) {
        CHECK(line.find(value) == std::string::npos);
        CHECK(line.find("\\u") != std::string::npos);
      }
    }
}

TEST_CASE("letters of every script are written as they are") {
  for (const auto* value :
       {"caf\xC3\xA9", "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7", "\xE2\x82\xAC",
        "\xE6\x97\xA5\xE6\x9C\xAC", "\xF0\x9F\x8D\x95", "\xEF\xBF\xBD", "\xE2\x80\xA7", "\xE2\x80\xAF", "\xC2\xA0"})
    for (const auto& line : {logfmt({{"v", value}}), json({{"v", value}})})
      CHECK(line.find('"' + std::string{value} + '"') != std::string::npos);
}

TEST_CASE("bytes that are no UTF-8 become the replacement character") {
  CHECK_EQ(logfmt({{"v", "a\xFF"}}), logfmt_head + " v=\"a\xEF\xBF\xBD\"");
  CHECK_EQ(json({{"v", "\xC3(\xE2\x82"}}), json_head + ",\"v\":\"\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\"}");
}

TEST_CASE("a value longer than 512 bytes is cut between two characters and says so") {
  const std::string fits(512, 'x');
  CHECK_EQ(logfmt({{"v", fits}}), logfmt_head + " v=" + fits);
  CHECK_EQ(logfmt({{"v", fits + "x"}}), logfmt_head + " v=" + std::string(509, 'x') + "...");
  const auto wide = std::string(508, 'x') + "\xE2\x82\xAC\xE2\x82\xAC";
  CHECK_EQ(logfmt({{"v", wide}}), logfmt_head + " v=" + std::string(508, 'x') + "...");
  CHECK_EQ(json({{"v", std::string(5'000'000, '\x80')}}).size() < 3000u, true);
}

TEST_CASE("times before 1970 and on a leap day are written right") {
  using namespace std::chrono;
  std::string line;
  log::append_line(line, log::line_format::logfmt, sys_days{year{2028} / 2 / 29} + 23h + 59min + 59s + 999ms,
                   log::level::debug, "e", {});
  CHECK_EQ(line, "time=2028-02-29T23:59:59.999Z level=DEBUG event=e");
  line.clear();
  log::append_line(line, log::line_format::logfmt, sys_days{year{1970} / 1 / 1} - 1ms, log::level::warning, "e", {});
  CHECK_EQ(line, "time=1969-12-31T23:59:59.999Z level=WARNING event=e");
}

TEST_CASE("only lines at or above the level are written") {
  collected log_of{log::level::warning};
  say(log::level::debug, "a");
  say(log::level::info, "b", {{"n", 1}});
  say(log::level::warning, "c", {{"n", 2}});
  say(log::level::error, "d");
  CAF_REQUIRE_EQUAL(log_of.lines.size(), 2u);
  CHECK(log_of.lines[0].ends_with(" level=WARNING event=c n=2"));
  CHECK(log_of.lines[1].ends_with(" level=ERROR event=d"));
  CHECK(!log::enabled(log::level::info));
  CHECK(log::enabled(log::level::warning));
}

TEST_CASE("the format can be changed while running") {
  collected log_of{log::level::debug, log::line_format::json};
  const std::string id = "a1";
  say(log::level::debug, "seen", {{"id", id}});
  CAF_REQUIRE_EQUAL(log_of.lines.size(), 1u);
  CHECK(log_of.lines[0].ends_with(R"("level":"DEBUG","event":"seen","id":"a1"})"));
}

TEST_CASE("lines of several threads never mix") {
  collected log_of{log::level::info};
  const std::string value(300, 'v');
  std::vector<std::thread> writers;
  for (auto writer = 0; writer < 4; ++writer)
    writers.emplace_back([&value, writer] {
      for (auto i = 0; i < 500; ++i)
        say(log::level::info, "line", {{"writer", writer}, {"v", value}});
    });
  for (auto& w : writers)
    w.join();
  CHECK_EQ(log_of.lines.size(), 2000u);
  for (const auto& line : log_of.lines)
    CHECK(line.starts_with("time=") && line.ends_with(" v=" + value));
}

TEST_CASE("a warning is written at once, together with what waited before it") {
  const piped out;
  say(log::level::info, "before");
  say(log::level::warning, "now");
  std::string text;
  while (!text.ends_with("event=now\n")) // what waited may be written by itself
    text += out.read();
  CHECK(names_events(text, {"event=before\n", "event=now\n"}));
}

TEST_CASE("flush writes what waits, and nothing when nothing waits") {
  const piped out;
  say(log::level::info, "waiting");
  log::flush();
  CHECK(!out.is_silent());
  CHECK(names_events(out.read(), {"event=waiting\n"}));
  log::flush();
  CHECK(out.is_silent());
}

TEST_CASE("lines below warning come out by themselves") {
  const piped out;
  say(log::level::info, "first");
  say(log::level::info, "second");
  std::string text;
  while (!text.ends_with("event=second\n")) // the read waits; the flusher may have woken between the two
    text += out.read();
  CHECK(names_events(text, {"event=first\n", "event=second\n"}));
}

TEST_CASE("lines that follow each other closely are written all the while, not only when the buffer is full") {
  piped target;
  pollfd written{target.ends[0], POLLIN, 0};
  int lines = 0;
  do
    say(log::level::info, "steady_flow", {{"number", ++lines}});
  while (::poll(&written, 1, 2) == 0 && lines < 500); // 2 ms apart; the buffer holds some 900 of them
  CHECK_LT(lines, 200);
}

TEST_CASE("more than the buffer holds comes out whole and in order without a flush") {
  const piped out;
  const std::string value(500, 'v');
  for (auto i = 0; i < 150; ++i) // some 85 KB
    say(log::level::info, "line", {{"v", value}, {"i", i}});
  std::string text;
  while (!text.ends_with(" i=149\n"))
    text += out.read();
  CHECK(text.size() >= std::size_t{1} << 16);
  for (auto i = 0; i < 150; ++i)
    CHECK(text.find(" v=" + value + " i=" + std::to_string(i) + '\n') != std::string::npos);
}

TEST_CASE("a reader that stands still holds nobody up: the newest lines are kept, and how many were lost is told") {
  constexpr auto lines = 30'000; // more than the pipe, the buffer and the queue hold
  const piped out;
  for (auto i = 0; i < lines; ++i)
    say(log::level::info, "line", {{"i", i}});
  log::flush(); // gives up
  std::string text;
  while (text.find(" event=line i=29999\n") == std::string::npos
         || text.find(" event=log_lines_lost count=") == std::string::npos)
    text += out.read();
  auto told = 0, read = 0;
  for (std::size_t at = 0; (at = text.find(" event=", at)) != std::string::npos; ++at)
    text.compare(at, 12, " event=line ") == 0 ? ++read : told += std::atoi(text.c_str() + text.find("count=", at) + 6);
  CHECK(told > 0);
  CHECK_EQ(read + told, lines);
}

TEST_CASE("lines that were buffered for one target do not go to the next") {
  std::vector<std::string> taken;
  const piped out;
  say(log::level::info, "for_the_pipe");
  log::configure(log::level::info, log::line_format::logfmt, [&](std::string_view line) { taken.emplace_back(line); });
  say(log::level::info, "for_the_taker");
  CHECK(names_events(out.read(), {"event=for_the_pipe\n"}));
  CHECK_EQ(taken.size(), 1u);
  CHECK(out.is_silent());
}

TEST_CASE("buffered lines come out, complete and in order, when the process ends") {
  constexpr auto lines = 5000;
  constexpr auto child_of_this_test = "LOG_TEST_CHILD_WRITES";
  if (std::getenv(child_of_this_test) != nullptr) {
    log::configure(log::level::info, log::line_format::logfmt);
    for (auto i = 0; i < lines; ++i)
      say(log::level::info, "line", {{"i", i}});
    return; // the process ends soon after
  }
  std::array<int, 2> ends;
  CAF_REQUIRE_EQUAL(::pipe(ends.data()), 0);
  ::setenv(child_of_this_test, "1", 1);
  posix_spawn_file_actions_t redirect;
  ::posix_spawn_file_actions_init(&redirect);
  ::posix_spawn_file_actions_adddup2(&redirect, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addclose(&redirect, ends[0]);
  ::posix_spawn_file_actions_addclose(&redirect, ends[1]);
  std::array<const char*, 8> arguments{"log_test", "-s", "^log$", "-t", "^buffered lines come out.*",
                                       "-v",       "0",  nullptr};
  pid_t child = 0;
  CAF_REQUIRE_EQUAL(
    ::posix_spawn(&child, "/proc/self/exe", &redirect, nullptr, const_cast<char**>(arguments.data()), environ), 0);
  ::posix_spawn_file_actions_destroy(&redirect);
  ::unsetenv(child_of_this_test);
  ::close(ends[1]);
  std::string text;
  std::array<char, 1u << 16> piece;
  for (ssize_t n; (n = ::read(ends[0], piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK_EQ(status, 0);
  auto next = 0;
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    if (std::string_view{text}.substr(at, end - at).ends_with(" event=line i=" + std::to_string(next)))
      ++next;
  CHECK_EQ(next, lines);
}
