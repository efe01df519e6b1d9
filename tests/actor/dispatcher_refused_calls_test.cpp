#define CAF_SUITE dispatcher_refused_calls
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

namespace {

/// Hosts whose calls take a while, played in virtual time.
struct fixture : dispatcher_fixture {
  using clock = std::chrono::steady_clock;

  struct refusal {
    fault why;
    int status;
  };

  std::set<std::int64_t> refused; ///< offsets
  refusal as{fault::host_unreachable, 403};
  std::chrono::milliseconds model_time = 300ms;
  std::map<std::size_t, std::chrono::milliseconds> busy; ///< by worker: when its call ends
  std::vector<std::size_t> seen;                         ///< by worker: assignments
  std::chrono::milliseconds elapsed{0};
  std::multimap<std::int64_t, std::chrono::milliseconds> refusals; ///< by offset: when it was refused
  std::map<std::int64_t, std::chrono::milliseconds> answered;
  std::size_t probes_seen = 0;

  /// A piece of the world's time: calls are begun and ended, and the monitor probes what it was told to look at, with
  /// success.
  void tick(std::chrono::milliseconds step = 10ms) {
    seen.resize(workers.size());
    for (std::size_t worker = 0; worker < workers.size(); ++worker) {
      if (auto due = busy.find(worker); due != busy.end() && due->second <= elapsed) {
        busy.erase(due);
        auto offset = given(worker).back();
        if (refused.contains(offset)) {
          refusals.emplace(offset, elapsed);
          fail(as.why, worker, as.status);
        } else {
          answered.emplace(offset, elapsed);
          answer("an answer", worker);
          clean();
        }
      }
      if (given(worker).size() > seen[worker]) {
        seen[worker] = given(worker).size();
        busy[worker] = elapsed + (refused.contains(given(worker).back()) ? 10ms : model_time);
      }
    }
    for (; probes_seen < watched_by->troubles.size(); ++probes_seen)
      host(watched_by->troubles[probes_seen], true);
    pass(step);
    elapsed += step;
  }

  void play(std::chrono::milliseconds time) {
    for (auto end = elapsed + time; elapsed < end;)
      tick(time > 1min ? 200ms : 10ms);
  }

  /// The time in which 40 ordinary requests are answered, with these others among them.
  std::chrono::milliseconds time_of_forty(const std::set<std::int64_t>& others) {
    refused = others;
    std::int64_t next = 0;
    for (int good = 0; good < 40; ++next) {
      good += refused.contains(next) ? 0 : 1;
      ask(next);
    }
    while (answered.size() < 40 && elapsed < 2min)
      tick();
    auto last = std::chrono::milliseconds{0};
    for (auto [offset, when] : answered)
      last = std::max(last, when);
    return last;
  }

  /// Reads as much as is demanded, in turn from a partition full of requests of one user, whose calls fail, and from
  /// one to which others write two a second. Gives how long each of these took.
  std::vector<std::chrono::milliseconds> play_beside(std::size_t bad_count, std::chrono::milliseconds time) {
    std::map<std::int64_t, std::chrono::milliseconds> written; // of the others, by offset
    std::vector<std::int64_t> unread;
    std::size_t demands_seen = 0, credit = 0;
    std::int64_t next_bad = 0, next_good = 10'000;
    for (auto next_write = elapsed, end = elapsed + time; elapsed < end; tick()) {
      if (elapsed >= next_write) {
        written.emplace(next_good, elapsed);
        unread.push_back(next_good++);
        next_write += 500ms;
      }
      for (; demands_seen < read->demands.size(); ++demands_seen)
        credit += read->demands[demands_seen].records;
      bool bad_turn = true;
      for (; credit > 0 && (!unread.empty() || next_bad < static_cast<std::int64_t>(bad_count));
           --credit, bad_turn = !bad_turn) {
        bool is_bad = next_bad < static_cast<std::int64_t>(bad_count) && (bad_turn || unread.empty());
        auto offset = is_bad ? next_bad++ : unread.front();
        if (!is_bad)
          unread.erase(unread.begin());
        auto asked = question(offset);
        asked.user_email = is_bad ? "bad@example.org" : "user-" + std::to_string(offset % 5) + "@example.org";
        if (is_bad)
          refused.insert(offset);
        ask(std::move(asked));
      }
    }
    std::vector<std::chrono::milliseconds> took;
    for (auto [offset, when] : written)
      took.push_back(answered.contains(offset) ? answered.at(offset) - when : 1h);
    return took;
  }

  std::string code_of_end(std::int64_t offset) const {
    for (const auto& each : *published)
      if (each.record->key == "id-" + std::to_string(offset) && each.record->to == destination::dead_letter)
        return header(*each.record, "reason");
    return "(none)";
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

TEST_CASE("five requests that a front refuses whenever they come do not slow down forty others, and have their end") {
  for (auto each : {refusal{fault::host_unreachable, 401}, refusal{fault::host_unreachable, 403},
                    refusal{fault::host_unreachable, 407}, refusal{fault::host_unreachable, 502},
                    refusal{fault::model_not_found, 404}, refusal{fault::host_busy, 503},
                    refusal{fault::host_busy, 429}, refusal{fault::model_error, 500}})
    for (const auto& others : {std::set<std::int64_t>{0, 1, 2, 3, 4}, std::set<std::int64_t>{3, 11, 19, 27, 35}}) {
      fixture world;
      world.as = each;
      world.start(5);
      auto took = world.time_of_forty(others);
      CHECK_EQ(world.answered.size(), 40u);
      CHECK_LE(took.count(), 2'400 * 10 / 9); // 40 calls of 0.3 s on five workers take 2.4 s
      world.play(12min);
      for (auto offset : others)
        CHECK_NE(world.code_of_end(offset), "(none)");
    }
}

TEST_CASE("a request that a well host refuses makes four calls, with its own growing pauses, and ends as refused") {
  start();
  refused = {1};
  ask(1);
  play(20s);
  std::vector<std::chrono::milliseconds> times;
  for (auto [offset, when] : refusals)
    times.push_back(when);
  REQUIRE_EQ(times.size(), 4u);
  CHECK_GE((times[1] - times[0]).count(), 500);
  CHECK_GE((times[2] - times[1]).count(), 1000);
  CHECK_GE((times[3] - times[2]).count(), 2000);
  CHECK_EQ(code_of_end(1), "model_refused");
  REQUIRE_EQ(published->size(), 2u);
  CHECK_NE(published->at(0).record->body.find("\"code\":\"model_refused\""), std::string::npos);
}

TEST_CASE("what is refused again and again is asked for once a second in all, however many requests there are") {
  config.breaker.failures_max = 1000;
  start(5);
  for (std::int64_t offset = 0; offset < 20; ++offset) {
    refused.insert(offset);
    ask(offset);
  }
  play(10s); // each once
  auto before = refusals.size();
  play(30s);
  CHECK_LE(refusals.size() - before, 31u);
  CHECK_GE(refusals.size() - before, 25u);
  play(2min);
  for (auto offset : refused) {
    CHECK_EQ(code_of_end(offset), "model_refused");
    CHECK_EQ(refusals.count(offset), 4u);
  }
}

TEST_CASE("requests that were refused because their host was away behind its proxy are charged nothing") {
  start(2);
  refused = {1, 2};
  ask(1);
  ask(2);
  for (int i = 0; i < 40; ++i)
    tick();
  CHECK_EQ(refusals.size(), 2u);
  refused.clear();
  play(5s);
  REQUIRE_EQ(published->size(), 2u);
  for (const auto& each : *published)
    CHECK_EQ(header(*each.record, "attempt"), "1");
}

TEST_CASE("after the first request that was refused is answered, the others that were refused once before go at once") {
  config.breaker.failures_max = 1000;
  start(8);
  for (std::int64_t offset = 0; offset < 8; ++offset) {
    refused.insert(offset);
    ask(offset);
  }
  play(400ms);
  CHECK_EQ(refusals.size(), 8u);
  refused.clear();
  play(2500ms);
  CHECK_EQ(answered.size(), 8u);
}

TEST_CASE("a busy host is waited for twenty times, and then the request has its end") {
  as = {fault::host_busy, 503};
  start();
  refused = {1};
  ask(1);
  play(20min);
  CHECK_EQ(refusals.count(1), 23u);
  CHECK_EQ(code_of_end(1), "host_busy");
}

TEST_CASE(
  "a hundred requests of one user whose calls fail in any way do not hold up the others, with one host and with two") {
  for (auto hosts : {1, 2})
    for (auto why : {fault::model_error, fault::stream_cut, fault::runner_died, fault::call_timeout,
                     fault::first_byte_timeout, fault::idle_timeout})
      for (std::size_t bad_count : {20u, 100u}) {
        fixture world;
        world.as = {why, why == fault::model_error ? 500 : 0};
        world.start(4);
        if (hosts > 1) {
          world.host("beta", true);
          for (int i = 0; i < 4; ++i)
            world.new_worker("beta");
        }
        auto took = world.play_beside(bad_count, 40s);
        auto late = std::count_if(took.begin(), took.end(), [](auto each) { return each > 3s; });
        CHECK_LE(late, static_cast<std::ptrdiff_t>(took.size() / 10));
        CHECK_LE(std::count_if(took.begin(), took.end() - 8, [](auto each) { return each > 5s; }), 0);
      }
}

TEST_CASE("a host whose calls all fail while its probes pass gets a call now and then, and the others do the work") {
  config.retry.attempts_max = 100;
  start(0);
  for (int i = 0; i < 3; ++i)
    new_worker("alpha");
  host("beta", true);
  for (int i = 0; i < 3; ++i)
    new_worker("beta");
  std::size_t on_alpha = 0, delivered = 0;
  std::vector<std::size_t> ended(6);
  std::int64_t offset = 0;
  for (elapsed = 0ms; elapsed < 30s; elapsed += 10ms) {
    if (elapsed.count() % 50 == 0)
      ask(offset++);
    for (std::size_t worker = 0; worker < 6; ++worker)
      if (given(worker).size() > ended[worker]) {
        ++ended[worker];
        if (worker < 3) {
          ++on_alpha;
          fail(fault::model_error, worker, 500);
        } else {
          answer("an answer", worker);
          clean();
          for (; delivered < published->size(); ++delivered)
            deliver(delivered);
        }
      }
    for (; probes_seen < watched_by->troubles.size(); ++probes_seen)
      host(watched_by->troubles[probes_seen], true);
    pass(10ms);
  }
  CHECK_LE(on_alpha, 5u + 3u + 9u); // those that opened it at first, then one after each rest of 1, 2, 4 and 5 s
  CHECK_GE(published->size(), static_cast<std::size_t>(offset) - 10);
}

TEST_CASE("a host that calls have opened again gets one call at a time after its rest, until it has answered one") {
  config.breaker.failures_max = 1;
  start(3);
  ask(1);
  fail(fault::model_error, holder(1));
  host("alpha", true);
  pass(500ms);
  fail(fault::model_error, holder(1));
  host("alpha", true);
  ask(2);
  ask(3);
  pass(990ms);
  auto under_way = [&] { return sample("models_processor_in_flight"); };
  CHECK_EQ(under_way(), 0);
  pass(10ms);
  CHECK_EQ(under_way(), 1);
  answer("an answer", holder(1));
  clean();
  CHECK_EQ(under_way(), 2);
}

END_FIXTURE_SCOPE()
