#define CAF_SUITE fault
#include "tests/support/test.hpp"

#include "messages/answer.hpp"
#include "messages/fault.hpp"

using namespace mp;

TEST_CASE("every fault has a code of its own that is safe as a label, a header and a JSON string") {
  std::set<std::string_view> codes;
  for (const auto& each : faults()) {
    CHECK(codes.insert(each.code).second);
    for (char c : each.code)
      CHECK(c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
  }
  CHECK_EQ(codes.size(), fault_count);
}

TEST_CASE("every fault has a text for the sender that needs no escapes") {
  for (const auto& each : faults()) {
    CHECK(!each.text.empty());
    for (char c : each.text)
      CHECK(c >= ' ' && c <= '~' && c != '"' && c != '\\');
  }
}

TEST_CASE("a fault's row is its own") {
  for (const auto& each : faults())
    CHECK(info_of(each.kind).kind == each.kind);
  CHECK_EQ(code_of(fault::not_json), "not_json");
  CHECK_EQ(code_of(fault::reply_too_large), "reply_too_large");
}

TEST_CASE("a code leads back to its fault and unknown text to none") {
  for (const auto& each : faults()) {
    auto found = each.kind == fault::poison ? fault::not_json : fault::poison;
    CHECK(from_string(caf::string_view{each.code.data(), each.code.size()}, found));
    CHECK(found == each.kind);
  }
  fault found = fault::poison;
  CHECK(!from_string("no_such_fault", found));
}

TEST_CASE("every retry class has a name of its own") {
  std::set<std::string_view> names;
  for (auto each : {retry_class::dead_letter, retry_class::tell, retry_class::wait_for_host, retry_class::retry,
                    retry_class::retry_once, retry_class::give_up})
    CHECK(names.insert(to_string(each)).second);
}
