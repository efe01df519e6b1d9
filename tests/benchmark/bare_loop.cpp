// The practical floor to compare with: reads requests, asks the model server, writes replies, and promises nothing.
// Offsets are committed by a timer, nothing is checked, cleaned, retried or measured; a crash loses what was under way.
//
//   bare_loop BOOTSTRAP TOPIC GROUP MODEL_HOST MODEL_PORT IN_FLIGHT     until SIGTERM

#include <httplib.h>
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

std::atomic<bool> ended{false};

struct request {
  std::string key;
  std::string body;
};

/// Blocks the reader when it is full and the workers when it is empty.
class bounded_queue {
public:
  explicit bounded_queue(std::size_t most) : most_(most) {}

  void push(request r) {
    std::unique_lock guard(mutex_);
    not_full_.wait(guard, [this] { return items_.size() < most_ || ended; });
    items_.push_back(std::move(r));
    not_empty_.notify_one();
  }

  bool pop(request& out) {
    std::unique_lock guard(mutex_);
    not_empty_.wait(guard, [this] { return !items_.empty() || ended; });
    if (items_.empty())
      return false;
    out = std::move(items_.front());
    items_.pop_front();
    not_full_.notify_one();
    return true;
  }

  void wake_all() {
    not_empty_.notify_all();
    not_full_.notify_all();
  }

private:
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable not_full_, not_empty_;
  std::deque<request> items_;
};

/// The string behind `name` as it is written, without its quotes; the benchmark's own requests hold no escapes.
std::string_view field(std::string_view json, std::string_view name, std::size_t from = 0) {
  const auto at = json.find("\"" + std::string(name) + "\": \"", from);
  if (at == std::string_view::npos)
    return {};
  const auto begin = at + name.size() + 5;
  return json.substr(begin, json.find('"', begin) - begin);
}

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char why[512];
  if (rd_kafka_conf_set(conf, name, value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) {
    std::fprintf(stderr, "bare_loop: %s\n", why);
    std::exit(2);
  }
}

rd_kafka_t* client(rd_kafka_type_t kind, rd_kafka_conf_t* conf) {
  char why[512];
  auto* handle = rd_kafka_new(kind, conf, why, sizeof why);
  if (handle == nullptr) {
    std::fprintf(stderr, "bare_loop: %s\n", why);
    std::exit(2);
  }
  return handle;
}

void work(bounded_queue& requests, rd_kafka_t* producer, const std::string& host, int port) {
  httplib::Client model(host, port);
  model.set_keep_alive(true);
  model.set_tcp_nodelay(true);
  model.set_read_timeout(60);
  request r;
  while (requests.pop(r)) {
    const auto photo = field(r.body, "photo");
    std::string call;
    call.reserve(photo.size() + 600);
    call += R"({"model":"stub:latest","stream":true,"messages":[{"role":"user","content":")";
    call += field(r.body, "prompt");
    call += '"';
    if (!photo.empty()) {
      call += R"(,"images":[")";
      call += photo;
      call += R"("])";
    }
    call += "}]}";
    const auto response = model.Post("/api/chat", call, "application/json");
    if (!response || response->status != 200) {
      std::fprintf(stderr, "bare_loop: the model server failed\n");
      std::_Exit(1);
    }
    std::string answer;
    constexpr std::string_view name = "\"content\":\"";
    for (auto at = response->body.find(name); at != std::string::npos; at = response->body.find(name, at + 1))
      for (auto i = at + name.size(); i < response->body.size() && response->body[i] != '"'; ++i) {
        if (response->body[i] == '\\')
          answer += response->body[i++];
        answer += response->body[i];
      }
    std::string reply = R"({"key":")" + r.key + R"(","value":{"user_email":")";
    reply += field(r.body, "user_email");
    reply += photo.empty() ? R"(","model":"stub:latest","response":")" : R"(","analysis":")";
    reply += answer + "\"}}";
    const char* topic = photo.empty() ? "gemini-response" : "photo-analysis-response";
    while (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(r.key.data(), r.key.size()),
                             RD_KAFKA_V_VALUE(reply.data(), reply.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_END)
           == RD_KAFKA_RESP_ERR__QUEUE_FULL)
      rd_kafka_poll(producer, 10);
    rd_kafka_poll(producer, 0);
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr, "bare_loop BOOTSTRAP TOPIC GROUP MODEL_HOST MODEL_PORT IN_FLIGHT\n");
    return 2;
  }
  const auto in_flight = static_cast<std::size_t>(std::atoi(argv[6]));
  std::signal(SIGTERM, [](int) { ended = true; });

  auto* consumer_conf = rd_kafka_conf_new();
  set(consumer_conf, "bootstrap.servers", argv[1]);
  set(consumer_conf, "group.id", argv[3]);
  set(consumer_conf, "auto.offset.reset", "earliest");
  set(consumer_conf, "session.timeout.ms", "120000");
  set(consumer_conf, "max.poll.interval.ms", "600000");
  set(consumer_conf, "fetch.queue.backoff.ms", "10");
  set(consumer_conf, "queued.max.messages.kbytes", "16384");
  auto* consumer = client(RD_KAFKA_CONSUMER, consumer_conf);
  rd_kafka_poll_set_consumer(consumer);
  auto* producer_conf = rd_kafka_conf_new();
  set(producer_conf, "bootstrap.servers", argv[1]);
  auto* producer = client(RD_KAFKA_PRODUCER, producer_conf);

  auto* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, argv[2], RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(consumer, topics);
  rd_kafka_topic_partition_list_destroy(topics);

  bounded_queue requests(in_flight);
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < in_flight; ++i)
    workers.emplace_back([&] { work(requests, producer, argv[4], std::atoi(argv[5])); });
  while (!ended) {
    auto* message = rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr)
      continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      requests.push({{static_cast<const char*>(message->key), message->key_len},
                     {static_cast<const char*>(message->payload), message->len}});
    rd_kafka_message_destroy(message);
  }
  requests.wake_all();
  for (auto& worker : workers)
    worker.join();
  rd_kafka_flush(producer, 10'000);
  rd_kafka_destroy(producer);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  return 0;
}
