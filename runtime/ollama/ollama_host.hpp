#pragma once
// One model server, as all the ports to it see it.

#include "actors/ollama_worker/chat_call.hpp"
#include "actors/ollama_worker/chat_stream.hpp"
#include "runtime/config/addresses.hpp"
#include "runtime/ollama/model_catalog.hpp"
#include "runtime/photos/prepare_photo.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace mp::ollama {

struct ollama_host {
  config::host_address address;
  chat_settings chat;
  stream_limits limits;
  std::chrono::milliseconds connect_max{1'000};

  /// Of a question's exchange: only a bound on silent sockets. It has to be above the limit on whole calls that the
  /// worker watches, which then always strikes first.
  std::chrono::milliseconds call_max{70'000};

  std::chrono::milliseconds small_request_max{5'000}; ///< version, show, ps
  std::chrono::milliseconds load_max{300'000};        ///< loading a model from disk
  photo::photo_rules photos;
  std::function<bool(std::string_view)>
    accepts_schema; ///< whether a request's schema can be used; empty: any can. From any thread
  bool webp_by_version = false; ///< WebP is refused by a server that is not known to read it, see reads_webp
  std::shared_ptr<model_catalog> catalog = std::make_shared<model_catalog>();
};

} // namespace mp::ollama
