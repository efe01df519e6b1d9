#pragma once
// Requests to a model server whose whole response fits into memory.

#include "runtime/ollama/http_connection.hpp"
#include "runtime/ollama/model_catalog.hpp"
#include "runtime/ollama/ollama_host.hpp"

#include <stop_token>
#include <string>
#include <variant>

namespace mp::ollama {

struct small_response {
  http_result result;
  std::string body; ///< whole when result has no failure
};

/// A response larger than this is none that was asked for. (/api/show of a model with a long licence and template has
/// 100 KB.)
inline constexpr std::size_t small_response_bytes_max = 8u << 20;

/// Makes one request and waits for all of its response, at most `limit`. `body` empty: a GET.
small_response ask(http_connection& connection, const std::string& path, std::string_view body,
                   std::chrono::milliseconds limit, const std::stop_token& stop);

/// Asks the host for a model's facts and writes them into its catalog: facts, or the response that holds none.
std::variant<model_facts, small_response> ask_facts(http_connection& connection, const ollama_host& host,
                                                    std::string_view model, const std::stop_token& stop);

} // namespace mp::ollama
