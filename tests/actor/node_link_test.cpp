#define CAF_SUITE node_link
#include "tests/support/test.hpp"

#include "tests/support/nodes_fixture.hpp"

using namespace mp;
using namespace mp::test;

BEGIN_FIXTURE_SCOPE(nodes_fixture)

TEST_CASE("a node that joins brings a worker for each slot, which request work, and its host") {
  new_reader("r1");
  new_node("n1", 3);
  auto& heard = *reader["r1"].heard;
  REQUIRE_EQ(heard.workers.size(), 3u);
  CHECK_EQ(heard.workers[0].host, "n1/http://gpu:11434");
  CHECK(heard.workers[0].remote);
  CHECK_EQ(heard.work_demands, 3u);
  REQUIRE(!heard.hosts.empty());
  CHECK_EQ(heard.hosts.back().host, "n1/http://gpu:11434");
  CHECK(heard.hosts.back().usable);
}

TEST_CASE("a request is answered by the node's model, and the slot is offered again") {
  new_reader("r1");
  new_node("n1", 1);
  assign("r1", 0, work(7, 5));
  auto model = model_with("n1", "id-5");
  REQUIRE(model != nullptr);
  CHECK_EQ(model->running->model, "llava");
  CHECK_EQ(model->running->question->user_email, "");
  pass(2s);
  model->answer("yes");
  settle();
  auto& heard = *reader["r1"].heard;
  REQUIRE_EQ(heard.results.size(), 1u);
  CHECK_EQ(heard.results[0].ticket, 7u);
  CHECK_EQ(heard.results[0].call_number, 1u);
  CHECK_EQ(heard.results[0].duration, 2s);
  CHECK_EQ(answer_of("r1"), "yes");
  CHECK_EQ(heard.work_demands, 2u);
}

TEST_CASE("a request of many megabytes arrives in pieces, and small ones behind it do not wait for its end") {
  new_reader("r1");
  new_node("n1", 2);
  assign("r1", 0, work(1, 1, 12'000'000));
  assign("r1", 1, work(2, 2));
  pass(1s);
  auto large = model_with("n1", "id-1");
  REQUIRE(large != nullptr);
  CHECK_EQ(large->running->question->prompt_json.size(), 12'000'002u);
  CHECK(model_with("n1", "id-2") != nullptr);
}

TEST_CASE("a call that is not wanted any more is cancelled at the node, and its slot is offered again") {
  new_reader("r1");
  new_node("n1", 1);
  assign("r1", 0, work(7, 5));
  auto& at = reader["r1"];
  caf::send_as(at.dispatcher, at.heard->workers[0].worker, cancel_call{7});
  settle();
  CHECK_EQ(node["n1"].models[0]->cancels, 1);
  CHECK_EQ(at.heard->work_demands, 2u);
}

TEST_CASE("a failed call is reported as it is, and nothing is kept of it") {
  new_reader("r1");
  new_node("n1", 1);
  assign("r1", 0, work(7, 5));
  model_with("n1", "id-5")->fail(fault::runner_died);
  settle();
  CHECK_EQ(answer_of("r1"), "runner_died");
  kill_reader("r1");
  new_reader("r1");
  pass(2s);
  CHECK(reader["r1"].heard->held.empty());
}

TEST_CASE("a reader that is killed finds the call of its request still under way when it is back, and adopts it") {
  new_reader("r1");
  new_node("n1", 1);
  assign("r1", 0, work(7, 5));
  kill_reader("r1");
  new_reader("r1");
  pass(500ms);
  CHECK_EQ(reader["r1"].heard->nodes_heard, 0u);
  REQUIRE_EQ(reader["r1"].heard->held.size(), 1u);
  CHECK(!reader["r1"].heard->held[0].finished);
  pass(600ms);
  CHECK_EQ(reader["r1"].heard->nodes_heard, 1u);
  tell_nodes("r1", adopt_call{3, 1, reader["r1"].heard->held[0]});
  model_with("n1", "id-5")->answer("yes");
  settle();
  CHECK_EQ(answer_of("r1"), "yes");
  CHECK_EQ(reader["r1"].heard->results[0].ticket, 3u);
  CHECK_EQ(calls("n1"), 1);
}

TEST_CASE("an answer outlives its reader: whoever has the request next takes it") {
  join = {"r1", "r2"};
  new_reader("r1");
  new_reader("r2");
  new_node("n1", 2);
  // Each reader was offered one of the two slots.
  REQUIRE_EQ(reader["r1"].heard->work_demands + reader["r2"].heard->work_demands, 2u);
  REQUIRE_EQ(reader["r1"].heard->work_demands, 1u);
  assign("r1", 0, work(7, 5));
  model_with("n1", "id-5")->answer("yes");
  settle();
  REQUIRE_EQ(reader["r1"].heard->results.size(), 1u);
  kill_reader("r1");
  REQUIRE_EQ(reader["r2"].heard->held.size(), 1u);
  CHECK(reader["r2"].heard->held[0].finished);
  tell_nodes("r2", adopt_call{9, 1, reader["r2"].heard->held[0]});
  CHECK_EQ(answer_of("r2"), "yes");
  CHECK_EQ(calls("n1"), 1);
}

TEST_CASE("the answer to a request that has had its end is offered to nobody") {
  join = {"r1", "r2"};
  new_reader("r1");
  new_reader("r2");
  new_node("n1", 2);
  assign("r1", 0, work(7, 5));
  model_with("n1", "id-5")->answer("yes");
  settle();
  tell_nodes("r1", requests_settled{{key(5).record}});
  kill_reader("r1");
  CHECK(reader["r2"].heard->held.empty());
}

TEST_CASE("a request that its reader gives up is offered to the others while its call goes on") {
  join = {"r1", "r2"};
  new_reader("r1");
  new_reader("r2");
  new_node("n1", 2);
  assign("r1", 0, work(7, 5));
  tell_nodes("r1", requests_released{{key(5).record}});
  REQUIRE_EQ(reader["r2"].heard->held.size(), 1u);
  tell_nodes("r2", adopt_call{9, 1, reader["r2"].heard->held[0]});
  model_with("n1", "id-5")->answer("yes");
  settle();
  CHECK_EQ(answer_of("r2"), "yes");
  CHECK_EQ(node["n1"].models[0]->cancels + node["n1"].models[1]->cancels, 0);
}

TEST_CASE("a request that comes to the node again, although its answer is there, costs no second call") {
  new_reader("r1");
  new_node("n1", 1);
  assign("r1", 0, work(7, 5));
  model_with("n1", "id-5")->answer("yes");
  settle();
  kill_reader("r1");
  new_reader("r1");
  pass(1500ms);
  assign("r1", 0, work(1, 5));
  CHECK_EQ(answer_of("r1"), "yes");
  CHECK_EQ(calls("n1"), 1);
  CHECK_EQ(reader["r1"].heard->work_demands, 2u);
}

TEST_CASE("a request whose answer at the node was of no use is put to the model again") {
  new_reader("r1");
  new_node("n1", 1);
  assign("r1", 0, work(7, 5));
  model_with("n1", "id-5")->answer("nothing");
  settle();
  kill_reader("r1");
  new_reader("r1");
  pass(1500ms);
  auto again = work(1, 5);
  again.anew = true;
  assign("r1", 0, again);
  CHECK_EQ(calls("n1"), 2);
  model_with("n1", "id-5")->answer("yes");
  settle();
  CHECK_EQ(answer_of("r1"), "yes");
}

TEST_CASE("a dispatcher that was restarted hears what is held before it begins anything") {
  new_reader("r1");
  new_node("n1", 1);
  pass(2s);
  assign("r1", 0, work(7, 5));
  new_dispatcher("r1");
  auto& heard = *reader["r1"].heard;
  REQUIRE_EQ(heard.worker_nodes.size(), 1u);
  REQUIRE_EQ(heard.held.size(), 1u);
  CHECK_EQ(heard.nodes_heard, 1u);
  tell_nodes("r1", adopt_call{1, 1, heard.held[0]});
  model_with("n1", "id-5")->answer("yes");
  settle();
  CHECK_EQ(answer_of("r1"), "yes");
  CHECK_EQ(calls("n1"), 1);
}

TEST_CASE("a node that is killed: its requests are reported as lost at once, its workers and its host are gone") {
  new_reader("r1");
  new_node("n1", 1);
  assign("r1", 0, work(7, 5));
  kill(node["n1"].link);
  CHECK_EQ(answer_of("r1"), "node_lost");
  CHECK(!reader["r1"].heard->hosts.back().usable);
  CHECK(!alive(caf::actor_cast<caf::strong_actor_ptr>(reader["r1"].heard->workers[0].worker)));
}

TEST_CASE("what is to be adopted is reported as gone when its node is lost, or has never had it") {
  new_reader("r1");
  new_node("n1", 1);
  tell_nodes("r1", adopt_call{1, 1, {key(9), "llava", true}});
  CHECK_EQ(reader["r1"].heard->adoptions_failed, (std::vector<std::uint64_t>{1}));
  assign("r1", 0, work(7, 5));
  new_dispatcher("r1");
  tell_nodes("r1", adopt_call{2, 1, reader["r1"].heard->held.at(0)});
  kill(node["n1"].link);
  CHECK_EQ(reader["r1"].heard->adoptions_failed, (std::vector<std::uint64_t>{2}));
}

TEST_CASE("an idle slot goes to the reader that has work waiting") {
  join = {"r1", "r2"};
  new_reader("r1");
  new_reader("r2");
  new_node("n1", 2);
  REQUIRE_EQ(reader["r2"].heard->work_demands, 1u);
  tell_nodes("r2", work_backlog{1});
  CHECK_EQ(reader["r1"].heard->withdrawals, 1u);
  CHECK_EQ(reader["r2"].heard->work_demands, 2u);
}

TEST_CASE("an assignment that was on its way when its slot was wanted back is carried out") {
  join = {"r1", "r2"};
  new_reader("r1");
  new_reader("r2");
  new_node("n1", 2);
  reader["r1"].heard->withdrawn_in_time = false;
  tell_nodes("r2", work_backlog{1});
  CHECK_EQ(reader["r2"].heard->work_demands, 1u);
  assign("r1", 0, work(7, 5));
  REQUIRE(model_with("n1", "id-5") != nullptr);
  model_with("n1", "id-5")->answer("yes");
  settle();
  CHECK_EQ(answer_of("r1"), "yes");
  CHECK_EQ(reader["r2"].heard->work_demands, 2u);
}

TEST_CASE("a newer start of a node takes the place of the older one at once, an older one is refused") {
  new_reader("r1");
  new_node("n1", 1);
  auto old = node["n1"];
  incarnation = 2;
  node.erase("n1");
  new_node("n1", 2);
  CHECK_EQ(reader["r1"].heard->workers.size(), 3u);
  CHECK(!alive(caf::actor_cast<caf::strong_actor_ptr>(reader["r1"].heard->workers[0].worker)));
  pass(30s);
  CHECK_EQ(reader["r1"].heard->workers.size(), 3u);
}

TEST_CASE("a node that speaks no protocol of the reader is refused and stays outside") {
  new_reader("r1");
  new_node("n1", 1, {our_protocols.newest + 1, our_protocols.newest + 2});
  pass(10s);
  CHECK(reader["r1"].heard->workers.empty());
}

TEST_CASE("a node and a reader of neighbouring protocols work together, whichever is the newer") {
  node_protocols older = our_protocols;
  node_protocols newer{our_protocols.newest, our_protocols.newest + 1};
  new_reader("r1");
  new_node("n1", 1, newer);
  pass(1s);
  CHECK_EQ(reader["r1"].heard->workers.size(), 1u);
  kill_reader("r1");
  new_reader("r1", newer);
  new_node("n2", 1, older);
  pass(5s);
  CHECK_EQ(reader["r1"].heard->workers.size(), 2u);
}

TEST_CASE("a hello without slots only asks: it is told what is against the node, or nothing, and joins nobody") {
  new_reader("r1");
  auto said = std::make_shared<std::vector<std::string>>();
  auto receiver = sys.spawn([said](caf::event_based_actor*) -> caf::behavior {
    return {[said](const node_refused& refusal) { said->push_back(refusal.why); }};
  });
  auto link = caf::actor_cast<node_link_actor>(keep(caf::actor_cast<caf::strong_actor_ptr>(receiver)));
  for (auto protocols : {our_protocols, node_protocols{our_protocols.newest + 1, our_protocols.newest + 1}}) {
    caf::anon_send(reader["r1"].nodes, node_hello{protocols, "1", "n1", 0, link, 1, 0});
    settle();
  }
  REQUIRE_EQ(said->size(), 2u);
  CHECK_EQ(said->at(0), "");
  CHECK_NE(said->at(1), "");
  CHECK(reader["r1"].heard->workers.empty());
}

TEST_CASE("a welcome in a protocol that the node does not speak begins nothing") {
  constexpr std::uint32_t foreign = our_protocols.newest + 9;
  new_reader("r1", {1, foreign});
  auto nodes = reader["r1"].nodes;
  auto liar = sys.spawn([nodes]() -> node_entrance_actor::behavior_type {
    return {[nodes](node_hello hello) {
      hello.protocols.newest = foreign;
      caf::anon_send(nodes, std::move(hello));
    }};
  });
  readers->there["r1"] = keep_as<node_entrance_actor>(caf::actor_cast<caf::strong_actor_ptr>(liar));
  new_node("n1", 1);
  pass(1s);
  CHECK(reader["r1"].heard->workers.empty());
}

TEST_CASE(
  "trouble of a host whose node is away is told to the node when it joins again, and to its monitor when it starts") {
  new_reader("r1");
  new_node("n1", 1);
  pass(1s);
  kill(node["n1"].link);
  kill(node["n1"].workers.at(0));
  tell_nodes("r1", host_trouble{"n1/http://gpu:11434", 7, {}});
  ++incarnation;
  new_node("n1", 1); // its host was found usable before
  pass(1s);
  auto& heard = *reader["r1"].heard;
  CHECK_EQ(heard.hosts.back().trouble, 0u);
  auto log = std::make_shared<monitor_log>();
  auto monitor = spawn_recording_monitor(parent(), log);
  keep(caf::actor_cast<caf::strong_actor_ptr>(monitor));
  caf::anon_send(node["n1"].link, monitor_started{monitor});
  settle();
  REQUIRE_EQ(log->troubles.size(), 1u);
  caf::anon_send(node["n1"].link, host_state{"http://gpu:11434", true, 1});
  settle();
  CHECK_EQ(heard.hosts.back().trouble, 7u);
  CHECK(heard.hosts.back().usable);
}

TEST_CASE("a node that stood still begins nothing of what came meanwhile, and joins again") {
  new_reader("r1");
  new_node("n1", 1);
  pass(1s);
  sched.clock().current_time += 1s; // its timers have not run
  assign("r1", 0, work(1, 1));
  CHECK(model_with("n1", "id-1") == nullptr);
  auto& heard = *reader["r1"].heard;
  REQUIRE_EQ(heard.results.size(), 1u);
  CHECK(std::get<call_failure>(heard.results[0].outcome).why == fault::node_lost);
  pass(1s);
  CHECK_EQ(heard.workers.size(), 2u);
}

TEST_CASE("a node joins within 0.1 s after a crash of what takes nodes in a reader") {
  new_dispatcher("r1");
  new_entrance("r1");
  new_worker_nodes("r1");
  new_node("n1", 1);
  kill(reader["r1"].nodes);
  pass(80ms);
  new_worker_nodes("r1");
  pass(40ms);
  CHECK_EQ(reader["r1"].heard->workers.size(), 2u);
}

TEST_CASE("a reader that comes back soon is joined within 0.3 s, one that comes late within 5 s") {
  new_node("n1", 1);
  pass(1min);
  new_reader("r1");
  pass(5s);
  CHECK_EQ(reader["r1"].heard->workers.size(), 1u);
  kill_reader("r1");
  pass(3s);
  new_reader("r1");
  pass(300ms);
  CHECK_EQ(reader["r1"].heard->workers.size(), 1u);
}

TEST_CASE("trouble that a reader reports reaches the node's monitor, and the probe's answer the reader") {
  new_reader("r1");
  new_node("n1", 1);
  auto log = std::make_shared<monitor_log>();
  auto monitor = spawn_recording_monitor(parent(), log);
  keep(caf::actor_cast<caf::strong_actor_ptr>(monitor));
  caf::anon_send(node["n1"].link, monitor_started{monitor});
  settle();
  tell_nodes("r1", host_trouble{"n1/http://gpu:11434", 17, "llava"});
  REQUIRE_EQ(log->troubles.size(), 1u);
  CHECK_EQ(log->troubles[0], "http://gpu:11434");
  CHECK_EQ(log->reloads[0], "llava");
  caf::anon_send(node["n1"].link, host_state{"http://gpu:11434", true, 1, 0.5, {{"llava:latest", "8dd30f6b"}}, false});
  settle();
  auto& said = reader["r1"].heard->hosts.back();
  CHECK_EQ(said.trouble, 17u);
  CHECK_EQ(said.gpu_share, 0.5);
  REQUIRE_EQ(said.loaded.size(), 1u);
  CHECK_EQ(said.loaded[0].name, "llava:latest");
  CHECK_EQ(said.loaded[0].digest, "8dd30f6b");
  CHECK(!said.has_room);
}

TEST_CASE(
  "of the models that a node says it has loaded, those are taken that a model can be called, and not too many") {
  new_reader("r1");
  new_node("n1", 1);
  std::vector<model_in_memory> loaded{{std::string(100'000, 'x'), ""}};
  for (std::size_t i = 0; i < 10 * loaded_models_max; ++i)
    loaded.push_back({"model-" + std::to_string(i), ""});
  caf::anon_send(node["n1"].link, host_state{"http://gpu:11434", true, 0, 1, loaded, true});
  settle();
  auto& said = reader["r1"].heard->hosts.back();
  CHECK_EQ(said.loaded.size(), loaded_models_max - 1);
  CHECK_EQ(said.loaded[0].name, "model-0");
}

TEST_CASE("a node that is stopped gives back what it has not begun, finishes the rest and leaves") {
  new_reader("r1");
  new_node("n1", 2);
  assign("r1", 0, work(7, 5));
  auto drained = std::make_shared<bool>(false);
  keep(caf::actor_cast<caf::strong_actor_ptr>(
    sys.spawn([link = node["n1"].link, drained](caf::event_based_actor* client) -> caf::behavior {
      client->request(link, caf::infinite, drain{}).then([drained] { *drained = true; });
      return {[](int) {}};
    })));
  // A slot that was offered before is used in vain.
  assign("r1", 1, work(8, 6));
  CHECK_EQ(answer_of("r1", 0), "node_lost");
  CHECK(!*drained);
  model_with("n1", "id-5")->answer("yes");
  settle();
  CHECK_EQ(answer_of("r1", 1), "yes");
  tell_nodes("r1", requests_settled{{key(5).record}});
  pass(100ms);
  CHECK(*drained);
  CHECK(!alive(caf::actor_cast<caf::strong_actor_ptr>(reader["r1"].heard->workers[0].worker)));
}

END_FIXTURE_SCOPE()
