#pragma once
// From settings to the configuration of every actor, with the real ports.

#include "actors/service_tree.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/kafka/consumer_options.hpp"
#include "runtime/kafka/kafka_client.hpp"
#include "runtime/kafka/producer_options.hpp"
#include "runtime/kafka/transaction_options.hpp"
#include "runtime/ollama/http_host.hpp"
#include "runtime/ollama/http_model.hpp"

#include <memory>

namespace mp {

/// How a reader with these settings is configured. `extra` properties come before the user's, which win.
kafka::consumer_options reader_options(const settings& chosen, const kafka::property_list& extra = {});

/// How a producer with these settings is configured.
kafka::producer_options publisher_options(const settings& chosen);

/// How the commands speak to Kafka.
kafka::client_options asking_options(const settings& chosen);

/// The user's librdkafka properties.
kafka::property_list user_properties(const settings& chosen);

/// Which model answers which request.
model_routes routes_of(const settings& chosen);

/// What every model host has to have.
ollama::wanted_models wanted_of(const settings& chosen);

/// A model host of these settings, as its ports see it. Without `schemas` it does not look at the schemas of requests.
std::shared_ptr<const ollama::ollama_host> host_of(const settings& chosen, const config::host_address& address,
                                                   std::shared_ptr<schema_cache> schemas = nullptr);

/// How a transactional producer with these settings is configured.
kafka::transaction_options transactions_options(const settings& chosen);

/// A worker node, but for its name and its way to readers. `metrics` and `background` as below.
service_config assemble_worker(const settings& chosen, const std::shared_ptr<mp::metrics>& metrics,
                               const std::shared_ptr<threads::background_threads>& background);

/// The whole service, but for the name that worker nodes know it by. `metrics` and `background`, which waits for the
/// threads of the model calls, outlive the actors.
service_config assemble(const settings& chosen, const std::shared_ptr<mp::metrics>& metrics,
                        const std::shared_ptr<threads::background_threads>& background,
                        const kafka::property_list& extra_consumer_properties);

} // namespace mp
