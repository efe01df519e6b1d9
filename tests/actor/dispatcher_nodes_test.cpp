#define CAF_SUITE dispatcher_nodes
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

namespace {

struct nodes_log {
  std::vector<adopt_call> adopted;
  std::vector<std::uint64_t> cancelled;
  std::vector<std::uint64_t> backlogs;
  std::vector<record_key> settled;
  std::vector<record_key> released;
  std::vector<std::string> troubles;
};

/// A dispatcher that takes worker nodes; the test plays what takes them.
struct dispatcher_nodes_fixture : dispatcher_fixture {
  std::shared_ptr<nodes_log> log = std::make_shared<nodes_log>();
  worker_nodes_actor nodes;

  dispatcher_nodes_fixture() { config.takes_nodes = true; }
  ~dispatcher_nodes_fixture() { nodes = nullptr; }

  void new_nodes() {
    log = std::make_shared<nodes_log>();
    nodes = kept(parent()->spawn([log = log](worker_nodes_actor::pointer) -> worker_nodes_actor::behavior_type {
      return {
        [](const node_hello&) {},
        [](const node_introduction&) {},
        [](const session_over&) {},
        [](const node_draining&) {},
        [](const slots_offered&) {},
        [](const slots_recalled&) {},
        [](const link_heartbeat&) {},
        [](const link_piece&) {},
        [](const link_ack&) {},
        [](const calls_held&) {},
        [](const remote_host_state&) {},
        [](const assignment&) {},
        [log](const cancel_call& m) { log->cancelled.push_back(m.ticket); },
        [](slot_returned) {},
        [](const dispatcher_started&) {},
        [log](const adopt_call& m) { log->adopted.push_back(m); },
        [log](const work_backlog& m) { log->backlogs.push_back(m.requests); },
        [log](const requests_settled& m) {
          log->settled.insert(log->settled.end(), m.records.begin(), m.records.end());
        },
        [log](const requests_released& m) {
          log->released.insert(log->released.end(), m.records.begin(), m.records.end());
        },
        [log](const host_trouble& m) { log->troubles.push_back(m.host); },
        [](nodes_request) { return nodes_response{}; },
      };
    }));
    tell(worker_nodes_started{nodes});
  }

  /// A slot of another node.
  std::size_t new_remote_worker(const std::string& host = "n1/alpha") {
    played_worker fresh;
    fresh.handle = kept(spawn_recording_worker(parent(), fresh.log));
    workers.push_back(fresh);
    tell(worker_started{fresh.handle, host, true});
    ask_for_work(workers.size() - 1);
    caf::send_as(nodes, dispatcher, host_state{host, true, std::numeric_limits<std::uint64_t>::max()});
    settle();
    return workers.size() - 1;
  }

  void start_with_nodes() {
    start(0);
    new_nodes();
    tell(nodes_heard{});
  }

  static held_call held(std::int64_t offset, bool finished = true) {
    return {{"eater-send-photo", {0, offset, 0}}, "llava:latest", finished};
  }

  void answer_adopted(std::size_t index, const std::string& text) {
    raw_answer said;
    said.text = text_slice{text};
    caf::send_as(nodes, dispatcher,
                 call_result{log->adopted.at(index).ticket, log->adopted.at(index).call_number, said, 1s});
    settle();
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(dispatcher_nodes_fixture)

TEST_CASE("nothing is begun before worker nodes have said what they hold") {
  start(1);
  ask(1);
  CHECK(given().empty());
  new_nodes();
  CHECK(given().empty());
  tell(nodes_heard{});
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a request whose call a node holds adopts it, also while nothing may be begun") {
  start(1);
  new_nodes();
  tell(held_calls_offered{{held(1, false)}});
  ask(1);
  REQUIRE_EQ(log->adopted.size(), 1u);
  CHECK_EQ(log->adopted[0].which.key.record.offset, 1);
  answer_adopted(0, "yes");
  REQUIRE_EQ(cleaning->size(), 1u);
  CHECK_EQ(cleaning->at(0).answer.view(), "yes");
  tell(nodes_heard{});
  CHECK(given().empty());
}

TEST_CASE("a request that waits adopts what is offered then, and one of another record or model does not") {
  start(1);
  new_nodes();
  ask(1);
  ask(2);
  auto other = held(2);
  other.model = "phi3";
  auto made_anew = held(2);
  made_anew.key.record.identity = 99;
  tell(held_calls_offered{{held(1), other, made_anew}});
  REQUIRE_EQ(log->adopted.size(), 1u);
  CHECK_EQ(log->adopted[0].which.key.record.offset, 1);
}

TEST_CASE("a late answer is taken in place of the call that goes on elsewhere") {
  start_with_nodes();
  new_remote_worker();
  ask(1);
  REQUIRE_EQ(given(0), (offset_list{1}));
  tell(held_calls_offered{{held(1, true)}});
  REQUIRE_EQ(log->adopted.size(), 1u);
  CHECK_EQ(workers[0].log->cancelled.size(), 1u);
  answer_adopted(0, "yes");
  CHECK_EQ(cleaning->size(), 1u);
}

TEST_CASE("a call that has begun is not given up for one that is no further") {
  start_with_nodes();
  new_remote_worker();
  ask(1);
  tell(held_calls_offered{{held(1, false)}});
  CHECK(log->adopted.empty());
}

TEST_CASE("a request whose held call is gone waits for a worker like any other") {
  start_with_nodes();
  new_remote_worker();
  tell(held_calls_offered{{held(1)}});
  ask(1);
  REQUIRE_EQ(log->adopted.size(), 1u);
  tell(adoption_failed{log->adopted[0].ticket, log->adopted[0].call_number});
  CHECK_EQ(given(0), (offset_list{1}));
}

TEST_CASE("a lost node costs its requests nothing: they are at another worker at once") {
  start_with_nodes();
  new_remote_worker("n1/alpha");
  ask(1);
  new_remote_worker("n2/alpha");
  for (int i = 0; i < 5; ++i) {
    auto at = holder(1);
    caf::send_as(workers[at].handle, dispatcher,
                 call_result{assignments(at).back().ticket, assignments(at).back().call_number,
                             call_failure{fault::node_lost, 0}, 0s});
    settle();
    ask_for_work(at);
  }
  CHECK_EQ(assignments(holder(1)).back().call_number, 6u);
  CHECK(published->empty());
}

TEST_CASE("when what takes the nodes dies, its calls are not repeated before its successor has heard the nodes") {
  start_with_nodes();
  new_remote_worker();
  new_worker("beta");
  host("beta", true);
  ask(1);
  ask(2);
  auto remote = given(0).at(0);
  kill(nodes);
  kill(workers[0].handle);
  CHECK(given(1).size() == 1u);
  new_nodes();
  tell(held_calls_offered{{held(remote, false)}});
  tell(nodes_heard{});
  REQUIRE_EQ(log->adopted.size(), 1u);
  CHECK_EQ(log->adopted[0].which.key.record.offset, remote);
  CHECK_EQ(given(1).size(), 1u);
}

TEST_CASE("a request that a node has answered is settled there once its reply is acknowledged and its end committed") {
  start_with_nodes();
  new_remote_worker();
  ask(1);
  answer();
  clean();
  CHECK_EQ(read->settlement_number, 0u);
  deliver(0);
  REQUIRE_NE(read->settlement_number, 0u);
  CHECK(log->settled.empty()); // the next reader would ask a model again
  tell(settlement_committed{read->settlement_number});
  CHECK_EQ(log->settled, (std::vector<record_key>{{0, 1, 0}}));
  CHECK(log->released.empty());
}

TEST_CASE("an answer whose end is not committed when its partition is taken away is the next reader's") {
  start_with_nodes();
  new_remote_worker();
  ask(1);
  answer();
  clean();
  deliver(0);
  tell(partitions_gone{{{0, 1}}});
  CHECK_EQ(log->released, (std::vector<record_key>{{0, 1, 0}}));
  tell(settlement_committed{read->settlement_number});
  CHECK(log->settled.empty());
}

TEST_CASE("a revoked partition's calls at nodes are released and not cancelled") {
  start_with_nodes();
  new_remote_worker();
  ask(1);
  tell(partitions_gone{{{0, 1}}});
  CHECK_EQ(workers[0].log->released.size(), 1u);
  CHECK_EQ(log->released, (std::vector<record_key>{{0, 1, 0}})); // its answer may be on its way
  CHECK(workers[0].log->cancelled.empty());
}

TEST_CASE("a reader's crash leaves calls at nodes, and answers that are not committed, to whoever reads them next") {
  start_with_nodes();
  new_remote_worker();
  ask(1);
  answer();
  ask(2);
  kill(reader);
  // The one is being cleaned; the other's answer may be on its way.
  CHECK_EQ(log->released, (std::vector<record_key>{{0, 1, 0}, {0, 2, 0}}));
  CHECK_EQ(workers[0].log->released.size(), 1u);
}

TEST_CASE("a stop does not wait for calls at nodes: they are released for the next reader") {
  start_with_nodes();
  new_remote_worker();
  ask(1);
  tell(drain{});
  CHECK_EQ(workers[0].log->released.size(), 1u);
  CHECK_EQ(read->handed_back.size(), 1u);
  CHECK_EQ(read->leaves, 1u);
}

TEST_CASE("nodes are told how much waits, once for each doubling") {
  start_with_nodes();
  for (int i = 1; i <= 5; ++i)
    ask(i);
  CHECK_EQ(log->backlogs, (std::vector<std::uint64_t>{1, 2, 4}));
}

TEST_CASE("trouble at a node's host is reported to that node") {
  start_with_nodes();
  new_remote_worker();
  ask(1);
  for (int i = 0; i < 4; ++i)
    ask(2 + i);
  fail(fault::host_unreachable);
  CHECK(!log->troubles.empty());
  CHECK(watched_by->troubles.empty());
}

END_FIXTURE_SCOPE()
