#include "tests/simulation/request_generator.hpp"

#include <array>
#include <cctype>
#include <charconv>

namespace mp::sim {
namespace {

/// A whole PNG of two by two pixels and two bytes behind it, so that more base64 can follow.
constexpr std::string_view photo_base64 = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAA"
                                          "EElEQVR42mP438AARAwQCgAt7gX9Yz7BCwAAAABJRU5ErkJgggAA";

constexpr std::array<std::string_view, 10> words{"plain", "thinking", "object", "fenced",  "garbage",
                                                 "empty", "huge",     "poison", "missing", "refused"};

/// A photo of its own for each tag: what follows a PNG's end is not looked at. (One that killed a runner is
/// remembered.)
std::string photo_of(const std::string& tag) {
  std::string behind;
  for (char c : tag)
    behind += std::isalnum(static_cast<unsigned char>(c)) ? c : '+';
  behind.resize((behind.size() + 3) / 4 * 4, 'A');
  return std::string{photo_base64} + behind;
}

std::string body_of(const std::string& user, const std::string& value) {
  return R"({"value":{"user_email":")" + user + "\"," + value + "}}";
}

std::string value_of(const asked& what, const std::string& padding = {}) {
  auto value =
    "\"prompt\":\"" + std::string{words[static_cast<std::size_t>(what.how)]} + ' ' + what.tag + padding + '"';
  return what.how == request_shape::missing ? value + ",\"model\":\"" + missing_model + '"' : value;
}

} // namespace

asked request_generator::next(const std::vector<asked>& before, duration now) {
  asked what;
  if (!before.empty() && rng_.one_in(15)) {
    what = before[before.size() - 1 - rng_.below(std::min<std::size_t>(before.size(), 10))];
    what.number = before.size();
    what.deadline_ms.reset();
    what.unreadable = false;
  } else {
    what.number = what.original = before.size();
    what.key = (rng_.one_in(30) ? "x" : "k") + std::to_string(rng_.one_in(20) ? rng_.below(5) : what.number);
    what.tag = "t" + std::to_string(what.number);
    what.user = "user" + std::to_string(rng_.below(4)) + "@example.org";
    if (rng_.one_in(25))
      compose_bad(what);
    else
      compose_question(what);
  }
  finish(what, rng_.one_in(20) ? std::optional{now + rng_.between(std::chrono::seconds{-1}, std::chrono::seconds{10})}
                               : std::nullopt);
  return what;
}

asked request_generator::text(const std::vector<asked>& before, const std::string& key, const std::string& tag,
                              request_shape how, std::optional<duration> deadline) {
  asked what;
  what.number = what.original = before.size();
  for (const auto& each : before)
    if (each.key == key && each.tag == tag)
      what.original = std::min(what.original, each.number);
  what.key = key;
  what.tag = tag;
  what.how = how;
  what.user = "user@example.org";
  what.body = std::make_shared<const std::string>(body_of(what.user, value_of(what)));
  finish(what, deadline);
  return what;
}

asked request_generator::bad(const std::vector<asked>& before) {
  asked what;
  what.number = what.original = before.size();
  what.key = "bad" + std::to_string(what.number);
  what.user = "user@example.org";
  compose_bad(what);
  finish(what, std::nullopt);
  return what;
}

void request_generator::finish(asked& what, std::optional<duration> deadline) {
  what.headers = {{"correlation-id", "r" + std::to_string(what.number)}};
  if (deadline) {
    what.deadline_ms = (world_begins + std::chrono::duration_cast<std::chrono::milliseconds>(*deadline)).count();
    what.headers.emplace_back("deadline", std::to_string(*what.deadline_ms));
  }
  if (rng_.one_in(10))
    what.headers.emplace_back("priority", std::to_string(rng_.below(10)));
  what.bytes = what.key.size() + what.body->size();
  for (const auto& [name, text] : what.headers)
    what.bytes += name.size() + text.size();
}

void request_generator::compose_question(asked& what) {
  what.kind = rng_.one_in(3) ? request_kind::photo : request_kind::text;
  auto draw = rng_.below(60);
  if (what.kind == request_kind::photo)
    what.how = draw < 2    ? request_shape::poison
               : draw < 4  ? request_shape::garbage
               : draw < 6  ? request_shape::huge
               : draw < 8  ? request_shape::refused
               : draw < 20 ? request_shape::fenced
                           : request_shape::plain;
  else
    what.how = draw < 1    ? request_shape::missing
               : draw < 2  ? request_shape::empty
               : draw < 4  ? request_shape::huge
               : draw < 10 ? request_shape::object
               : draw < 16 ? request_shape::thinking
               : draw < 18 ? request_shape::refused
                           : request_shape::plain;
  auto value = value_of(what, rng_.one_in(10) ? ' ' + std::string(rng_.below(4'000), '.') : std::string{});
  if (what.kind == request_kind::photo)
    value += ",\"photo\":\"" + photo_of(what.tag) + '"';
  if (rng_.one_in(2)) {
    what.passed_through =
      ",\"timestamp\":" + std::to_string(world_begins.count() + static_cast<std::int64_t>(what.number));
    value += what.passed_through;
  }
  what.body = std::make_shared<const std::string>(body_of(what.user, value));
}

void request_generator::compose_bad(asked& what) {
  what.how = request_shape::bad;
  std::string body;
  switch (rng_.below(6)) {
    case 0:
      what.bad_as = fault::not_json;
      what.user.clear();
      body = "{\"value\":";
      break;
    case 1:
      what.bad_as = fault::no_user_email;
      what.user.clear();
      body = R"({"value":{"prompt":"plain"}})";
      break;
    case 2:
      what.bad_as = fault::request_too_large;
      body = body_of(what.user, "\"prompt\":\"plain " + std::string(request_bytes_max, '.') + '"');
      what.user.clear();
      break;
    case 3:
      what.bad_as = fault::no_question;
      body = body_of(what.user, "\"date\":\"today\"");
      what.passed_through = ",\"date\":\"today\"";
      break;
    case 4:
      what.bad_as = fault::invalid_request;
      body = body_of(what.user, "\"prompt\":5");
      break;
    default:
      what.bad_as = fault::photo_not_base64;
      what.kind = request_kind::photo;
      body = body_of(what.user, R"("prompt":"plain","photo":"!")");
      break;
  }
  what.body = std::make_shared<const std::string>(std::move(body));
}

request_shape shape_of(std::string_view prompt_json) {
  auto prompt = prompt_json.substr(1);
  auto word = prompt.substr(0, prompt.find(' '));
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == word)
      return static_cast<request_shape>(i);
  return request_shape::bad;
}

namespace {

std::string tag_in(std::string_view prompt_json) {
  auto begin = prompt_json.find(' ') + 1;
  return std::string{prompt_json.substr(begin, prompt_json.find_first_of(" \"", begin) - begin)};
}

std::string photo_object(const std::string& tag, request_shape how) {
  return "{\"dish\":\"" + tag + "\",\"calories\":285.0"
         + (how == request_shape::huge ? ",\"text\":\"" + std::string(reply_bytes_max, 'x') + '"' : "") + '}';
}

std::string text_answer(const std::string& tag, request_shape how) {
  if (how == request_shape::object)
    return "{\"about\":\"" + tag + "\",\"size\":1.50}";
  return "the answer to " + tag + (how == request_shape::huge ? ' ' + std::string(reply_bytes_max, 'x') : "");
}

} // namespace

std::size_t lot_of(std::string_view prompt_json) {
  std::size_t sum = 0;
  for (char c : tag_in(prompt_json))
    sum = sum * 31 + static_cast<unsigned char>(c);
  return sum;
}

std::string answer_to(std::string_view prompt_json, request_kind kind) {
  auto how = shape_of(prompt_json);
  auto tag = tag_in(prompt_json);
  if (how == request_shape::empty)
    return " \n";
  if (kind == request_kind::text)
    return (how == request_shape::thinking ? "<think>what is " + tag + "?</think>\n\n" : "") + text_answer(tag, how);
  if (how == request_shape::garbage)
    return "I can see " + tag + " on the table";
  auto object = photo_object(tag, how);
  return how == request_shape::fenced ? "Here it is:\n```json\n" + object + "\n```\nEnjoy!" : object;
}

std::string good_reply(const asked& what) {
  auto body = "{\"key\":\"" + what.key + "\",\"value\":{\"user_email\":\"" + what.user + "\",";
  if (what.kind == request_kind::photo) {
    body += "\"analysis\":\"";
    for (char c : photo_object(what.tag, what.how))
      body += c == '"' ? std::string{"\\\""} : std::string{c};
    body += '"';
  } else {
    auto answer = text_answer(what.tag, what.how);
    bool object = what.how == request_shape::object;
    body += "\"response\":\"";
    for (char c : answer)
      body += c == '"' ? std::string{"\\\""} : std::string{c};
    body += "\",\"model\":\"" + std::string{model_name} + "\",";
    body += object ? answer.substr(1, answer.size() - 2) : "\"analysis\":\"" + answer + '"';
  }
  return body + what.passed_through + "}}";
}

std::string error_reply(const asked& what, fault why) {
  auto code = std::string{code_of(why)};
  auto text = std::string{info_of(why).text};
  auto body = "{\"key\":\"" + what.key + "\",\"value\":{\"user_email\":\"" + what.user + "\",";
  if (what.kind == request_kind::photo)
    body += R"("analysis":"{\"error\":\")" + code + ": " + text + "\\\"}\"";
  else
    body += R"("error":{"code":")" + code + R"(","message":")" + text + R"("},"response":"","model":")"
            + (what.how == request_shape::missing ? missing_model : model_name) + '"';
  return body + what.passed_through + "}}";
}

std::int64_t number_of(const std::vector<name_and_text>& headers) {
  for (const auto& [name, text] : headers)
    if (name == "correlation-id" && text.size() > 1) {
      std::int64_t number = -1;
      std::from_chars(text.data() + 1, text.data() + text.size(), number);
      return number;
    }
  return -1;
}

} // namespace mp::sim
