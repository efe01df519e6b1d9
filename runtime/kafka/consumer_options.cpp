#include "runtime/kafka/consumer_options.hpp"

#include "runtime/kafka/lost_brokers.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mp::kafka {

namespace {

constexpr int wanted_events = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_OFFSET_COMMIT
                              | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS;

/// Below this a fetch would cost more than it brings, above it a fetch is no longer one of many.
constexpr std::size_t fetch_bytes_min = std::size_t{64} << 10, fetch_bytes_max = std::size_t{64} << 20;

/// Small records weigh more in librdkafka's memory than their bytes (about 0.5 KB each), hence a limit by number too.
/// It is reached before queued.max.messages.kbytes where keys and headers, which that does not count, are large. 200
/// per partition come again in a tenth of a second at the highest rate measured.
constexpr std::size_t prefetch_records_max = 200;

/// Senders compress batches of some megabytes at most; what unpacks to more is a mistake or an attack.
constexpr std::size_t unpack_bytes_min = std::size_t{32} << 20;

/// What a batch has besides its only record's key, body and headers.
constexpr std::size_t batch_overhead_max = std::size_t{1} << 20;

} // namespace

std::size_t unpack_bytes_max(const consumer_options& options) {
  return std::max(unpack_bytes_min, options.record_bytes_max + batch_overhead_max);
}

conf_ptr consumer_conf(const consumer_options& options) {
  // Per partition: what is queued when a fetch starts, and what the fetch brings.
  const auto share = options.prefetch_bytes / std::max<std::size_t>(options.partitions_expected, 1);
  const auto fetch_bytes = std::clamp(share / 2, fetch_bytes_min, fetch_bytes_max);
  property_list ours{
    {"bootstrap.servers", options.bootstrap},
    {"client.id", "models-processor"},
    {"group.id", options.group},
    {"partition.assignment.strategy", "cooperative-sticky"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "earliest"},
    {"isolation.level", "read_committed"},
    {"enable.partition.eof",
     "true"}, // tells how far reading is where no record follows, as behind a transaction's marker
    // Partitions that were added, and a topic that was made anew under its name, are found in this time; the client's
    // default is 5 min.
    {"topic.metadata.refresh.interval.ms", "10000"},
    {"queued.min.messages", std::to_string(prefetch_records_max)},
    {"queued.max.messages.kbytes", std::to_string(fetch_bytes >> 10)},
    // A larger record still comes, in a fetch of its own (KIP-74); librdkafka takes answers up to 100 MB.
    {"max.partition.fetch.bytes", std::to_string(fetch_bytes)},
    {"fetch.max.bytes", std::to_string(std::max(options.prefetch_bytes / 2, fetch_bytes))},
    // Ours, see deploy/patches/librdkafka.patch.
    {"fetch.unpack.max.bytes", std::to_string(unpack_bytes_max(options))},
    {"fetch.held.max.bytes", std::to_string(options.prefetch_bytes)},
    {"message.max.bytes", std::to_string(fetch_bytes_min)}, // nothing is sent, but fetch.max.bytes must not be below it
    // A full queue is looked at again after this time; the default of a second would starve small queues [kafka 14].
    {"fetch.queue.backoff.ms", "10"},
    // A partition whose queue has just got room waits for the running fetch of the others, hence not the default of
    // 500.
    {"fetch.wait.max.ms", "50"},
    // A batch that cannot be read is tried again in this time; the default of half a second would make a few hundred of
    // them cost minutes (actors/kafka_reader/unreadable_search.hpp).
    {"fetch.error.backoff.ms", "100"},
    {"reconnect.backoff.max.ms", "2000"},
    {"socket.timeout.ms", std::to_string(answer_max.count())},
    {"api.version.request.timeout.ms", std::to_string(first_answer_max.count())},
    {"statistics.interval.ms", std::to_string(statistics_interval.count())},
  };
  if (!options.instance_id.empty())
    ours.emplace_back("group.instance.id", options.instance_id);
  // One that was given a name is waited for: the client's default of 45 s.
  if (options.instance_id.empty() || options.instance_id_is_made) {
    // The partitions of a member that was killed are silent until its session is over. Less than this would cost the
    // membership when the coordinator's broker dies: Kafka took up to 5 s to appoint another one (measured with three
    // brokers). Of a broker that stands still a heartbeat tells after socket.timeout.ms; so there is time for a second
    // one, to its successor.
    ours.emplace_back("session.timeout.ms", "7000");
    ours.emplace_back("heartbeat.interval.ms", "1500");
  }
  auto users = options.properties;
  // Meant for the producer; here it would raise the limit of a fetch.
  std::erase_if(users, [](const name_and_text& each) { return each.first == "message.max.bytes"; });
  return make_conf(ours, users, wanted_events);
}

std::int64_t start_without_commit(const rd_kafka_conf_t* conf) {
  std::array<char, 32> value{};
  auto size = value.size();
  if (rd_kafka_conf_get(conf, "auto.offset.reset", value.data(), &size) != RD_KAFKA_CONF_OK)
    return RD_KAFKA_OFFSET_BEGINNING;
  const std::string_view reset{value.data()};
  if (reset == "latest" || reset == "largest" || reset == "end")
    return RD_KAFKA_OFFSET_END;
  return reset == "error" ? RD_KAFKA_OFFSET_INVALID : RD_KAFKA_OFFSET_BEGINNING;
}

} // namespace mp::kafka
