#include "messages/json/json_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/photos/to_base64.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace mp {
namespace {

std::string body_of(const std::string& key, const std::string& user_email, const std::string& prompt, const std::string& photo) {
  std::string body{"{\"key\":"};
  append_string_literal(body, key);
  body += ",\"value\":{\"user_email\":";
  append_string_literal(body, user_email);
  body += ",\"prompt\":";
  append_string_literal(body, prompt);
  if (!photo.empty())
    body.append(",\"photo\":\"").append(photo).append("\"");
  return body += "}}";
}

} // namespace

std::string photo_request_body(const std::string& key, const std::string& user_email, const std::string& prompt,
                               const std::string& photo_bytes) {
  return body_of(key, user_email, prompt, to_base64(photo_bytes));
}

std::string text_request_body(const std::string& key, const std::string& user_email, const std::string& prompt) {
  return body_of(key, user_email, prompt, {});
}

bool is_error_reply(const std::string& body) {
  boost::system::error_code problem;
  auto reply = boost::json::parse(body, problem);
  if (problem || !reply.is_object())
    return true;
  auto* value = reply.as_object().if_contains("value");
  if (value == nullptr || !value->is_object())
    return true;
  if (value->as_object().contains("error"))
    return true;
  auto* analysis = value->as_object().if_contains("analysis");
  if (analysis == nullptr || !analysis->is_string() || value->as_object().contains("response"))
    return false;
  auto inside = boost::json::parse(analysis->as_string(), problem);
  return !problem && inside.is_object() && inside.as_object().size() == 1 && inside.as_object().contains("error");
}

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in)
    throw std::runtime_error("cannot read " + path);
  return std::move(bytes).str();
}

} // namespace mp
