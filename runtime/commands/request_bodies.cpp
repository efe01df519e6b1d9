#include "runtime/commands/commands.hpp"
#include "runtime/photos/to_base64.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace mp {
namespace {

namespace json = boost::json;

std::string body_of(const std::string& key, json::object value) {
  return json::serialize(json::object{{"key", key}, {"value", std::move(value)}});
}

} // namespace

std::string photo_request_body(const std::string& key, const std::string& user_email, const std::string& prompt,
                               const std::string& photo_bytes) {
  return body_of(key, {{"user_email", user_email}, {"prompt", prompt}, {"photo", photo::to_base64(photo_bytes)}});
}

std::string text_request_body(const std::string& key, const std::string& user_email, const std::string& prompt) {
  return body_of(key, {{"user_email", user_email}, {"prompt", prompt}});
}

bool is_error_reply(const std::string& body) {
  boost::system::error_code problem;
  auto reply = json::parse(body, problem);
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
  auto inside = json::parse(analysis->as_string(), problem);
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
