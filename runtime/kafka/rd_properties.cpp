#include "runtime/kafka/rd_properties.hpp"

#include "runtime/kafka/rd_log.hpp"

#include <array>
#include <stdexcept>

namespace mp::kafka {

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
  static_cast<void>(conf.release()); // the handle owns it now
  return handle;
}

} // namespace mp::kafka
