// Runs our transaction ports and group members against a real broker, one command a line on its input, one line each in
// answer. tests/integration/transaction_case.py gives the commands and looks at the broker with clients of its own.
//
//   transaction_driver BOOTSTRAP REQUESTS_TOPIC REPLIES_TOPIC GROUP
//
//   join M                   joined M            a member of the group; it and the others answer rebalances meanwhile
//   leave M                  left M
//   save M NAME              saved NAME US       its membership under a name; US: microseconds of the slowest of 100
//                                                calls
//   positions M              positions P:OFFSET:METADATA ...      late, and the last reason, when they are not to be
//   had in time open P ID MS QUEUE       opened P            a port with this transactional id, both time limits of a
//   transaction
//                                                and the most records that its client may hold; 0: what the service has
//   run P NAME PREFIX COUNT BYTES [PARTITION:OFFSET:METADATA]...
//                            running P           COUNT records with the keys PREFIX0, PREFIX1, ...; NAME: a membership
//   await P MS               ready | committed | aborted | too_large | unclear | nothing, and the reason; too_large:
//   aborted
//                                                for the size of a record
//   many P NAME PREFIX TRANSACTIONS RECORDS
//                            ended COMMITTED SECONDS WORST_MS     each also moves partition 0 on by one
//   destroy P                destroyed MS
// The end of the input destroys all; then `clean`, or `blocked` when a call did not return within 2 s, which ends the
// process as runtime/node/service.cpp does.

#include "actors/telemetry/log.hpp"
#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/publisher.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

using namespace mp;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

const char* name_of(const transaction_outcome& outcome) {
  static constexpr std::array names{"committed", "aborted", "unclear"};
  const auto large = std::any_of(outcome.refused.begin(), outcome.refused.end(),
                                 [](const auto& each) { return each.result == delivery_result::too_large; });
  return large ? "too_large" : names[static_cast<std::size_t>(outcome.result)];
}

struct driver {
  std::string bootstrap, requests, replies, group;
  std::map<std::string, member> members;
  std::map<std::string, publisher> ports;
  std::map<std::string, std::string> memberships{{"-", ""}};

  void serve_until(const std::function<bool()>& done) {
    const auto deadline = clock_type::now() + 30s;
    while (!done() && clock_type::now() < deadline)
      for (auto& [name, each] : members)
        each.run_until(done, 10ms);
  }

  kafka::transaction_options options(const std::string& id, int limit_ms, int queue) const {
    kafka::transaction_options o;
    o.producer = {bootstrap, replies, replies, replies, {{"reconnect.backoff.max.ms", "200"}}};
    o.requests_topic = requests;
    o.transactional_id = id;
    if (limit_ms > 0)
      o.send_limit = o.end_limit = std::chrono::milliseconds{limit_ms};
    if (queue > 0)
      o.producer.properties.emplace_back("queue.buffering.max.messages", std::to_string(queue));
    return o;
  }

  std::vector<shared_outgoing> records(const std::string& prefix, int first, int count, std::size_t bytes) const {
    std::vector<shared_outgoing> made;
    for (auto i = first; i < first + count; ++i) {
      const auto key = prefix + std::to_string(i);
      made.push_back(shared_outgoing{outgoing{destination::text_reply, key, std::string(bytes, 'x'), {}}});
    }
    return made;
  }

  std::string join(const std::string& name) {
    kafka::consumer_options o;
    o.bootstrap = bootstrap;
    o.topic = requests;
    o.group = group;
    o.properties = {{"session.timeout.ms", "6000"}, {"heartbeat.interval.ms", "300"}};
    auto& joining = members.try_emplace(name, std::move(o)).first->second;
    serve_until([&] { return !joining.held.empty(); });
    return joining.held.empty() ? "late" : "joined " + name;
  }

  std::string leave(const std::string& name) {
    auto& leaving = members.at(name);
    leaving.port->close();
    serve_until([&] { return leaving.port->closed(); });
    members.erase(name);
    return "left " + name;
  }

  std::string save(const std::string& member_name, const std::string& name) {
    clock_type::duration slowest{0};
    for (int i = 0; i < 100; ++i) {
      const auto began = clock_type::now();
      memberships[name] = members.at(member_name).port->membership();
      slowest = std::max(slowest, clock_type::now() - began);
    }
    return "saved " + name + " " + std::to_string(slowest / 1us);
  }

  /// Rebalances are answered meanwhile: a member that the broker took for dead has to join again first.
  std::string positions(const std::string& name) {
    auto& asking = members.at(name);
    std::ostringstream answer;
    std::string reason;
    asking.hear = [&](const group_event& event) {
      if (const auto* unavailable = std::get_if<positions_unavailable>(&event))
        reason = unavailable->reason;
      const auto* loaded = std::get_if<positions_loaded>(&event);
      if (!loaded || loaded->positions.empty() || answer.tellp() > 0)
        return;
      answer << "positions";
      for (const auto& each : loaded->positions)
        answer << " " << each.partition << ":" << each.offset << ":" << each.metadata;
    };
    if (!asking.held.empty())
      asking.port->load_positions({asking.held.begin(), asking.held.end()});
    asking.run_until([&] { return answer.tellp() > 0; },
                     55s); // a killed broker may hold an open transaction back for as long as that
    asking.hear = nullptr;
    return answer.tellp() > 0 ? answer.str() : "late " + reason;
  }

  std::string run(std::istringstream& words) {
    std::string port, membership, prefix, place;
    int count = 0;
    std::size_t bytes = 0;
    words >> port >> membership >> prefix >> count >> bytes;
    transaction what{records(prefix, 0, count, bytes), {}, memberships.at(membership)};
    while (words >> place) {
      std::istringstream parts{place};
      position p;
      char colon = 0;
      parts >> p.partition >> colon >> p.offset >> colon >> p.metadata;
      what.offsets.push_back(p);
    }
    ports.at(port).port->run(std::move(what));
    return "running " + port;
  }

  std::string await(const std::string& name, int limit_ms) {
    const auto event = ports.at(name).events.next(std::chrono::milliseconds{limit_ms});
    if (!event)
      return "nothing";
    if (const auto* outcome = std::get_if<transaction_outcome>(&*event))
      return name_of(*outcome) + (" " + outcome->reason);
    return "ready";
  }

  std::string many(std::istringstream& words) {
    std::string port, membership, prefix;
    int transactions = 0, count = 0, committed = 0;
    words >> port >> membership >> prefix >> transactions >> count;
    clock_type::duration worst{0};
    const auto began = clock_type::now();
    for (int i = 0; i < transactions; ++i) {
      const auto each_began = clock_type::now();
      const auto outcome = ports.at(port).run(
        {records(prefix, i * count, count, 1000), {{0, i + 1, "a_bitmap"}}, memberships.at(membership)});
      committed += outcome && outcome->result == transaction_result::committed;
      worst = std::max(worst, clock_type::now() - each_began);
    }
    std::ostringstream answer;
    answer << "ended " << committed << " " << std::chrono::duration<double>(clock_type::now() - began).count() << " "
           << worst / 1ms;
    return answer.str();
  }

  std::string destroy(const std::string& name) {
    const auto began = clock_type::now();
    ports.at(name).port.reset();
    const auto took = clock_type::now() - began;
    ports.erase(name);
    return "destroyed " + std::to_string(took / 1ms);
  }

  std::string obey(const std::string& line) {
    std::istringstream words{line};
    std::string verb, first, second;
    words >> verb;
    if (verb == "run")
      return run(words);
    if (verb == "many")
      return many(words);
    words >> first >> second;
    if (verb == "join")
      return join(first);
    if (verb == "leave")
      return leave(first);
    if (verb == "save")
      return save(first, second);
    if (verb == "positions")
      return positions(first);
    if (verb == "await")
      return await(first, std::stoi(second));
    if (verb == "destroy")
      return destroy(first);
    if (verb == "open") {
      int limit_ms = 0, queue = 0;
      words >> limit_ms >> queue;
      ports.try_emplace(first, options(second, limit_ms, queue));
      return "opened " + first;
    }
    return "what? " + line;
  }
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: transaction_driver BOOTSTRAP REQUESTS_TOPIC REPLIES_TOPIC GROUP\n";
    return 2;
  }
  log::configure(log::level::info, log::line_format::logfmt,
                 [](std::string_view line) { std::cerr << line << std::endl; });
  {
    driver d{argv[1], argv[2], argv[3], argv[4], {}, {}};
    for (std::string line; std::getline(std::cin, line);)
      std::cout << d.obey(line) << std::endl;
  }
  const auto clean = kafka::background()->wait(2s);
  std::cout << (clean ? "clean" : "blocked") << std::endl;
  if (!clean)
    std::_Exit(EXIT_FAILURE);
  return EXIT_SUCCESS;
}
