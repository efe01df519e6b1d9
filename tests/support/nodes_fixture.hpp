#pragma once
// Readers and worker nodes in one actor system, each reader with a dispatcher that only keeps what it is sent.

#include "actors/node_link/node_entrance.hpp"
#include "actors/node_link/node_link.hpp"
#include "actors/node_link/worker_nodes.hpp"
#include "actors/ollama_worker/ollama_worker.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/recorders.hpp"

#include <caf/send.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mp::test {

/// Who answers at which name. A name that is missing leads nowhere.
struct fake_readers {
  std::map<std::string, node_entrance_actor> there;
  std::vector<std::string> dialled;
};

class fake_reader_port final : public reader_port {
public:
  explicit fake_reader_port(std::shared_ptr<fake_readers> readers) : readers_(std::move(readers)) {}

  void dial(const std::string& name, ended tell) override {
    readers_->dialled.push_back(name);
    auto i = readers_->there.find(name);
    if (i == readers_->there.end())
      tell({name, {{name, {}, "nobody answers"}}, {}});
    else
      tell({name, {{name, i->second, {}}}, {}});
  }

private:
  std::shared_ptr<fake_readers> readers_;
};

struct nodes_fixture : actor_fixture {
  struct reader_side {
    std::shared_ptr<actor_directory> directory = std::make_shared<actor_directory>();
    std::shared_ptr<dispatcher_log> heard = std::make_shared<dispatcher_log>();
    dispatcher_actor dispatcher;
    worker_nodes_actor nodes;
    node_entrance_actor entrance; ///< null: nodes reach `nodes` directly
  };

  struct node_side {
    std::shared_ptr<actor_directory> directory = std::make_shared<actor_directory>();
    std::vector<std::shared_ptr<fake_model>> models;
    std::vector<ollama_worker_actor> workers;
    node_link_actor link;
  };

  std::shared_ptr<fake_readers> readers = std::make_shared<fake_readers>();
  std::map<std::string, reader_side> reader; // by name
  std::map<std::string, node_side> node;     // by name
  std::vector<std::string> join{"r1"};
  std::uint64_t incarnation = 1;

  ~nodes_fixture() {
    readers->there.clear();
    reader.clear();
    node.clear();
  }

  void new_dispatcher(const std::string& name) {
    auto& at = reader[name];
    at.heard = std::make_shared<dispatcher_log>();
    at.dispatcher = spawn_recording_dispatcher(parent(), at.heard);
    keep(caf::actor_cast<caf::strong_actor_ptr>(at.dispatcher));
    at.directory->set_dispatcher(at.dispatcher);
    settle();
  }

  void new_worker_nodes(const std::string& name, node_protocols protocols = our_protocols) {
    auto& at = reader[name];
    worker_nodes_config config;
    config.name = name;
    config.version = "1";
    config.topic = "requests";
    config.protocols = protocols;
    config.directory = at.directory;
    config.metrics = metrics;
    at.nodes = spawn_worker_nodes(parent(), config);
    keep(caf::actor_cast<caf::strong_actor_ptr>(at.nodes));
    at.directory->set_worker_nodes(at.nodes);
    if (!at.entrance)
      readers->there[name] = at.nodes;
    settle();
  }

  void new_entrance(const std::string& name) {
    auto& at = reader[name];
    at.entrance = spawn_node_entrance(sys, at.directory);
    keep(caf::actor_cast<caf::strong_actor_ptr>(at.entrance));
    readers->there[name] = at.entrance;
  }

  void new_reader(const std::string& name, node_protocols protocols = our_protocols) {
    new_dispatcher(name);
    new_worker_nodes(name, protocols);
  }

  /// All actors of the reader end at once, as with its process.
  void kill_reader(const std::string& name) {
    auto& at = reader.at(name);
    readers->there.erase(name);
    kill(at.nodes);
    kill(at.dispatcher);
  }

  void new_worker(const std::string& name, const std::string& host = "http://gpu:11434") {
    auto& at = node.at(name);
    auto model = std::make_shared<fake_model>();
    worker_config config{host, [model] { return std::make_unique<fake_model_port>(model); }, call_limits{},
                         at.directory};
    at.models.push_back(model);
    at.workers.push_back(keep_as<ollama_worker_actor>(spawn_ollama_worker(parent(), config)));
    settle();
  }

  void new_node(const std::string& name, std::uint32_t slots, node_protocols protocols = our_protocols) {
    auto& at = node[name];
    node_link_config config;
    config.node = name;
    config.incarnation = incarnation;
    config.protocols = protocols;
    config.version = "1";
    config.hosts = {{"http://gpu:11434", slots}};
    config.join = join;
    config.make_port = [readers = readers] { return std::make_unique<fake_reader_port>(readers); };
    config.random = [] { return 0.5; };
    config.directory = at.directory;
    config.metrics = metrics;
    at.link = spawn_node_link(parent(), config);
    keep(caf::actor_cast<caf::strong_actor_ptr>(at.link));
    for (std::uint32_t i = 0; i < slots; ++i)
      new_worker(name);
    caf::anon_send(at.link, host_state{"http://gpu:11434", true});
    settle();
  }

  template <class Handle>
  void kill(const Handle& handle) {
    order_exit(caf::actor_cast<caf::strong_actor_ptr>(handle), caf::exit_reason::kill);
    settle();
  }

  // ---- the dispatcher of a reader ----

  static assignment work(std::uint64_t ticket, std::int64_t offset, std::size_t bytes = 100) {
    mp::request asked;
    asked.from = {0, 1, offset, 42};
    asked.id = "id-" + std::to_string(offset);
    asked.user_email = "someone@example.org";
    asked.prompt_json = text_slice{'"' + std::string(bytes, 'q') + '"'};
    return {ticket, 1, shared_request{std::move(asked)}, "llava"};
  }

  static call_key key(std::int64_t offset) { return {"requests", {0, offset, 42}}; }

  /// The dispatcher gives work to the remote worker that has started as the `index`-th.
  void assign(const std::string& name, std::size_t index, const assignment& what) {
    auto& at = reader.at(name);
    caf::send_as(at.dispatcher, at.heard->workers.at(index).worker, what);
    settle();
  }

  template <class Message>
  void tell_nodes(const std::string& name, Message message) {
    caf::send_as(reader.at(name).dispatcher, reader.at(name).nodes, std::move(message));
    settle();
  }

  /// The model of the node that works on the request, or null.
  std::shared_ptr<fake_model> model_with(const std::string& name, const std::string& id) {
    for (const auto& each : node.at(name).models)
      if (each->running && each->running->question->id == id)
        return each;
    return nullptr;
  }

  int calls(const std::string& name) {
    int sum = 0;
    for (const auto& each : node.at(name).models)
      sum += each->calls;
    return sum;
  }

  std::string answer_of(const std::string& name, std::size_t index = 0) {
    const auto& outcome = reader.at(name).heard->results.at(index).outcome;
    const auto* answer = std::get_if<raw_answer>(&outcome);
    return answer != nullptr ? std::string{answer->text.view()}
                             : std::string{code_of(std::get<call_failure>(outcome).why)};
  }
};

} // namespace mp::test
