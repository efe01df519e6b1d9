#include "runtime/node/assembly.hpp"

#include "actors/telemetry/log.hpp"
#include "actors/threads/mutex.hpp"
#include "runtime/kafka/rd_consumer.hpp"
#include "runtime/kafka/rd_producer.hpp"
#include "runtime/kafka/rd_transactions.hpp"
#include "runtime/node/instance_id.hpp"
#include "runtime/node/spoken_protocols.hpp"

#include <atomic>
#include <random>

namespace mp {
namespace {

using namespace std::chrono_literals;

// The port's own bound on a silent socket stands above the limit that the worker watches, which so always strikes
// first.
constexpr auto call_max_margin = 10s;

/// Makes ports for a reader whose instance id was made of host and port. Another host of the same name may have it too,
/// so once it is fenced it goes on without one.
auto reader_ports(kafka::consumer_options options) {
  auto in_use = std::make_shared<std::atomic<bool>>(false);
  if (options.instance_id_is_made && !options.instance_id.empty())
    options.fenced = [in_use, id = options.instance_id] {
      in_use->store(true);
      log::warning("group_instance_id_in_use",
                   {{"id", id},
                    {"remedy", "this instance goes on without one"},
                    {"advice", "give each instance its own GROUP_INSTANCE_ID, or hosts names of their own"}});
    };
  return [options = std::move(options), in_use] {
    auto own = options;
    if (*in_use)
      own.instance_id.clear();
    return std::make_unique<kafka::rd_consumer>(std::move(own));
  };
}

/// The same for a producer whose transactional id was made. It is fenced by the next start of the same instance as
/// well, should this one be taken for dead, and by the broker after a transaction that took too long: so not the first
/// time.
auto transaction_ports(kafka::transaction_options options, bool made) {
  constexpr unsigned fencings_max = 2;
  auto fencings = std::make_shared<std::atomic<unsigned>>(0);
  if (made)
    options.fenced = [fencings] { ++*fencings; };
  return [options = std::move(options), fencings, own = std::to_string(std::random_device{}())] {
    auto chosen = options;
    if (*fencings >= fencings_max) {
      chosen.transactional_id += '-' + own;
      chosen.fenced = nullptr;
    }
    return std::make_unique<kafka::rd_transactions>(std::move(chosen));
  };
}

/// Random numbers for several threads.
class shared_random {
public:
  double operator()() {
    const scoped_lock guard{mutex_};
    return uniform_(engine_);
  }

private:
  mutex mutex_;
  std::mt19937_64 engine_ MP_GUARDED_BY(mutex_){std::random_device{}()};
  std::uniform_real_distribution<double> uniform_ MP_GUARDED_BY(mutex_){0.0, 1.0};
};

} // namespace

std::shared_ptr<const ollama::ollama_host> host_of(const settings& chosen, const config::host_address& address,
                                                   std::shared_ptr<schema_cache> schemas) {
  ollama::ollama_host host;
  host.address = address;
  host.chat.answer_tokens_max = chosen.ollama_num_predict;
  if (chosen.ollama_num_ctx > 0)
    host.chat.context_tokens = chosen.ollama_num_ctx;
  host.chat.temperature = chosen.ollama_temperature;
  host.chat.keep_alive = chosen.ollama_keep_alive;
  host.chat.photo_schema = chosen.response_schema_json;
  host.limits.answer_bytes_max = chosen.max_answer_bytes;
  host.limits.line_bytes_max = 2 * chosen.max_answer_bytes;
  host.connect_max = chosen.ollama_connect_timeout;
  host.call_max = chosen.ollama_request_timeout + call_max_margin;
  host.small_request_max = chosen.ollama_health_timeout;
  host.load_max = chosen.ollama_load_timeout;
  host.photos.side_max = chosen.photo_max_side;
  host.photos.decode_all = chosen.photo_check == photo_checking::decode;
  host.photos.pixels_max = chosen.max_photo_pixels;
  if (schemas)
    host.accepts_schema = [schemas = std::move(schemas)](std::string_view schema) {
      return std::holds_alternative<std::shared_ptr<const answer_schema>>(schemas->get(schema));
    };
  host.webp_by_version = chosen.photo_webp == webp_photos::by_version;
  return std::make_shared<const ollama::ollama_host>(std::move(host));
}

model_routes routes_of(const settings& chosen) {
  return {chosen.ollama_model, chosen.ollama_vision_model, chosen.ollama_text_model, chosen.model_routes,
          chosen.allowed_models};
}

ollama::wanted_models wanted_of(const settings& chosen) {
  return {routed_models(routes_of(chosen)), chosen.model_digests};
}

kafka::property_list user_properties(const settings& chosen) {
  return {chosen.kafka_properties.begin(), chosen.kafka_properties.end()};
}

kafka::consumer_options reader_options(const settings& chosen, const kafka::property_list& extra) {
  kafka::consumer_options options;
  options.bootstrap = chosen.bootstrap_server;
  options.topic = chosen.request_topic;
  options.group = chosen.consumer_group;
  options.instance_id = instance_id_of(chosen);
  options.instance_id_is_made = chosen.group_instance_id.empty();
  options.record_bytes_max = chosen.max_request_bytes;
  options.properties = extra;
  for (const auto& each : chosen.kafka_properties)
    options.properties.push_back(each);
  return options;
}

kafka::producer_options publisher_options(const settings& chosen) {
  kafka::producer_options options;
  options.bootstrap = chosen.bootstrap_server;
  options.photo_reply_topic = chosen.photo_reply_topic;
  options.text_reply_topic = chosen.text_reply_topic;
  options.dead_letter_topic = chosen.dead_letter_topic;
  options.properties = user_properties(chosen);
  return options;
}

kafka::transaction_options transactions_options(const settings& chosen) {
  kafka::transaction_options options;
  options.producer = publisher_options(chosen);
  options.requests_topic = chosen.request_topic;
  options.transactional_id = transactional_id_of(chosen);
  return options;
}

kafka::client_options asking_options(const settings& chosen) {
  kafka::client_options options;
  options.bootstrap = chosen.bootstrap_server;
  options.request_topic = chosen.request_topic;
  options.reply_topics = {chosen.photo_reply_topic, chosen.text_reply_topic};
  options.properties = user_properties(chosen);
  return options;
}

namespace {

/// What readers and worker nodes have in common: their model hosts, with a worker for each slot.
service_config with_hosts(const settings& chosen, const std::shared_ptr<mp::metrics>& metrics,
                          const std::shared_ptr<threads::background_threads>& background) {
  service_config tree;
#ifdef NDEBUG
  tree.invariants_checked =
    false; // a message too many is better handled than a cause to crash, and looking for one costs time
#endif
  tree.directory = std::make_shared<actor_directory>();
  tree.metrics = metrics;
  tree.random = [random = std::make_shared<shared_random>()] { return (*random)(); };

  tree.health.models = wanted_of(chosen).names;
  tree.health.probe_interval = chosen.ollama_health_interval;
  tree.health.directory = tree.directory;
  tree.health.metrics = metrics;
  for (const auto& address : chosen.ollama_hosts) {
    auto host = host_of(chosen, address, tree.sanitizer.schemas);
    auto name = address.url();
    tree.health.hosts.push_back({name, [host, background, wanted = wanted_of(chosen)] {
                                   return std::make_unique<ollama::http_host>(host, wanted, background);
                                 }});
    worker_config worker;
    worker.host = name;
    worker.make_port = [host, background] { return std::make_unique<ollama::http_model>(host, background); };
    worker.limits.first_byte = chosen.ollama_first_byte_timeout;
    worker.limits.idle = chosen.ollama_idle_timeout;
    worker.limits.whole = chosen.ollama_request_timeout;
    worker.directory = tree.directory;
    tree.workers.push_back({worker, chosen.concurrent_requests});
  }
  return tree;
}

} // namespace

std::uint64_t incarnation_now() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
}

service_config assemble_worker(const settings& chosen, const std::shared_ptr<mp::metrics>& metrics,
                               const std::shared_ptr<threads::background_threads>& background) {
  auto tree = with_hosts(chosen, metrics, background);
  auto& link = tree.link;
  link.incarnation = incarnation_now();
  link.version = MP_VERSION;
  link.protocols = spoken_protocols();
  for (const auto& each : tree.workers)
    link.hosts.push_back({each.each.host, static_cast<std::uint32_t>(each.slots)});
  link.join = chosen.node_join;
  link.random = tree.random;
  link.held = {chosen.orphan_answer_keep, chosen.max_in_flight_bytes};
  link.bytes_max = chosen.max_in_flight_bytes;
  link.directory = tree.directory;
  link.metrics = metrics;
  return tree;
}

service_config assemble(const settings& chosen, const std::shared_ptr<mp::metrics>& metrics,
                        const std::shared_ptr<threads::background_threads>& background,
                        const kafka::property_list& extra_consumer_properties) {
  auto tree = with_hosts(chosen, metrics, background);
  tree.producer.make_port = [options = publisher_options(chosen)] {
    return std::make_unique<kafka::rd_producer>(options);
  };
  tree.producer.directory = tree.directory;
  if (chosen.delivery == delivery_mode::exactly_once) {
    tree.producer.make_transactions = transaction_ports(transactions_options(chosen), chosen.transactional_id.empty());
    tree.producer.transaction_interval = chosen.transaction_interval;
    tree.reader.transactional = true;
  }
  tree.sanitizer.limits.answer_bytes_max = chosen.max_answer_bytes;
  tree.sanitizer.directory = tree.directory;
  if (!chosen.response_schema_json.empty())
    tree.sanitizer.photo_schema =
      std::get<std::shared_ptr<const answer_schema>>(answer_schema::compile(chosen.response_schema_json));

  tree.dispatcher.routes = routes_of(chosen);
  tree.dispatcher.requests_topic = chosen.request_topic;
  tree.dispatcher.output_topics = kafka::topics_of(publisher_options(chosen));
  tree.dispatcher.intake.ahead = chosen.batch_size;
  tree.dispatcher.intake.bytes_max = static_cast<std::int64_t>(chosen.max_in_flight_bytes);
  tree.dispatcher.intake.held_max =
    chosen.concurrent_requests * chosen.ollama_hosts.size() + chosen.batch_size + tree.producer.window;
  if (chosen.node_port > 0) {
    tree.nodes.emplace();
    tree.nodes->version = MP_VERSION;
    tree.nodes->protocols = spoken_protocols();
    tree.nodes->topic = chosen.request_topic;
    tree.nodes->slots_max = chosen.node_slots_max;
    tree.nodes->bytes_max = chosen.max_in_flight_bytes;
    tree.nodes->directory = tree.directory;
    tree.nodes->metrics = metrics;
    tree.dispatcher.intake.held_max += chosen.node_slots_max;
  }
  tree.dispatcher.keep = {chosen.answer_keep, chosen.max_in_flight_bytes / 4};
  tree.dispatcher.retry.attempts_max = chosen.max_attempts;
  tree.dispatcher.retry.backoff_first = chosen.retry_backoff;
  tree.dispatcher.retry.backoff_limit = chosen.retry_backoff_max;
  tree.dispatcher.reask_rounds = chosen.reask_rounds;
  tree.dispatcher.idle_max = chosen.ollama_idle_timeout;
  tree.dispatcher.dead_letters.stop_percent = chosen.dead_letter_stop;
  tree.dispatcher.rate_limit = chosen.rate_limit_per_user;
  tree.dispatcher.order_by_key = chosen.order == reply_order::key;
  tree.dispatcher.random = tree.random;
  tree.dispatcher.wall_clock = [] { return std::chrono::system_clock::now(); };
  tree.dispatcher.metrics = metrics;

  tree.reader.make_port = reader_ports(reader_options(chosen, extra_consumer_properties));
  tree.reader.next_assignment = [assignment = std::make_shared<std::atomic<std::uint32_t>>(0)] {
    return ++*assignment;
  };
  tree.reader.decode.bytes_max = chosen.max_request_bytes;
  tree.reader.decode.expected_user_email = chosen.expected_user_email;
  tree.reader.decode.keep_body = chosen.dead_letter_payload == dead_letter_payload::full;
  tree.reader.decode.photo_pixels_max = chosen.max_photo_pixels;
  tree.reader.decode.webp_allowed = chosen.photo_webp != webp_photos::refused;
  if (chosen.request_max_age.count() > 0)
    tree.reader.request_max_age = chosen.request_max_age;
  tree.reader.commit_interval = chosen.commit_interval;
  tree.reader.rebalance_grace = chosen.rebalance_grace;
  tree.reader.directory = tree.directory;
  tree.reader.metrics = metrics;
  return tree;
}

} // namespace mp
