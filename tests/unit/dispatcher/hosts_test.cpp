#define CAF_SUITE hosts
#include "tests/support/test.hpp"

#include "actors/dispatcher/hosts.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace mp;
using namespace std::chrono_literals;
using kind = host_action::kind;
using verdict = mp::hosts::placement::verdict;

namespace {

constexpr mp::hosts::time_point start{1h};
const routed_model model{"llama3", false, false, "llama3"};

/// Hosts with two free workers each, which a monitor has found usable.
struct world {
  explicit world(const std::vector<std::string>& names = {"a"}) {
    watched.on_monitor_started();
    for (const auto& name : names) {
      for (int i = 0; i < 2; ++i) {
        watched.add_worker(next_worker, name);
        watched.set_free(next_worker++);
      }
      watched.probed({name, true}, start);
    }
    watched.take_actions();
  }

  in_flight_request& add(const std::string& user = "u", const std::string& photo = {}) {
    auto& row = *table.accept({0, 1, next_offset++}, 100, start);
    request asked;
    asked.user_email = user;
    asked.photo = text_slice{std::string{photo}};
    row.kind = photo.empty() ? request_kind::text : request_kind::photo;
    row.question = shared_request{asked};
    table.queue(row);
    return row;
  }

  mp::hosts::placement place(in_flight_request& row, mp::hosts::time_point now = start) {
    auto where = watched.place(row, table, now);
    if (where.what == verdict::given) {
      ++row.assignments;
      table.move(row, request_stage::assigned);
    }
    return where;
  }

  in_flight_request& assigned(const std::string& user = "u", const std::string& photo = {}) {
    auto& row = add(user, photo);
    CHECK(place(row).what == verdict::given);
    return row;
  }

  /// The worker that had the row is free again.
  void free(in_flight_request& row) {
    if (auto worker = watched.worker_of(row.ticket))
      watched.set_free(*worker);
  }

  ended_call fail(in_flight_request& row, fault why, int status = 0, mp::hosts::time_point now = start) {
    auto call = watched.failed(row, {why, status}, model, 1s, table, now);
    free(row);
    return call;
  }

  void answer(in_flight_request& row, mp::hosts::time_point now = start) {
    watched.answered(row, model, {}, 1s, now);
    free(row);
  }

  std::vector<kind> actions() {
    std::vector<kind> kinds;
    for (const auto& each : watched.take_actions())
      kinds.push_back(each.what);
    return kinds;
  }

  in_flight_table table;
  mp::hosts watched{{2}, 20s};
  mp::hosts::worker_id next_worker = 1;
  std::int64_t next_offset = 0;
};

using kinds = std::vector<kind>;

} // namespace

TEST_CASE("a request goes to a free worker of a usable host, which its row then names") {
  world w;
  auto& first = w.assigned();
  auto& second = w.assigned();
  CHECK_EQ(first.host, "a");
  CHECK(first.assigned_at < second.assigned_at);
  CHECK(w.place(w.add()).what == verdict::wait);
  CHECK_EQ(w.watched.free_count(), 0u);
  w.free(first);
  CHECK_EQ(w.watched.free_count(), 1u);
}

TEST_CASE("a host that is found usable or unusable is told, and is news only when it changes") {
  world w;
  w.watched.probed({"a", true}, start);
  auto same = w.watched.take_actions();
  REQUIRE_EQ(same.size(), 1u);
  CHECK(same[0].what == kind::usable);
  CHECK(!same[0].is_news);
  w.watched.probed({"a", false}, start);
  auto other = w.watched.take_actions();
  REQUIRE_EQ(other.size(), 1u);
  CHECK(other[0].what == kind::unusable);
  CHECK(other[0].is_news);
  CHECK(!w.watched.any_usable());
}

TEST_CASE("a host whose calls fail in a row gets no work until a probe begun after that finds it well") {
  world w;
  w.fail(w.assigned("u"), fault::call_timeout);
  CHECK(w.actions().empty());
  w.fail(w.assigned("v"), fault::call_timeout);
  auto actions = w.watched.take_actions();
  REQUIRE_EQ(actions.size(), 2u);
  CHECK(actions[0].what == kind::suspected);
  CHECK(actions[1].what == kind::unusable);
  auto trouble = actions[0].trouble;
  CHECK(!w.watched.any_usable());
  w.watched.probed({"a", true, trouble - 1}, start);
  CHECK(!w.watched.any_usable());
  w.watched.probed({"a", true, trouble}, start);
  CHECK(w.watched.any_usable());
}

TEST_CASE("a new monitor is told of the hosts that get no work") {
  world w{{"a", "b"}};
  w.fail(w.assigned(), fault::host_unreachable);
  auto told = w.watched.take_actions();
  REQUIRE(!told.empty());
  w.watched.monitor_lost();
  w.watched.on_monitor_started();
  auto again = w.watched.take_actions();
  REQUIRE_EQ(again.size(), 1u);
  CHECK(again[0].what == kind::probe);
  CHECK_EQ(again[0].host, told[0].host);
  CHECK_EQ(again[0].trouble, told[0].trouble);
}

TEST_CASE("a host that refuses its only call is probed once without losing its work, and not without a monitor") {
  world w;
  auto& row = w.assigned();
  CHECK(w.fail(row, fault::host_unreachable, 401).refused);
  CHECK(w.actions() == kinds{kind::probe});
  w.fail(row, fault::host_unreachable, 401);
  CHECK(w.actions().empty());
  CHECK(w.watched.any_usable());
  CHECK_EQ(row.refusals, 2u);
  world without;
  without.watched.monitor_lost();
  without.fail(without.assigned(), fault::host_unreachable, 401);
  CHECK(without.actions().empty());
}

TEST_CASE("a photo that was at a runner's death is put to a host alone, and to none once it is poison") {
  world w{{"a", "b"}};
  auto& first = w.assigned("u", "photo");
  auto& same = w.assigned("v", "photo");
  auto& text = w.assigned("w");
  w.watched.runner_died(first, w.table, start);
  CHECK_EQ(first.runner_deaths, 1u);
  CHECK_EQ(w.watched.mark_suspected(first, w.table, start), std::vector<in_flight_request*>{&same});
  auto& third = w.add("x", "photo");
  CHECK(w.place(third).what == verdict::wait); // the others with it find out
  for (auto* each : {&first, &same, &text}) {
    w.free(*each);
    w.table.park(*each, start + 1h);
  }
  CHECK(w.place(third).what == verdict::given);
  CHECK_EQ(third.runner_deaths, 1u);
  CHECK(asked_alone(third));
  w.watched.mark_poison(third, start);
  w.free(third);
  w.table.park(third, start + 1h);
  CHECK(w.place(w.add("y", "photo")).what == verdict::poison);
}

TEST_CASE("an answer clears a photo") {
  world w;
  auto& row = w.assigned("u", "photo");
  w.watched.mark_suspected(row, w.table, start);
  w.answer(row);
  w.table.move(row, request_stage::cleaning);
  auto& again = w.assigned("v", "photo");
  CHECK(!asked_alone(again));
}

TEST_CASE("requests at the same host at a runner's death were beside a photo where one was") {
  world w;
  auto& photo = w.assigned("u", "photo");
  auto& text = w.assigned("v");
  w.watched.runner_died(text, w.table, start);
  CHECK(text.beside_photo);
  CHECK(!photo.beside_photo);
}

TEST_CASE("calls that break off together are judged together: their server died") {
  world w;
  auto& first = w.assigned("u");
  auto& second = w.assigned("v");
  for (auto* each : {&first, &second}) {
    auto call = w.fail(*each, fault::stream_cut);
    CHECK(call.breaks_off);
    auto due = w.watched.in_doubt(*each, call, w.table, start);
    REQUIRE(due.has_value());
    w.table.park(*each, *due);
    CHECK_EQ(broken_row(w.table, each->ticket), each);
  }
  CHECK(w.watched.next() == start + break_off_watch::moment);
  CHECK(w.watched.judge(w.table, start).empty());
  auto judged = w.watched.judge(w.table, start + break_off_watch::moment);
  REQUIRE_EQ(judged.size(), 1u);
  CHECK(judged[0].died);
  CHECK_EQ(judged[0].calls, (std::vector<std::uint64_t>{first.ticket, second.ticket}));
  CHECK(!w.watched.next());
}

TEST_CASE("a text that was alone when its call broke off is not in doubt, nor is another failure or one whose deadline "
          "comes first") {
  world w;
  auto& text = w.assigned();
  CHECK(!w.watched.in_doubt(text, w.fail(text, fault::stream_cut), w.table, start));
  w.table.park(text, start + 1h);
  auto& photo = w.assigned("u", "photo");
  CHECK(!w.watched.in_doubt(photo, {fault::idle_timeout}, w.table, start));
  w.table.set_deadline(photo, start + break_off_watch::moment);
  CHECK(!w.watched.in_doubt(photo, w.fail(photo, fault::stream_cut), w.table, start));
  CHECK(!photo.broke_off);
}

TEST_CASE("requests that were refused go one a second") {
  world w{{"a", "b"}};
  auto& first = w.add();
  auto& second = w.add();
  first.refusals = second.refusals = 2;
  CHECK(w.place(first).what == verdict::given);
  auto later = w.place(second);
  CHECK(later.what == verdict::later);
  CHECK(later.due == start + 1s);
  CHECK(w.place(second, start + 1s).what == verdict::given);
}

TEST_CASE("a model that two users got degenerate answers of is loaded anew, for the monitor by its name") {
  world w;
  w.fail(w.assigned("u"), fault::degenerate_answer);
  CHECK(w.actions().empty());
  w.fail(w.assigned("v"), fault::degenerate_answer);
  auto actions = w.watched.take_actions();
  REQUIRE_EQ(actions.size(), 3u);
  CHECK(actions[0].what == kind::unload);
  CHECK(actions[0].cause == reload_cause::degenerate);
  CHECK(actions[1].what == kind::suspected);
  CHECK_EQ(actions[1].model, "llama3");
  CHECK(actions[2].what == kind::unusable);
}

TEST_CASE("the failures of one user while others are answered are that user's") {
  world w;
  w.fail(w.assigned("u"), fault::host_unreachable, 401);
  CHECK(!w.watched.fails_alone("a", "u", start));
  auto& other = w.assigned("v");
  w.answer(other);
  CHECK(w.watched.fails_alone("a", "u", start));
  CHECK(!w.watched.fails_alone("a", "v", start));
  CHECK(!w.watched.fails_alone("unknown", "u", start));
}
