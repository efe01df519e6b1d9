#include "runtime/config/settings_table.hpp"

#include "messages/json/ascii.hpp"

namespace mp::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t KiB = 1u << 10;
constexpr std::size_t MiB = 1u << 20;
constexpr std::size_t GiB = 1u << 30;

constexpr text_rule topic{"1 to 249 letters, digits, dots, underscores and hyphens", is_topic};
constexpr text_rule name{"1 to 255 printable characters without blanks", is_name};
constexpr text_rule token{"empty, or at most 255 printable characters without blanks", is_empty_or_name};
constexpr text_rule instance{"empty, or at most 249 letters, digits, dots, underscores and hyphens", is_empty_or_topic};
constexpr text_rule model{"empty, or 1 to 255 printable characters without blanks, commas, equals signs and quotes",
                          is_empty_or_model_name};
constexpr text_rule keep_alive{
  "whole seconds (-1: for ever), or a duration such as 30m; not 0, which would unload the model at once",
  is_keep_alive};
constexpr text_rule user_filter{"empty, or at most 320 bytes without blanks", is_user_filter};
constexpr text_rule file{"empty, or the path of a file", is_path};
constexpr text_rule node_address{"empty, an IP address or a host name", is_empty_or_host};
constexpr text_rule address{"an IP address or a host name", is_host};

/// Bounds of durations: the lower ones keep a slip of the unit from making a service that only times out, the upper
/// ones keep one from making a service that waits for days.
std::vector<setting> make_table() {
  using enum setting_group;
  using s = settings;
  return {
    {.name = "BOOTSTRAP_SERVER",
     .group = kafka,
     .fallback = "",
     .kind = brokers(&s::bootstrap_server),
     .meaning = "The Kafka brokers to start from.",
     .required = true},
    {"LOCAL_MODEL_KAFKA_TOPIC", kafka, "eater-send-photo", text(&s::request_topic, topic),
     "The topic of the requests."},
    {"PHOTO_REPLY_TOPIC", kafka, "photo-analysis-response", text(&s::photo_reply_topic, topic),
     "The topic of the replies to photos."},
    {"TEXT_REPLY_TOPIC", kafka, "gemini-response", text(&s::text_reply_topic, topic),
     "The topic of the replies to texts."},
    {"DEAD_LETTER_TOPIC", kafka, "models-processor-dead-letter", text(&s::dead_letter_topic, topic),
     "The topic of the requests that could not be answered."},
    {"DEAD_LETTER_PAYLOAD", kafka, "none",
     choice(&s::dead_letter_payload, {{"none", dead_letter_payload::none}, {"full", dead_letter_payload::full}}),
     "Whether a dead letter carries the request itself or, so that nobody's photo is kept, only where it came from."},
    {"CONSUMER_GROUP", kafka, "models-processor-group", text(&s::consumer_group, name),
     "The consumer group; all instances that share the work have the same."},
    {"GROUP_INSTANCE_ID", kafka, "", text(&s::group_instance_id, instance),
     "A name of this instance that stays over restarts: the group then waits for it, up to 45 s. Not set it is made of "
     "the host's name and "
     "PORT: a restart within 7 s goes on at once, and a stop gives the partitions away."},
    {"COMMIT_INTERVAL", kafka, "0.1", duration(&s::commit_interval, 10ms, 60s),
     "How often offsets are committed; a crash repeats at most this much work that was already done."},
    {"REBALANCE_GRACE", kafka, "2", duration(&s::rebalance_grace, 0ms, 60s),
     "How long partitions that move to another instance are kept, so that calls under way can end."},
    {"DELIVERY", kafka, "at-least-once",
     choice(&s::delivery,
            {{"at-least-once", delivery_mode::at_least_once}, {"exactly-once", delivery_mode::exactly_once}}),
     "Whether replies and offsets are published in one transaction (exactly-once): a reader with read_committed then "
     "never sees a reply twice."},
    {"TRANSACTION_INTERVAL", kafka, "0.1", duration(&s::transaction_interval, 10ms, 10s),
     "The time between two transactions; a reply waits for the next one."},
    {"TRANSACTIONAL_ID", kafka, "", text(&s::transactional_id, instance),
     "The name of this instance in transactions, the same after a restart and no other instance's; not set it is made "
     "of "
     "CONSUMER_GROUP, GROUP_INSTANCE_ID or the host's name, and PORT."},

    {"OLLAMA_HOST", ollama, "http://localhost:11434", hosts(&s::ollama_hosts),
     "The model servers, separated by commas."},
    {"OLLAMA_MODEL", ollama, "llava:latest", text(&s::ollama_model, name),
     "The model that answers; photos need one with vision."},
    {"OLLAMA_VISION_MODEL", ollama, "", text(&s::ollama_vision_model, model),
     "The model for photos; not set it is OLLAMA_MODEL."},
    {"OLLAMA_TEXT_MODEL", ollama, "", text(&s::ollama_text_model, model),
     "The model for texts; not set it is OLLAMA_MODEL."},
    {"MODEL_ROUTES", ollama, "", routes(&s::model_routes),
     "Models by the `task` that a request names, such as code=codellama,chat=llama3:latest; they go before those "
     "above."},
    {"ALLOWED_MODELS", ollama, "", models(&s::allowed_models),
     "The models that a request may ask for in `model`, separated by commas; what another one asks for is passed over, "
     "* allows any."},
    {"MODEL_DIGESTS", ollama, "", digests(&s::model_digests),
     "What models have to be, such as llava:latest=8dd30f6b0cb1 (ollama list shows it): a host with another one is not "
     "used."},
    {"OLLAMA_REQUEST_TIMEOUT", ollama, "60", duration(&s::ollama_request_timeout, 10ms, 24h),
     "The time limit of a whole call."},
    {"OLLAMA_CONNECT_TIMEOUT", ollama, "1", duration(&s::ollama_connect_timeout, 10ms, 60s),
     "The time limit of finding and connecting to a host, all of its addresses together; for https as long again."},
    {"OLLAMA_FIRST_BYTE_TIMEOUT", ollama, "60", duration(&s::ollama_first_byte_timeout, 10ms, 24h),
     "How long a host may take to begin its answer; nothing is heard from it before the prompt has been evaluated."},
    {"OLLAMA_IDLE_TIMEOUT", ollama, "15", duration(&s::ollama_idle_timeout, 10ms, 1h),
     "How long an answer that has begun may pause before it counts as stalled."},
    {"OLLAMA_LOAD_TIMEOUT", ollama, "300", duration(&s::ollama_load_timeout, 100ms, 24h),
     "How long a host may take to load the model; a shorter limit than that makes loading impossible."},
    {"OLLAMA_HEALTH_TIMEOUT", ollama, "5", duration(&s::ollama_health_timeout, 10ms, 5min),
     "The time limit of a health check of a host."},
    {"OLLAMA_HEALTH_INTERVAL", ollama, "10", duration(&s::ollama_health_interval, 100ms, 1h),
     "How often hosts are checked."},
    {"OLLAMA_NUM_CTX", ollama, "0", count(&s::ollama_num_ctx, 0u, 1'048'576u),
     "The context in tokens, the same for every call because a change loads the model again; 0 is the model's own."},
    {"OLLAMA_NUM_PREDICT", ollama, "2048",
     count(&s::ollama_num_predict, 1u, 1'048'576u, "; unlimited (-1) lets one answer run on for ten contexts"),
     "The length limit of an answer in tokens."},
    {"OLLAMA_TEMPERATURE", ollama, "", optional_decimal(&s::ollama_temperature, 0, 2),
     "How freely the model chooses its words; not set is the model's own."},
    {"OLLAMA_KEEP_ALIVE", ollama, "-1", text(&s::ollama_keep_alive, keep_alive),
     "How long the model stays loaded after a call; -1 is for ever."},

    {"CONCURRENT_REQUESTS", flow, "5", count(&s::concurrent_requests, 1u, 256u),
     "Calls under way at once, per host; more than the host's OLLAMA_NUM_PARALLEL only wait there."},
    {"BATCH_SIZE", flow, "10", count(&s::batch_size, 1u, 10'000u),
     "How many requests are read ahead of the free calls, so that none of them waits for Kafka."},
    {"MAX_REQUEST_BYTES", flow, "12MiB", bytes(&s::max_request_bytes, KiB, 64 * MiB),
     "Larger requests become dead letters; at most MAX_IN_FLIGHT_BYTES."},
    {"MAX_IN_FLIGHT_BYTES", flow, "64MiB", bytes(&s::max_in_flight_bytes, 64 * KiB, 64 * GiB),
     "How many bytes of requests are held in memory at most, whatever waits in Kafka."},
    {"ANSWER_KEEP", flow, "60", duration(&s::answer_keep, 0ms, 1h),
     "How long an answer whose partition was taken away is kept in case its request is read here again; all of them "
     "take at most a "
     "quarter of MAX_IN_FLIGHT_BYTES, and count there; 0 keeps none."},
    {"MAX_PHOTO_PIXELS", flow, "12000000", count(&s::max_photo_pixels, 1u, 268'435'456u, " (width times height)"),
     "Photos with more pixels are answered photo_too_large; a hostile file of some KB can claim any number."},
    {"PHOTO_MAX_SIDE", flow, "0", count(&s::photo_max_side, 0u, 65'535u, " pixels; 0 is off"),
     "JPEG and PNG photos wider or higher are scaled down to it before the model sees them, which most models do "
     "anyway."},
    {"PHOTO_CHECK", flow, "header",
     choice(&s::photo_check, {{"header", photo_checking::header}, {"decode", photo_checking::decode}}),
     "With decode every JPEG and PNG is decoded as a trial, and a broken one is answered photo_unreadable; with header "
     "only what "
     "the header shows."},
    {"PHOTO_WEBP", flow, "auto",
     choice(&s::photo_webp,
            {{"auto", webp_photos::by_version}, {"refuse", webp_photos::refused}, {"accept", webp_photos::accepted}}),
     "Whether WebP photos are taken: with auto by hosts of Ollama 0.32.14 and newer; the models of older ones may die "
     "of them."},
    {"MAX_ATTEMPTS", flow, "3", count(&s::max_attempts, 1u, 100u),
     "Calls per request at most; then it gets an error reply and a dead letter."},
    {"RETRY_BACKOFF", flow, "0.5", duration(&s::retry_backoff, 0ms, 1h),
     "The pause before the second attempt; it doubles with each further one."},
    {"RETRY_BACKOFF_MAX", flow, "30", duration(&s::retry_backoff_max, 0ms, 24h),
     "The longest pause between two attempts."},
    {"DRAIN_TIMEOUT", flow, "30", duration(&s::drain_timeout, 0ms, 1h),
     "How long a stop waits for calls under way; what is left is answered by the next instance."},
    {"REQUEST_MAX_AGE", flow, "0", duration(&s::request_max_age, 0ms, 24h),
     "Older requests, by the record's time, are answered expired without a call, as those past their header deadline "
     "are; 0 is any age."},
    {"DEAD_LETTER_STOP", flow, "50", count(&s::dead_letter_stop, 1u, 100u, " percent; 100 is never"),
     "When more than this share of the last 100 requests with a model call became dead letters, reading pauses until "
     "one succeeds."},
    {"RATE_LIMIT_PER_USER", flow, "0", count(&s::rate_limit_per_user, 0u, 1'000'000u, " a minute; 0 is no limit"),
     "Requests of one user_email a minute; more of them are answered rate_limited, with the time to come again."},
    {"ORDER", flow, "none", choice(&s::order, {{"none", reply_order::none}, {"key", reply_order::key}}),
     "Whether replies of one record key come in the order of its requests, which then wait for each other."},
    {.name = "EXPECTED_USER_EMAIL",
     .group = flow,
     .fallback = "",
     .kind = text(&s::expected_user_email, user_filter),
     .meaning = "Requests of other users are skipped; not set is everybody.",
     .secret = true},

    {"MAX_ANSWER_BYTES", answers, "1MiB", bytes(&s::max_answer_bytes, KiB, 64 * MiB),
     "Longer answers are cut off and become errors."},
    {"RESPONSE_SCHEMA", answers, "", text(&s::response_schema, file),
     "A JSON Schema that answers to photos have to follow when the request brings none: sent to Ollama as format and "
     "checked. "
     "deploy/schemas/food.json is one."},
    {"REPAIR_ROUNDS", answers, "1", count(&s::reask_rounds, 0u, 3u),
     "How often a model is shown an answer that is no JSON, or does not follow its schema, and asked again before the "
     "request fails."},

    {"PORT", service, "5000", count<std::uint16_t>(&s::port, 0, 65535, "; 0 is any free port"),
     "The port of the status endpoints."},
    {"LISTEN_ADDRESS", service, "0.0.0.0", text(&s::listen_address, address), "The address of the status endpoints."},
    {"LOG_LEVEL", service, "INFO",
     choice(&s::log_level, {{"DEBUG", log::level::debug},
                            {"INFO", log::level::info},
                            {"WARNING", log::level::warning},
                            {"ERROR", log::level::error},
                            {"WARN", log::level::warning},
                            {"CRITICAL", log::level::error}}),
     "The lowest level that is logged."},
    {"LOG_FORMAT", service, "logfmt",
     choice(&s::log_format, {{"logfmt", log::line_format::logfmt}, {"json", log::line_format::json}}),
     "Log lines as key=value, or one JSON object each."},
    {.name = "API_TOKEN",
     .group = service,
     .fallback = "",
     .kind = text(&s::api_token, token),
     .meaning = "What clients from other machines show for /api/status, and all clients for /debug/crash: "
                "Authorization: Bearer TOKEN. "
                "Not set, /api/status is for this machine only.",
     .secret = true},
    {"CHAOS", service, "0", choice(&s::chaos, {{"0", false}, {"1", true}}),
     "With 1 whoever has API_TOKEN can crash actors, to see them heal: POST /debug/crash/ACTOR."},

    {"NODE_PORT", nodes, "0", count<std::uint16_t>(&s::node_port, 0, 65535, "; 0 takes no worker nodes"),
     "The port at which worker nodes join this reader."},
    {"NODE_ADDRESS", nodes, "", text(&s::node_address, node_address),
     "The address of that port; not set it is 0.0.0.0 with NODE_CERT, and 127.0.0.1 without, where nobody proves who "
     "he is."},
    {"NODE_JOIN", nodes, "", joins(&s::node_join),
     "The readers that a worker node works for, separated by commas; a name with several addresses is several "
     "readers."},
    {"NODE_NAME", nodes, "", text(&s::node_name, token),
     "The name of this node, no other node's; not set it is made of the host's name and PORT."},
    {"NODE_SLOTS_MAX", nodes, "1024", count(&s::node_slots_max, 1u, 65'536u),
     "The slots of all worker nodes together that a reader takes."},
    {"ORPHAN_ANSWER_KEEP", nodes, "60", duration(&s::orphan_answer_keep, 0ms, 1h),
     "How long a worker node keeps an answer whose reader is lost, for whoever reads its request next; all of them "
     "take "
     "at most MAX_IN_FLIGHT_BYTES."},
    {"NODE_CERT", nodes, "", text(&s::node_cert, file),
     "The certificate of this node, a PEM file; readers and worker nodes then speak TLS and prove to each other who "
     "they are."},
    {"NODE_KEY", nodes, "", text(&s::node_key, file), "The private key of NODE_CERT, a PEM file."},
    {"NODE_CA", nodes, "", text(&s::node_ca, file),
     "The certificate of the authority that signs the nodes' certificates and no others, a PEM file."},
  };
}

} // namespace

const std::vector<setting>& setting_table() {
  static const auto table = make_table();
  return table;
}

std::string flag_name(std::string_view setting_name) {
  std::string flag = "--";
  for (const auto c : setting_name)
    flag += c == '_' ? '-' : lower(c);
  return flag;
}

} // namespace mp::config
