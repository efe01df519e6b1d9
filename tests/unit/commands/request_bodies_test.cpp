#define CAF_SUITE request_bodies
#include "tests/support/test.hpp"

#include "runtime/commands/commands.hpp"

using namespace mp;
using namespace std::string_literals;

TEST_CASE("a request's body is what the README of the contract says, every text escaped") {
  CHECK_EQ(text_request_body("k\"1", "a@b.c", "Why?\n\xC3\xA9"),
           R"({"key":"k\"1","value":{"user_email":"a@b.c","prompt":"Why?\n)"
           "\xC3\xA9"
           R"("}})");
  CHECK_EQ(photo_request_body("k", "a@b.c", "What?", "\xFF\xD8\xFF"s),
           R"({"key":"k","value":{"user_email":"a@b.c","prompt":"What?","photo":"/9j/"}})");
}

TEST_CASE("error replies of both kinds are told from answers") {
  CHECK(is_error_reply(R"({"key":"k","value":{"error":{"code":"expired"},"response":""}})"));
  CHECK(is_error_reply(R"({"key":"k","value":{"analysis":"{\"error\":\"expired: x\"}"}})"));
  CHECK(is_error_reply("no JSON"));
  CHECK(is_error_reply(R"({"key":"k"})"));
  CHECK(!is_error_reply(R"({"key":"k","value":{"analysis":"{\"error\":0.1,\"dish\":\"Pizza\"}"}})"));
  CHECK(!is_error_reply(R"({"key":"k","value":{"response":"x","analysis":"{\"error\":1}"}})"));
}
