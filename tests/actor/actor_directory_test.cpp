#define CAF_SUITE actor_directory
#include "tests/support/test.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/recorders.hpp"

#include <caf/send.hpp>

using namespace mp;
using namespace mp::test;

namespace {

struct directory_fixture : actor_fixture {
  std::shared_ptr<std::vector<dispatcher_actor>> met = std::make_shared<std::vector<dispatcher_actor>>();

  ~directory_fixture() { met->clear(); }

  dispatcher_actor new_dispatcher() {
    auto dispatcher = spawn_recording_dispatcher(parent(), std::make_shared<dispatcher_log>());
    keep(caf::actor_cast<caf::strong_actor_ptr>(dispatcher));
    return dispatcher;
  }

  sanitizer_actor new_stage() {
    auto stage = parent()->spawn([met = met](sanitizer_actor::pointer) -> sanitizer_actor::behavior_type {
      return {[met](const dispatcher_started& m) { met->push_back(m.dispatcher); }, [](const cleaning_job&) {}};
    });
    keep(caf::actor_cast<caf::strong_actor_ptr>(stage));
    return stage;
  }

  void join(const sanitizer_actor& stage) {
    directory->join(caf::actor_cast<caf::strong_actor_ptr>(stage));
    settle();
  }

  void start(const dispatcher_actor& dispatcher) {
    directory->set_dispatcher(dispatcher);
    settle();
  }
};

using dispatchers = std::vector<dispatcher_actor>;

} // namespace

BEGIN_FIXTURE_SCOPE(directory_fixture)

TEST_CASE("a stage that joins before the dispatcher receives its handle when that has started") {
  auto stage = new_stage();
  join(stage);
  CHECK(met->empty());
  auto dispatcher = new_dispatcher();
  start(dispatcher);
  CHECK_EQ(*met, dispatchers{dispatcher});
}

TEST_CASE("a stage that joins after the dispatcher receives its handle at once") {
  auto dispatcher = new_dispatcher();
  start(dispatcher);
  join(new_stage());
  CHECK_EQ(*met, dispatchers{dispatcher});
}

TEST_CASE("every stage receives the handle of each new dispatcher, once") {
  auto first = new_dispatcher();
  auto second = new_dispatcher();
  join(new_stage());
  join(new_stage());
  start(first);
  start(second);
  CHECK_EQ(*met, (dispatchers{first, first, second, second}));
}

TEST_CASE("the present dispatcher and monitor can be asked for") {
  CHECK(!directory->dispatcher());
  CHECK(!directory->monitor());
  auto dispatcher = new_dispatcher();
  auto monitor = spawn_recording_monitor(parent(), std::make_shared<monitor_log>());
  keep(caf::actor_cast<caf::strong_actor_ptr>(monitor));
  start(dispatcher);
  directory->set_monitor(monitor);
  CHECK_EQ(directory->dispatcher(), dispatcher);
  CHECK_EQ(directory->monitor(), monitor);
}

TEST_CASE("nobody is kept alive by being known") {
  auto dispatcher = spawn_recording_dispatcher(parent(), std::make_shared<dispatcher_log>());
  start(dispatcher);
  auto stage = parent()->spawn([](sanitizer_actor::pointer) -> sanitizer_actor::behavior_type {
    return {[](const dispatcher_started&) {}, [](const cleaning_job&) {}};
  });
  join(stage);
  dispatcher = nullptr;
  stage = nullptr;
  settle();
  CHECK(!directory->dispatcher());
  auto other = new_dispatcher();
  start(other);
  CHECK_EQ(directory->dispatcher(), other);
}

END_FIXTURE_SCOPE()
