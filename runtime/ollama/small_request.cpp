#include "runtime/ollama/small_request.hpp"

#include "messages/json/json_text.hpp"

namespace mp::ollama {

small_response ask(http_connection& connection, const std::string& path, std::string_view body,
                   std::chrono::milliseconds limit, const std::stop_token& stop) {
  const auto pieces = std::span{&body, body.empty() ? 0u : 1u};
  small_response response;
  auto too_large = false;
  response.result = connection.run(
    {path, pieces, body.size(), limit, limit},
    [&](int, std::string_view bytes) {
      too_large = response.body.size() + bytes.size() > small_response_bytes_max;
      if (!too_large)
        response.body += bytes;
      return !too_large;
    },
    stop);
  if (too_large)
    response.result.failure = transport_failure::not_http;
  return response;
}

std::variant<model_facts, small_response> ask_facts(http_connection& connection, const ollama_host& host,
                                                    std::string_view model, const std::stop_token& stop) {
  auto response =
    ask(connection, "/api/show", R"({"model":)" + string_literal(model) + "}", host.small_request_max, stop);
  const auto status = response.result.status;
  std::optional<model_facts> facts;
  if (!response.result.failure) {
    if (status == 200)
      facts = facts_from_show(response.body);
    else if (fault_of_response(status, response.body) == fault::model_not_found)
      facts = model_facts{};
  }
  if (!facts)
    return response;
  host.catalog->learn(model, *facts, std::chrono::steady_clock::now());
  return *facts;
}

} // namespace mp::ollama
