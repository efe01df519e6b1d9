#pragma once
// Everything that is Kafka: the topics, the group, what is between them and their clients.

#include "tests/simulation/oracle.hpp"
#include "tests/simulation/sim_kafka/control_arm.hpp"
#include "tests/simulation/sim_kafka/group.hpp"
#include "tests/simulation/sim_kafka/network.hpp"
#include "tests/simulation/sim_kafka/reply_topics.hpp"
#include "tests/simulation/sim_kafka/requests_topic.hpp"
#include "tests/simulation/sim_kafka/transactions.hpp"

namespace mp::sim {

struct broker_limits {
  std::int32_t partitions = 2;
  duration latency{std::chrono::milliseconds{2}};
  group_limits group{};
  duration heartbeat{std::chrono::milliseconds{500}};
  duration delivery{std::chrono::seconds{10}};    ///< a producer gives a record up after this time
  duration transaction{std::chrono::seconds{30}}; ///< an open transaction is aborted after this time
  std::size_t producer_queue = 64;                ///< records that a producer's queue holds
  duration fetch_backoff{std::chrono::milliseconds{200}}; ///< between two tries to read what cannot be read
  std::size_t fetch_records = 20;                 ///< records that a consumer reads ahead per partition
  bool picky_replies = false;                     ///< see reply_topics
};

struct broker {
  sim_context& world;
  oracle& judge;
  broker_limits limits;
  control_arm arm;
  network net;
  requests_topic requests;
  reply_topics replies;
  group members;
  transactions transacted;
  int next_client = 1; ///< numbers of clients

  /// A record is stored in a reply topic, and may be read at once.
  void store(const outgoing& record) {
    world.note("stored: ", record.to == destination::dead_letter ? "dead letter of r" : "reply to r",
               number_of(record.headers));
    judge.visible(record, world.time.now());
  }

  broker(sim_context& w, oracle& j, broker_limits given, control_arm a)
    : world(w), judge(j), limits(given), arm(a), net(w, given.latency),
      requests(static_cast<std::size_t>(given.partitions)), replies(j, given.picky_replies),
      members(w, net, j, given.partitions, given.group, a),
      transacted(w, net, members, given.transaction, a, [this](const outgoing& record) { store(record); }) {}
};

} // namespace mp::sim
