#include "actors/dispatcher/model_routes.hpp"

#include "messages/model_name.hpp"

#include <algorithm>

namespace mp {
namespace {

bool same_model(const std::string& a, const std::string& b) {
  return a == b || canonical_model_name(a) == canonical_model_name(b);
}

bool contains(const std::vector<std::string>& models, const std::string& model) {
  return std::any_of(models.begin(), models.end(), [&](const auto& each) { return same_model(each, model); });
}

bool is_allowed(const model_routes& routes, const std::string& model) {
  return std::find(routes.allowed.begin(), routes.allowed.end(), "*") != routes.allowed.end()
         || contains(routes.allowed, model);
}

/// Requests choose the spelling, and with "*" the name: neither may make new metrics.
std::string label_of(const model_routes& routes, const std::string& model) {
  auto listed = std::find_if(routes.allowed.begin(), routes.allowed.end(),
                             [&](const auto& each) { return same_model(each, model); });
  return listed != routes.allowed.end() ? *listed : "other";
}

} // namespace

routed_model route(const model_routes& routes, const request& question) {
  bool asks = !question.model.empty();
  if (asks && is_allowed(routes, question.model))
    return {question.model, !contains(routed_models(routes), question.model), false, label_of(routes, question.model)};
  const auto* name = &model_for(routes, question.kind);
  for (const auto& [task, model] : routes.by_task)
    if (task == question.task) {
      name = &model;
      break;
    }
  return {*name, false, asks && !same_model(*name, question.model), *name};
}

const std::string& model_for(const model_routes& routes, request_kind kind) {
  const auto& own = kind == request_kind::photo ? routes.vision : routes.text;
  return own.empty() ? routes.usual : own;
}

std::vector<std::string> routed_models(const model_routes& routes) {
  std::vector<std::string> models{model_for(routes, request_kind::photo)};
  auto add = [&](const std::string& model) {
    if (!contains(models, model))
      models.push_back(model);
  };
  add(model_for(routes, request_kind::text));
  for (const auto& [task, model] : routes.by_task)
    add(model);
  return models;
}

} // namespace mp
