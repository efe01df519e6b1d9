#define CAF_SUITE topic_names
#include "tests/support/test.hpp"

#include "runtime/kafka/topic_names.hpp"

using namespace mp::kafka;

namespace {

/// "name: reason; name: reason"
std::string told(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& each : odd_names(names))
    text += (text.empty() ? "" : "; ") + each.topic + ": " + each.why.substr(0, each.why.find(':'));
  return text;
}

} // namespace

TEST_CASE("ordinary names are not odd, also when several are the same") {
  CHECK_EQ(told({}), "");
  CHECK_EQ(told({"requests", "replies", "replies", "dead-letters", "a.b", "a.b"}), "");
}

TEST_CASE("two names that Kafka's metrics cannot tell apart are told, once") {
  CHECK_EQ(told({"a.b", "a_b"}), "a_b: differs from a.b only by . and _");
  CHECK_EQ(told({"a.b_c", "x", "a_b.c", "a_b.c"}), "a_b.c: differs from a.b_c only by . and _");
}

TEST_CASE("names of Kafka's own and those that it does not take are told") {
  CHECK_NE(told({"__consumer_offsets"}), "");
  CHECK_NE(told({"."}), "");
  CHECK_NE(told({".."}), "");
  CHECK_EQ(told({"_one", "..."}), "");
}
