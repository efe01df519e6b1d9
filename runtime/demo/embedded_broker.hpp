#pragma once
// A Kafka broker inside of this process, for the demo and for tests: librdkafka's mock cluster on a loopback port. It
// keeps 5 MiB per partition in memory and silently drops what is older, so it proves nothing about loss [kafka 11].

#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/rd_properties.hpp"

#include <librdkafka/rdkafka_mock.h>

#include <string>
#include <vector>

namespace mp {

class embedded_broker {
public:
  struct topic {
    std::string name;
    int partitions = 1;
  };

  /// Starts one broker with these topics; ready when it returns, in some 10 ms. Throws std::runtime_error.
  explicit embedded_broker(const std::vector<topic>& topics);

  /// Stops it. Its clients should be gone by now: what is left of them only finds a dead broker.
  ~embedded_broker() = default;

  /// 127.0.0.1 with a port chosen by the kernel.
  std::string bootstrap() const;

  /// What readers of this broker should set: it answers a fetch only at the end of its waiting time, even when data
  /// is there, and a group only rebalances after the session time less a second [kafka 13].
  static kafka::property_list consumer_properties();

  /// For tests that make it fail.
  rd_kafka_mock_cluster_t* cluster() const noexcept { return cluster_.get(); }

private:
  kafka::blocking_handle_ptr host_; ///< its own handle: the cluster dies with the handle that it lives in
  std::unique_ptr<rd_kafka_mock_cluster_t, kafka::calls<rd_kafka_mock_cluster_destroy>> cluster_;
};

} // namespace mp
