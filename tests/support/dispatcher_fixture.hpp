#pragma once
// A dispatcher among recorded neighbours: the test plays each of them.

#include "actors/dispatcher/dispatcher.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/recorders.hpp"

#include <caf/send.hpp>

#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace mp::test {

struct dispatcher_fixture : actor_fixture {
  struct played_worker {
    worker_actor handle;
    std::shared_ptr<worker_log> log = std::make_shared<worker_log>();
  };

  dispatcher_config config;
  dispatcher_actor dispatcher;
  reader_actor reader;
  producer_actor producer;
  sanitizer_actor sanitizer;
  sanitizer_actor long_sanitizer;
  monitor_actor monitor;
  std::shared_ptr<reader_log> read = std::make_shared<reader_log>();
  std::shared_ptr<std::vector<tokened_record>> published = std::make_shared<std::vector<tokened_record>>();
  std::shared_ptr<std::vector<cleaning_job>> cleaning = std::make_shared<std::vector<cleaning_job>>();
  std::shared_ptr<std::vector<cleaning_job>> long_cleaning = std::make_shared<std::vector<cleaning_job>>();
  std::shared_ptr<monitor_log> watched_by = std::make_shared<monitor_log>();
  std::vector<played_worker> workers;

  dispatcher_fixture() {
    config.routes.usual = "llava:latest";
    config.routes.allowed = {"codellama", "no-such-model"};
    config.requests_topic = "eater-send-photo";
    config.random = [] { return 1.0; };
    config.wall_clock = [] {
      return std::chrono::system_clock::time_point{std::chrono::milliseconds{1'732'356'420'123}};
    };
    config.output_topics = {"photos", "texts", "letters"};
    config.metrics = metrics;
  }

  ~dispatcher_fixture() {
    dispatcher = nullptr;
    reader = nullptr;
    producer = nullptr;
    sanitizer = nullptr;
    long_sanitizer = nullptr;
    monitor = nullptr;
    workers.clear();
  }

  template <class Message>
  void tell(Message&& message) {
    caf::anon_send(dispatcher, std::forward<Message>(message));
    settle();
  }

  template <class Handle>
  void kill(const Handle& handle) {
    order_exit(caf::actor_cast<caf::strong_actor_ptr>(handle), caf::exit_reason::kill);
    settle();
  }

  template <class Handle>
  Handle kept(Handle handle) {
    keep(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  // ---- the neighbours ----

  void start_dispatcher() { dispatcher = kept(spawn_dispatcher(parent(), config)); }

  void new_reader() {
    read = std::make_shared<reader_log>();
    reader = kept(spawn_recording_reader(parent(), read));
    tell(reader_started{reader});
    tell(group_state{2});
  }

  void new_producer(std::uint32_t window = 512, bool whole_requests = false) {
    auto log = std::make_shared<producer_log>();
    published = {log, &log->published};
    producer = kept(spawn_recording_producer(parent(), log));
    tell(producer_started{producer, window, {}, whole_requests});
  }

  void new_sanitizer() {
    cleaning = std::make_shared<std::vector<cleaning_job>>();
    sanitizer = kept(spawn_recording_sanitizer(parent(), cleaning));
    tell(sanitizer_started{sanitizer});
  }

  void new_long_sanitizer() {
    long_cleaning = std::make_shared<std::vector<cleaning_job>>();
    long_sanitizer = kept(spawn_recording_sanitizer(parent(), long_cleaning));
    tell(sanitizer_started{long_sanitizer, cleaning_lane::long_answers});
  }

  void new_monitor() {
    watched_by = std::make_shared<monitor_log>();
    monitor = kept(spawn_recording_monitor(parent(), watched_by));
    tell(monitor_started{monitor});
  }

  /// A worker that reports its start and requests work; its host is reported usable.
  std::size_t new_worker(const std::string& host = "alpha", bool asks = true) {
    played_worker fresh;
    fresh.handle = kept(spawn_recording_worker(parent(), fresh.log));
    workers.push_back(fresh);
    tell(worker_started{fresh.handle, host});
    if (asks)
      ask_for_work(workers.size() - 1);
    return workers.size() - 1;
  }

  void ask_for_work(std::size_t worker) {
    caf::send_as(workers[worker].handle, dispatcher, work_demand{});
    settle();
  }

  /// What a probe begun after all trouble so far has found.
  void host(const std::string& name, bool usable) {
    tell(host_state{name, usable, std::numeric_limits<std::uint64_t>::max()});
  }

  /// All neighbours, and one worker on the usable host alpha.
  void start(int worker_count = 1) {
    start_dispatcher();
    new_reader();
    new_producer();
    new_sanitizer();
    new_monitor();
    host("alpha", true);
    for (int i = 0; i < worker_count; ++i)
      new_worker();
  }

  // ---- requests ----

  static mp::request question(std::int64_t offset, request_kind kind = request_kind::text, origin from = {0, 1, 0}) {
    mp::request asked;
    asked.from = {from.partition, from.assignment, offset};
    asked.id = "id-" + std::to_string(offset);
    asked.kind = kind;
    asked.user_email = "someone@example.org";
    asked.prompt_json = text_slice{std::string{"\"what is it?\""}};
    if (kind == request_kind::photo)
      asked.photo = text_slice{std::string{"AAAA"}};
    asked.passed_through = {{"timestamp", text_slice{std::string{"1.50"}}}};
    asked.headers = {{"traceparent", "00-1"}};
    asked.bytes = 1000;
    return asked;
  }

  void ask(mp::request asked) { tell(record_batch{{shared_request{std::move(asked)}}}); }
  void ask(std::int64_t offset, request_kind kind = request_kind::text) { ask(question(offset, kind)); }

  static bad_record bad(std::int64_t offset, fault why, std::string user_email = {}) {
    bad_record record;
    record.from = {0, 1, offset};
    record.id = "id-" + std::to_string(offset);
    record.user_email = std::move(user_email);
    record.why = why;
    record.bytes = 500;
    return record;
  }
  void ask(bad_record record) { tell(record_batch{{shared_value<bad_record>{std::move(record)}}}); }

  // ---- what the neighbours do with them ----

  const std::vector<assignment>& assignments(std::size_t worker = 0) const { return workers[worker].log->assignments; }

  /// The offsets that a worker was given, in order.
  std::vector<std::int64_t> given(std::size_t worker = 0) const {
    std::vector<std::int64_t> offsets;
    for (const auto& each : assignments(worker))
      offsets.push_back(each.question->from.offset);
    return offsets;
  }

  /// The worker that was given a request last.
  std::size_t holder(std::int64_t offset) const {
    std::optional<std::size_t> last;
    for (std::size_t worker = 0; worker < workers.size(); ++worker)
      if (!given(worker).empty() && given(worker).back() == offset
          && (!last || assignments(worker).back().call_number > assignments(*last).back().call_number))
        last = worker;
    if (!last)
      CAF_FAIL("nobody works on " << offset);
    return *last;
  }

  void end_call(std::size_t worker, call_outcome outcome) {
    CAF_REQUIRE(!assignments(worker).empty());
    auto& work = assignments(worker).back();
    caf::send_as(workers[worker].handle, dispatcher,
                 call_result{work.ticket, work.call_number, std::move(outcome), 1500ms});
    settle();
  }

  void answer(std::string text = "an answer", std::size_t worker = 0) {
    raw_answer said;
    said.text = text_slice{std::move(text)};
    said.model = "llava:latest";
    said.prompt_tokens = 11;
    said.answer_tokens = 22;
    end_call(worker, said);
    ask_for_work(worker);
  }

  void fail(fault why, std::size_t worker = 0, int http_status = 0) {
    end_call(worker, call_failure{why, http_status});
    ask_for_work(worker);
  }

  void clean(std::variant<clean_text, fault> outcome = clean_text{"an answer", {}, {}}) {
    CAF_REQUIRE(!cleaning->empty());
    auto& job = cleaning->back();
    tell(cleaning_result{job.ticket, job.call_number, std::move(outcome)});
  }

  void deliver(std::size_t index, delivery_result result = delivery_result::acknowledged,
               const std::string& code = {}) {
    tell(receipts{{{published->at(index).token, result, code}}});
  }

  /// Takes the request at `offset` up to the reply that waits for its acknowledgement.
  void up_to_publishing(std::int64_t offset, request_kind kind = request_kind::text) {
    ask(offset, kind);
    answer("an answer", holder(offset));
    clean();
  }

  /// The offsets whose end was reported to the reader.
  std::vector<std::int64_t> finished() const { return offsets_of(read->finished); }
  std::vector<std::int64_t> handed_back() const { return offsets_of(read->handed_back); }

  static std::vector<std::int64_t> offsets_of(const std::vector<origin>& origins) {
    std::vector<std::int64_t> offsets;
    for (const auto& each : origins)
      offsets.push_back(each.offset);
    return offsets;
  }

  pong how_much() {
    auto answer = self->request(dispatcher, caf::infinite, ping{});
    settle();
    pong said;
    answer.receive([&](const pong& p) { said = p; }, [](caf::error& why) { CAF_FAIL(to_string(why)); });
    return said;
  }

  static std::string header(const outgoing& record, const std::string& name) {
    for (const auto& [key, value] : record.headers)
      if (key == name)
        return value;
    return "(none)";
  }
};

} // namespace mp::test
