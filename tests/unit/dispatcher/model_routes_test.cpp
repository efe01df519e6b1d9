#define CAF_SUITE model_routes
#include "tests/support/test.hpp"

#include "actors/dispatcher/model_routes.hpp"

using namespace mp;

namespace {

request asking(request_kind kind, std::string task = {}, std::string model = {}) {
  request question;
  question.kind = kind;
  question.task = std::move(task);
  question.model = std::move(model);
  return question;
}

request text(std::string task = {}, std::string model = {}) {
  return asking(request_kind::text, std::move(task), std::move(model));
}
request photo(std::string task = {}, std::string model = {}) {
  return asking(request_kind::photo, std::move(task), std::move(model));
}

model_routes all_routes() {
  return {"llava", "bakllava", "llama3", {{"code", "codellama"}}, {"phi3", "codellama:latest"}};
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("with nothing but a usual model, that one answers everything") {
  model_routes routes{"llava", "", "", {}, {}};
  CHECK_EQ(route(routes, text()).name, "llava");
  CHECK_EQ(route(routes, photo()).name, "llava");
  CHECK_EQ(route(routes, text("code")).name, "llava");
  CHECK_EQ(routed_models(routes), names{"llava"});
}

TEST_CASE("photos and texts may have models of their own") {
  CHECK_EQ(route(all_routes(), text()).name, "llama3");
  CHECK_EQ(route(all_routes(), photo()).name, "bakllava");
  model_routes only_text{"llava", "", "llama3", {}, {}};
  CHECK_EQ(route(only_text, photo()).name, "llava");
}

TEST_CASE("the task of a request goes before its kind, as it is written") {
  CHECK_EQ(route(all_routes(), text("code")).name, "codellama");
  CHECK_EQ(route(all_routes(), photo("code")).name, "codellama");
  CHECK_EQ(route(all_routes(), text("Code")).name, "llama3");
  CHECK_EQ(route(all_routes(), text("cooking")).name, "llama3");
}

TEST_CASE("a request's own model goes before everything where it is allowed, under each of its names") {
  CHECK_EQ(route(all_routes(), text("code", "phi3")).name, "phi3");
  CHECK_EQ(route(all_routes(), text("", "Phi3:latest")).name, "Phi3:latest");
  CHECK(route(all_routes(), text("", "phi3")).of_its_own);
  CHECK(!route(all_routes(), text("", "phi3")).refused);
}

TEST_CASE("a model that is not allowed changes nothing and is told as refused") {
  auto routed = route(all_routes(), text("code", "gemini-pro"));
  CHECK_EQ(routed.name, "codellama");
  CHECK(routed.refused);
  CHECK(!routed.of_its_own);
  CHECK(route(all_routes(), text("", "phi3:mini")).refused);
}

TEST_CASE("asking for the model that would answer anyway is neither refused nor a model of its own") {
  auto not_listed = route(all_routes(), text("", "llama3:latest"));
  CHECK(!not_listed.refused);
  CHECK(!not_listed.of_its_own);
  CHECK(!route(all_routes(), text("", "codellama")).of_its_own); // listed, and the route of a task leads to it
}

TEST_CASE("a star allows every model") {
  model_routes routes{"llava", "", "", {}, {"*"}};
  CHECK_EQ(route(routes, text("", "someone/their-model:7b")).name, "someone/their-model:7b");
  CHECK(!route({"llava", "", "", {}, {}}, text()).refused);
}

TEST_CASE("hosts need each model that a route leads to once, and no other") {
  CHECK_EQ(routed_models(all_routes()), (names{"bakllava", "llama3", "codellama"}));
  CHECK_EQ(routed_models({"llava", "", "LLaVA:latest", {{"a", "phi3"}, {"b", "phi3:latest"}}, {}}),
           (names{"llava", "phi3"}));
}

TEST_CASE("metrics name a model as it is configured, however a request writes it") {
  CHECK_EQ(route(all_routes(), text()).label, "llama3");
  CHECK_EQ(route(all_routes(), text("", "PHI3:latest")).label, "phi3");
  CHECK_EQ(route(all_routes(), text("", "gemini-pro")).label, "llama3");
  CHECK_EQ(route({"llava", "", "", {}, {"*"}}, text("", "whatever")).label, "other");
}
