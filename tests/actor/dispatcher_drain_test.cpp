#define CAF_SUITE dispatcher_drain
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

namespace {

struct drain_fixture : dispatcher_fixture {
  std::shared_ptr<int> drained = std::make_shared<int>(0); ///< answers to drain

  void start_drain() {
    auto requester = sys.spawn([this, drained = drained](caf::event_based_actor* asking) {
      asking->request(dispatcher, caf::infinite, drain{}).then([drained] { ++*drained; }, [](caf::error&) {});
    });
    settle();
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(drain_fixture)

TEST_CASE("a drain hands back what waits, finishes what is under way, has the reader leave, and then is answered") {
  start();
  ask(1);
  ask(2);
  ask(3);
  start_drain();
  CHECK_EQ(read->stops, 1u);
  CHECK_EQ(handed_back(), (offset_list{2, 3}));
  CHECK_EQ(read->leaves, 0u);
  answer();
  CHECK_EQ(given(), (offset_list{1}));
  clean();
  CHECK_EQ(read->leaves, 0u);
  deliver(0);
  CHECK_EQ(finished(), (offset_list{1}));
  CHECK_EQ(read->leaves, 1u);
  CHECK_EQ(*drained, 0);
  tell(group_left{});
  CHECK_EQ(*drained, 1);
}

TEST_CASE("the last end is reported before the reader is told to leave") {
  start();
  up_to_publishing(1);
  start_drain();
  deliver(0);
  REQUIRE_GE(read->order.size(), 2u);
  CHECK_EQ(read->order[read->order.size() - 2], "settlement");
  CHECK_EQ(read->order.back(), "leave");
}

TEST_CASE("a drain with nothing to do has the reader leave at once") {
  start();
  start_drain();
  CHECK_EQ(read->leaves, 1u);
  tell(group_left{});
  CHECK_EQ(*drained, 1);
}

TEST_CASE("a drain without a reader is answered when nothing is under way") {
  start();
  up_to_publishing(1);
  kill(reader);
  start_drain();
  CHECK_EQ(*drained, 0);
  deliver(0);
  CHECK_EQ(*drained, 1);
}

TEST_CASE("a reader that dies while it leaves has left") {
  start();
  start_drain();
  CHECK_EQ(*drained, 0);
  kill(reader);
  CHECK_EQ(*drained, 1);
}

TEST_CASE("a reader that starts during a drain is told to read nothing and to leave when all is done") {
  start();
  up_to_publishing(1);
  start_drain();
  kill(reader);
  new_reader();
  CHECK_EQ(read->stops, 1u);
  CHECK_EQ(read->records_wanted, 0);
  CHECK_EQ(read->leaves, 0u);
  deliver(0);
  CHECK_EQ(read->leaves, 1u);
  tell(group_left{});
  CHECK_EQ(*drained, 1);
}

TEST_CASE("a reader that is stopped by its supervisor does not end the drain while something is under way") {
  start();
  up_to_publishing(1);
  start_drain();
  tell(group_left{});
  CHECK_EQ(*drained, 0);
  deliver(0);
  CHECK_EQ(read->leaves, 1u);
  tell(group_left{});
  CHECK_EQ(*drained, 1);
}

TEST_CASE("what arrives during a drain is handed back, what cannot be answered anyway gets its end") {
  start();
  ask(1);
  start_drain();
  ask(2);
  CHECK_EQ(handed_back(), (offset_list{2}));
  ask(bad(3, fault::not_json));
  REQUIRE_EQ(published->size(), 1u);
  deliver(0);
  CHECK_EQ(finished(), (offset_list{3}));
}

TEST_CASE("a call that fails during a drain is handed back, not tried again") {
  start();
  ask(1);
  start_drain();
  fail(fault::model_error);
  CHECK_EQ(handed_back(), (offset_list{1}));
  CHECK_EQ(read->leaves, 1u);
  pass(1min);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a call that ends for good during a drain is answered") {
  start();
  ask(1);
  start_drain();
  fail(fault::model_refused);
  CHECK_EQ(published->size(), 2u);
  deliver(0);
  deliver(1);
  CHECK_EQ(finished(), (offset_list{1}));
  CHECK_EQ(read->leaves, 1u);
}

TEST_CASE("no demand is made during a drain, whoever asks for work") {
  start();
  auto before = read->records_wanted;
  start_drain();
  new_worker();
  host("beta", true);
  CHECK_EQ(read->records_wanted, before);
}

TEST_CASE("the monitor hears that the node is draining") {
  start();
  start_drain();
  CHECK(watched_by->intake.back().draining);
}

TEST_CASE("every asker of a drain is answered") {
  start();
  up_to_publishing(1);
  start_drain();
  start_drain();
  deliver(0);
  tell(group_left{});
  CHECK_EQ(*drained, 2);
  start_drain();
  CHECK_EQ(*drained, 3);
}

END_FIXTURE_SCOPE()
