#include "runtime/kafka/transaction_options.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace mp::kafka {

namespace {

std::int64_t number_of(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 32> text{};
  auto size = text.size();
  std::int64_t number = 0;
  if (rd_kafka_conf_get(conf, name, text.data(), &size) == RD_KAFKA_CONF_OK)
    std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

} // namespace

conf_ptr transaction_conf(const transaction_options& options) {
  auto ours = producer_properties(options.producer);
  ours.emplace_back("transactional.id", options.transactional_id);
  ours.emplace_back("transaction.timeout.ms", std::to_string(options.transaction_timeout.count()));
  // Just after a commit the broker refuses the next transaction until it has written the markers of the last one, some
  // ms later. Measured with 100 (the default), 50, 20, 10 and 5: 12, 21, 40, 49 and 64 transactions a second.
  ours.emplace_back("retry.backoff.ms", "10");
  ours.emplace_back("delivery.report.only.error", "true"); // which records a transaction was aborted for
  // The actor gives a transaction 2.5 s; its successor's first requests go through the same brokers.
  std::erase_if(ours, [](const name_and_text& each) { return each.first == "socket.timeout.ms"; });
  ours.emplace_back("socket.timeout.ms", std::to_string(transaction_answer_max.count()));
  const auto& users = options.producer.properties;
  auto conf = make_conf(ours, users, 0);
  // A record that was not delivered in two thirds of a transaction's time leaves the rest for its abort. Zero: no
  // limit.
  const auto longest = number_of(conf.get(), "transaction.timeout.ms") * 2 / 3;
  const auto wanted = number_of(conf.get(), "delivery.timeout.ms");
  if (wanted > 0 && wanted <= longest)
    return conf;
  ours.emplace_back("delivery.timeout.ms", std::to_string(longest));
  auto others = users;
  std::erase_if(others, [](const name_and_text& each) {
    return each.first == "delivery.timeout.ms" || each.first == "message.timeout.ms";
  });
  return make_conf(ours, others, 0);
}

} // namespace mp::kafka
