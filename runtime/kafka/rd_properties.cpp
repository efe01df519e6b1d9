#include "runtime/kafka/rd_properties.hpp"

#include "runtime/kafka/rd_log.hpp"

#include <array>
#include <stdexcept>

namespace mp::rd {

namespace {

struct owned_property {
  std::string_view name;
  std::string_view why;
};

/// What the promises of this service rest on.
constexpr std::array owned_properties{
  owned_property{"enable.auto.commit", "offsets are committed when their replies are acknowledged"},
  owned_property{"auto.commit.enable", "offsets are committed when their replies are acknowledged"},
  owned_property{"enable.auto.offset.store", "offsets are committed when their replies are acknowledged"},
  owned_property{"offset.store.method", "offsets are committed to the broker"},
  owned_property{"partition.assignment.strategy", "the reader only knows cooperative-sticky"},
  owned_property{"group.protocol", "the reader only knows the classic protocol"},
  owned_property{"enable.idempotence", "the producer has to be idempotent"},
  owned_property{"enable.gapless.guarantee", "one refused record must not stop the others"},
  owned_property{"transactional.id", "it is made from DELIVERY"},
  owned_property{"acks", "a reply counts when all in-sync replicas have it"},
  owned_property{"request.required.acks", "a reply counts when all in-sync replicas have it"},
  owned_property{"delivery.report.only.error", "every acknowledgement is needed"},
  owned_property{"allow.auto.create.topics", "topics are never created by reading them"},
  owned_property{"enable.partition.eof", "nothing here asks for it"},
};

} // namespace

std::optional<std::string> property_fault(const std::string& name, const std::string& value) {
  for (const auto& owned : owned_properties)
    if (owned.name == name)
      return "is set by the program: " + std::string{owned.why};
  conf_ptr scratch{rd_kafka_conf_new()};
  std::array<char, 512> text{};
  switch (rd_kafka_conf_set(scratch.get(), name.c_str(), value.c_str(), text.data(), text.size())) {
    case RD_KAFKA_CONF_OK: return std::nullopt;
    case RD_KAFKA_CONF_UNKNOWN: return "unknown property";
    case RD_KAFKA_CONF_INVALID: {
      std::string why{text.data()};
      why.erase(why.find_last_not_of(" \n") + 1);
      return why;
    }
  }
  return "cannot be set";
}

conf_ptr make_conf(const property_list& ours, const property_list& users, int events) {
  conf_ptr conf{rd_kafka_conf_new()};
  for (const auto* list : {&ours, &users})
    for (const auto& [name, value] : *list) {
      std::array<char, 512> text{};
      if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text.data(), text.size()) != RD_KAFKA_CONF_OK)
        throw std::runtime_error("Kafka property " + name + ": " + text.data());
    }
  rd_kafka_conf_set_log_cb(conf.get(), take_log_line);
  rd_kafka_conf_set_events(conf.get(), events);
  return conf;
}

rd_kafka_t* make_handle(rd_kafka_type_t type, conf_ptr conf) {
  std::array<char, 512> text{};
  auto* handle = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (!handle)
    throw std::runtime_error("Kafka client: " + std::string{text.data()});
  conf.release(); // the handle owns it now
  return handle;
}

} // namespace mp::rd
