#define CAF_SUITE between_nodes
#include "tests/support/test.hpp"

#include "messages/interfaces.hpp"

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

using namespace mp;
using namespace std::chrono_literals;

namespace {

template <class T>
caf::byte_buffer written(T value) {
  caf::byte_buffer buffer;
  caf::binary_serializer sink{nullptr, buffer};
  CAF_REQUIRE(sink.apply(value));
  return buffer;
}

template <class T>
bool read(const caf::byte_buffer& buffer, T& value) {
  caf::binary_deserializer source{nullptr, buffer};
  return source.apply(value);
}

template <class T>
T travelled(const T& value) {
  T loaded;
  CAF_REQUIRE(read(written(value), loaded));
  return loaded;
}

request full_request() {
  request asked;
  asked.from = {3, 7, 5'000'000'000, 0xfedcba9876543210};
  asked.id = "id-1";
  asked.kind = request_kind::photo;
  asked.user_email = "someone@example.org";
  auto body = std::make_shared<const std::string>(R"({"prompt":"caf\u00e9","photo":"AAAA"})");
  asked.prompt_json = text_slice{body, std::string_view{*body}.substr(10, 11)};
  asked.photo = text_slice{body, std::string_view{*body}.substr(31, 4)};
  asked.picture = photo::photo_facts{photo::image_kind::webp, 640, 480, true};
  asked.system_json = text_slice{std::string{"\"s\""}};
  asked.history_json = text_slice{std::string{"[]"}};
  asked.schema_json = text_slice{std::string{"{}"}};
  asked.language = "de";
  asked.model = "llava";
  asked.task = "food";
  asked.passed_through = {{"timestamp", text_slice{std::string{"1.50"}}}};
  asked.headers = {{"traceparent", "00-1"}};
  asked.deadline_ms = 1'700'000'000'123;
  asked.bytes = 321;
  return asked;
}

} // namespace

TEST_CASE("a question arrives on another node as it was sent, in buffers of its own") {
  shared_request sent{full_request()};
  auto got = travelled(sent);
  CHECK_EQ(got->from, sent->from);
  CHECK_EQ(got->id, "id-1");
  CHECK(got->kind == request_kind::photo);
  CHECK_EQ(got->user_email, "someone@example.org");
  CHECK_EQ(got->prompt_json.view(), R"("caf\u00e9")");
  CHECK_EQ(got->photo.view(), "AAAA");
  CHECK_NE(got->photo.view().data(), sent->photo.view().data());
  CHECK(got->picture == sent->picture);
  CHECK_EQ(got->system_json.view(), "\"s\"");
  CHECK_EQ(got->history_json.view(), "[]");
  CHECK_EQ(got->schema_json.view(), "{}");
  CHECK_EQ(got->language, "de");
  CHECK_EQ(got->model, "llava");
  CHECK_EQ(got->task, "food");
  REQUIRE_EQ(got->passed_through.size(), 1u);
  CHECK_EQ(got->passed_through[0].first, "timestamp");
  CHECK_EQ(got->passed_through[0].second.view(), "1.50");
  CHECK_EQ(got->headers, sent->headers);
  CHECK_EQ(got->deadline_ms, sent->deadline_ms);
  CHECK_EQ(got->bytes, 321u);
  CHECK(got->body.empty());
}

TEST_CASE("an assignment and its end arrive as they were sent") {
  auto work = travelled(assignment{9, 2, shared_request{full_request()}, "llava:13b"});
  CHECK_EQ(work.ticket, 9u);
  CHECK_EQ(work.call_number, 2u);
  CHECK_EQ(work.question->id, "id-1");
  CHECK_EQ(work.model, "llava:13b");
  CHECK(!work.reask);

  work.reask = reask_note{2, "no \"idea\"", "it holds no JSON"};
  work = travelled(work);
  REQUIRE(work.reask.has_value());
  CHECK_EQ(work.reask->round, 2u);
  CHECK_EQ(work.reask->answer, "no \"idea\"");
  CHECK_EQ(work.reask->problem, "it holds no JSON");

  raw_answer answer{text_slice{std::string{"{\"a\":1}"}}, finish_reason::length, "llava", 11, 22, 3s, 4ms};
  auto good = travelled(remote_result{9, false, answer, 5ms});
  REQUIRE(std::holds_alternative<raw_answer>(good.outcome));
  auto& said = std::get<raw_answer>(good.outcome);
  CHECK_EQ(said.text.view(), "{\"a\":1}");
  CHECK(said.finish == finish_reason::length);
  CHECK_EQ(said.model, "llava");
  CHECK_EQ(said.prompt_tokens, 11u);
  CHECK_EQ(said.answer_tokens, 22u);
  CHECK_EQ(said.load_time, 3s);
  CHECK_EQ(said.answer_time, 4ms);
  CHECK_EQ(good.duration, 5ms);

  auto bad = travelled(remote_result{9, false, call_failure{fault::host_busy, 503}, 1s});
  REQUIRE(std::holds_alternative<call_failure>(bad.outcome));
  CHECK(std::get<call_failure>(bad.outcome).why == fault::host_busy);
  CHECK_EQ(std::get<call_failure>(bad.outcome).http_status, 503);
  CHECK_EQ(travelled(remote_cancel{1, 77}).call, 77u);
}

TEST_CASE("a slice of every small and of some large size survives, zero bytes and all") {
  for (std::size_t size : {0u, 1u, 2u, 127u, 128u, 255u, 256u, 65'536u, 1'000'001u}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; i += 7)
      text[i] = static_cast<char>(i);
    CHECK(travelled(text_slice{text}).view() == text);
  }
}

TEST_CASE("a slice that announces more than is allowed is refused before memory is taken for it") {
  caf::byte_buffer buffer;
  caf::binary_serializer sink{nullptr, buffer};
  REQUIRE(sink.begin_sequence(text_slice::wire_bytes_max + 1));
  text_slice got;
  caf::binary_deserializer source{nullptr, buffer};
  CHECK(!source.apply(got));
  CHECK_EQ(source.get_error(), caf::sec::load_callback_failed);
}

TEST_CASE("a slice that announces more than follows is refused before memory is taken for it") {
  caf::byte_buffer buffer;
  caf::binary_serializer sink{nullptr, buffer};
  REQUIRE(sink.begin_sequence(text_slice::wire_bytes_max));
  text_slice got;
  caf::binary_deserializer source{nullptr, buffer};
  CHECK(!source.apply(got));
  CHECK_EQ(source.get_error(), caf::sec::load_callback_failed);
}

TEST_CASE("a message cut off at any byte is refused") {
  auto whole = written(assignment{9, 2, shared_request{full_request()}, "llava:13b"});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    assignment got;
    CHECK(!read(caf::byte_buffer{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}, got));
  }
}

TEST_CASE("numbers that are no fault, no kind of request and no reason to finish are refused") {
  for (int number = 0; number < 256; ++number) {
    caf::byte_buffer buffer{static_cast<caf::byte>(number)};
    fault f{};
    CHECK_EQ(read(buffer, f), number < static_cast<int>(fault_count));
    request_kind kind{};
    CHECK_EQ(read(buffer, kind), number < 2);
    finish_reason reason{};
    CHECK_EQ(read(buffer, reason), number < 2);
  }
}

TEST_CASE("a default shared value is a default value and copies share what they hold") {
  shared_request none;
  CHECK_EQ(none->id, "");
  shared_request one{full_request()};
  auto two = one;
  CHECK_EQ(&*one, &*two);
}

TEST_CASE("a slice keeps the buffer it points into") {
  std::weak_ptr<const std::string> watch;
  text_slice piece;
  {
    auto body = std::make_shared<const std::string>("hello world");
    watch = body;
    piece = text_slice{body, std::string_view{*body}.substr(6)};
  }
  CHECK(!watch.expired());
  CHECK_EQ(piece.view(), "world");
  piece = {};
  CHECK(watch.expired());
}

TEST_CASE("a call and its end arrive as they were sent") {
  auto call =
    travelled(remote_call{1, {"eater-send-photo", {3, 7, 9}}, assignment{9, 2, shared_request{full_request()}, "m"}});
  CHECK_EQ(call.host, 1u);
  CHECK_EQ(call.key.topic, "eater-send-photo");
  CHECK_EQ(call.key.record, (record_key{3, 7, 9}));
  CHECK_EQ(call.work.question->photo.view(), "AAAA");

  raw_answer answer{text_slice{std::string{"{}"}}, finish_reason::stop, "llava", 1, 2, 3s, 4ms};
  auto end = travelled(remote_result{77, false, answer, 5ms});
  CHECK_EQ(end.call, 77u);
  CHECK(!end.is_gone);
  CHECK_EQ(std::get<raw_answer>(end.outcome).text.view(), "{}");
  CHECK_EQ(end.duration, 5ms);
}

TEST_CASE("a piece arrives with its bytes, zero bytes too") {
  std::string bytes{"a\0b", 3};
  auto piece = travelled(link_piece{5, 6, true, text_slice{bytes}});
  CHECK_EQ(piece.session, 5u);
  CHECK_EQ(piece.stream, 6u);
  CHECK(piece.last);
  CHECK_EQ(piece.bytes.view(), bytes);
}

TEST_CASE("what every protocol has in common has the first numbers, so that nodes can always refuse each other") {
  constexpr auto first = caf::first_custom_type_id;
  CHECK_EQ(caf::type_id_v<node_entrance_actor>, first);
  CHECK_EQ(caf::type_id_v<node_link_actor>, first + 1);
  CHECK_EQ(caf::type_id_v<node_hello>, first + 2);
  CHECK_EQ(caf::type_id_v<node_refused>, first + 3);
}

TEST_CASE("two programs speak the newest protocol that both know, neighbours in number always one") {
  CHECK(common_protocol({2, 2}, {2, 2}) == 2u);
  CHECK(common_protocol({2, 3}, {2, 2}) == 2u);
  CHECK(common_protocol({2, 2}, {2, 3}) == 2u);
  CHECK(common_protocol({2, 3}, {3, 4}) == 3u);
  CHECK(common_protocol({1, 9}, {3, 4}) == 4u);
  CHECK(!common_protocol({2, 2}, {3, 4}));
  CHECK(!common_protocol({3, 4}, {1, 2}));
  CHECK(!common_protocol({4, 3}, {1, 9})); // of nobody
}

TEST_CASE("a program speaks its own protocol and the one before") {
  CHECK(our_protocols.newest - our_protocols.oldest <= 1);
  CHECK(our_protocols.newest >= our_protocols.oldest);
  CHECK_EQ(to_string(node_protocols{2, 2}), "2");
  CHECK_EQ(to_string(node_protocols{2, 3}), "2 to 3");
}

TEST_CASE("the numbers of the other types that travel are those of protocol 2") {
  constexpr auto first = caf::first_custom_type_id + 4;
  CHECK_EQ(our_protocols.newest, 2u);
  CHECK_EQ(caf::type_id_v<record_key>, first);
  CHECK_EQ(caf::type_id_v<text_slice>, first + 5);
  CHECK_EQ(caf::type_id_v<call_outcome>, first + 12);
  CHECK_EQ(caf::type_id_v<worker_nodes_actor>, first + 13);
  CHECK_EQ(caf::type_id_v<node_welcome>, first + 15);
  CHECK_EQ(caf::type_id_v<link_piece>, first + 24);
  CHECK_EQ(caf::type_id_v<remote_host_trouble>, first + 35);
}
