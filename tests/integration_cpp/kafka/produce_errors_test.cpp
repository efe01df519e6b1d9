#define CAF_SUITE produce_errors
#include "tests/support/test.hpp"

#include "runtime/kafka/produce_errors.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

using namespace mp;
using namespace mp::kafka;

namespace {

using codes = std::set<rd_kafka_resp_err_t>;

/// All codes that librdkafka knows, by what they mean for a record.
std::map<delivery_result, codes> by_result() {
  const rd_kafka_err_desc* descriptions = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&descriptions, &count);
  std::map<delivery_result, codes> all;
  for (std::size_t i = 0; i < count; ++i)
    if (descriptions[i].name)
      all[result_of_produce(descriptions[i].code)].insert(descriptions[i].code);
  return all;
}

} // namespace

TEST_CASE("each code of librdkafka has one meaning, and those that are about a record or its topic are these") {
  auto all = by_result();
  CHECK(all[delivery_result::acknowledged] == codes{RD_KAFKA_RESP_ERR_NO_ERROR});
  CHECK(all[delivery_result::too_large]
        == (codes{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE}));
  CHECK(all[delivery_result::invalid] == codes{RD_KAFKA_RESP_ERR_INVALID_RECORD});
  CHECK(
    all[delivery_result::topic_refuses]
    == (codes{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
              RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID,
              RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
              RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
              RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
              RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP}));
  CHECK(all[delivery_result::rejected]
        == (codes{RD_KAFKA_RESP_ERR_POLICY_VIOLATION, RD_KAFKA_RESP_ERR_INVALID_REQUEST,
                  RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, RD_KAFKA_RESP_ERR_INVALID_CONFIG,
                  RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, RD_KAFKA_RESP_ERR_SECURITY_DISABLED, RD_KAFKA_RESP_ERR_UNKNOWN,
                  RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__INVALID_ARG}));
  CHECK(all[delivery_result::withdrawn].empty());
}

TEST_CASE("what passes by itself is a delivery that failed, to be made again") {
  for (auto code :
       {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
        RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR__FATAL})
    CHECK(result_of_produce(code) == delivery_result::failed);
}

TEST_CASE("a code of the future is a delivery that failed") {
  CHECK(result_of_produce(static_cast<rd_kafka_resp_err_t>(30'000)) == delivery_result::failed);
}

TEST_CASE("what a batch was refused for may be a neighbour's fault, what a topic refuses is not") {
  for (auto result : {delivery_result::too_large, delivery_result::invalid, delivery_result::rejected})
    CHECK(may_be_a_neighbours(result));
  for (auto result : {delivery_result::acknowledged, delivery_result::topic_refuses, delivery_result::failed,
                      delivery_result::withdrawn})
    CHECK(!may_be_a_neighbours(result));
}
