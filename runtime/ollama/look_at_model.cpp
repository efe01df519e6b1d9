#include "runtime/ollama/look_at_model.hpp"

#include "runtime/ollama/small_request.hpp"

namespace mp::ollama {

model_presence look_at_model(const ollama_host& host, const std::string& model) {
  http_connection connection{host.address, host.connect_max};
  const std::stop_token never;
  auto said = ask_facts(connection, host, model, never);
  auto* facts = std::get_if<model_facts>(&said);
  if (facts == nullptr)
    return model_presence::unreachable;
  return facts->exists ? model_presence::present : model_presence::missing;
}

} // namespace mp::ollama
