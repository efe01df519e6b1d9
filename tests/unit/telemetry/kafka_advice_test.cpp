#define CAF_SUITE kafka_advice
#include "tests/support/test.hpp"

#include "actors/telemetry/kafka_advice.hpp"

using namespace mp;

TEST_CASE("a missing right and a missing topic have different advice") {
  CHECK_NE(kafka_advice("TOPIC_AUTHORIZATION_FAILED").find("right"), std::string_view::npos);
  CHECK_NE(kafka_advice("UNKNOWN_TOPIC_OR_PART").find("--create-topics"), std::string_view::npos);
  CHECK_EQ(kafka_advice("UNKNOWN_TOPIC_OR_PART"), kafka_advice("_UNKNOWN_TOPIC"));
}

TEST_CASE("the first and the last row are found") {
  CHECK_NE(kafka_advice("CLUSTER_AUTHORIZATION_FAILED"), "");
  CHECK_NE(kafka_advice("_UNKNOWN_TOPIC"), "");
}

TEST_CASE("a code that is not known has no advice and stands alone") {
  for (auto code : {"", "A", "ZZZ", "_", "NOT_COORDINATORS", "NOT_COORDINATO"}) {
    CHECK_EQ(kafka_advice(code), "");
    CHECK_EQ(with_advice(code), code);
  }
}

TEST_CASE("code and advice stand together") {
  CHECK_EQ(with_advice("MSG_SIZE_TOO_LARGE"), "MSG_SIZE_TOO_LARGE; raise max.message.bytes of the topic");
}
