#include "runtime/kafka/lost_brokers.hpp"

#include "actors/telemetry/log.hpp"

#include <cstddef>
#include <string>

namespace mp::kafka {

namespace {

std::string bootstrap_of(rd_kafka_t* client) {
  const auto* conf = rd_kafka_conf(client);
  std::size_t size = 0; // with the NUL
  if (rd_kafka_conf_get(conf, "bootstrap.servers", nullptr, &size) != RD_KAFKA_CONF_OK || size == 0)
    return {};
  std::string text(size, '\0');
  rd_kafka_conf_get(conf, "bootstrap.servers", text.data(), &size);
  text.pop_back();
  return text;
}

} // namespace

bool names_a_broker(std::string_view statistics) {
  return statistics.find(R"("source":"learned")") != std::string_view::npos
         || statistics.find(R"("source":"configured")") != std::string_view::npos;
}

void find_lost_brokers(rd_kafka_t* client, rd_kafka_event_t* event) {
  const auto* statistics = rd_kafka_event_stats(event);
  if (!statistics || names_a_broker(statistics))
    return;
  log::warning("kafka_brokers_lost",
               {{"client", rd_kafka_name(client)}, {"remedy", "the bootstrap brokers are asked again"}});
  rd_kafka_brokers_add(client, bootstrap_of(client).c_str());
}

} // namespace mp::kafka
