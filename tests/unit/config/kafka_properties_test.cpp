#define CAF_SUITE kafka_properties
#include "tests/support/test.hpp"

#include "runtime/config/kafka_properties.hpp"

using namespace mp::config;

TEST_CASE("a variable means the property with dots for underscores") {
  CHECK_EQ(property_of_variable("KAFKA_SECURITY_PROTOCOL"), "security.protocol");
  CHECK_EQ(property_of_variable("KAFKA_SASL_USERNAME"), "sasl.username");
  CHECK_EQ(property_of_variable("KAFKA_ENABLE_SSL_CERTIFICATE_VERIFICATION"), "enable.ssl.certificate.verification");
  CHECK_EQ(property_of_variable("KAFKA_NO_SUCH"), "no.such");
}

TEST_CASE("a property that has an underscore of its own is found too") {
  CHECK_EQ(property_of_variable("KAFKA_LOG_LEVEL"), "log_level");
  CHECK_EQ(property_of_variable("KAFKA_ENABLED_EVENTS"), "enabled_events");
}

TEST_CASE("what Kubernetes injects for services named kafka is not meant for us") {
  for (const auto* variable :
       {"KAFKA_SERVICE_HOST", "KAFKA_SERVICE_PORT", "KAFKA_SERVICE_PORT_TCP_CLIENT", "KAFKA_PORT",
        "KAFKA_PORT_9092_TCP", "KAFKA_PORT_9092_TCP_PROTO", "KAFKA_PORT_9092_TCP_PORT", "KAFKA_PORT_9092_TCP_ADDR",
        "KAFKA_PORT_53_UDP", "KAFKA_UI_SERVICE_HOST", "KAFKA_UI_PORT_80_TCP_ADDR", "KAFKA_SERVICE_SERVICE_PORT_HTTP",
        "KAFKA_SERVICE_PORT_9092_TCP", "KAFKA_0_EXTERNAL_PORT"})
    CHECK_EQ(property_of_variable(variable), std::nullopt);
}

TEST_CASE("variables without the prefix are not meant for us") {
  for (const auto* variable : {"KAFKA", "KAFKA_", "kafka_linger_ms", "MY_KAFKA_LINGER_MS", "BOOTSTRAP_SERVER"})
    CHECK_EQ(property_of_variable(variable), std::nullopt);
}

TEST_CASE("properties of consumers and of producers are both taken") {
  for (const auto& [property, value] :
       {std::pair{"fetch.wait.max.ms", "50"}, std::pair{"linger.ms", "5"}, std::pair{"compression.type", "zstd"},
        std::pair{"session.timeout.ms", "6000"}, std::pair{"security.protocol", "SASL_SSL"}})
    CHECK_EQ(property_problem(property, value), std::nullopt);
}

TEST_CASE("librdkafka's own words say why a value is refused") {
  CHECK_EQ(property_problem("security.protocol", "bogus"),
           "Invalid value \"bogus\" for configuration property \"security.protocol\"");
  CHECK_EQ(property_problem("log_level", "9"),
           "Configuration property \"log_level\" value 9 is outside allowed range 0..7");
  CHECK_EQ(property_problem("dr_cb", "1"), "Property \"dr_cb\" must be set through dedicated .._set_..() function");
}

TEST_CASE("properties that the promises depend on are refused with the reason or the right setting") {
  CHECK_EQ(property_problem("group.id", "x"), "group.id is set by CONSUMER_GROUP");
  CHECK_EQ(property_problem("metadata.broker.list", "x"), "metadata.broker.list is set by BOOTSTRAP_SERVER");
  for (const auto* property :
       {"enable.auto.commit", "auto.commit.enable", "enable.auto.offset.store", "auto.offset.reset", "isolation.level",
        "transactional.id", "enable.idempotence", "acks", "request.required.acks", "partition.assignment.strategy",
        "group.protocol", "delivery.report.only.error", "enabled_events", "test.mock.num.brokers", "group.instance.id",
        "bootstrap.servers"}) {
    const auto problem = property_problem(property, "1");
    CAF_REQUIRE(problem.has_value());
    CHECK(problem->starts_with(std::string{property} + " is "));
  }
}

TEST_CASE("the reason for a refusal shows no e-mail address") {
  CHECK_EQ(property_problem("security.protocol", "hidden@example.org"), "librdkafka refuses the value (not shown)");
}

TEST_CASE("properties that hold secrets are known as such") {
  for (const auto* property :
       {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.assertion.private.key.pem", "sasl.oauthbearer.config", "sasl.username",
        "sasl.kerberos.kinit.cmd"})
    CHECK(is_secret_property(property));
  for (const auto* property : {"ssl.ca.location", "security.protocol", "linger.ms"})
    CHECK(!is_secret_property(property));
}

TEST_CASE("properties that a client can be made with are no problem") {
  CHECK_EQ(client_problem({}), std::nullopt);
  CHECK_EQ(client_problem({{"linger.ms", "5"}, {"session.timeout.ms", "6000"}, {"debug", "all"}}), std::nullopt);
  CHECK_EQ(client_problem({{"security.protocol", "sasl_ssl"},
                           {"sasl.mechanism", "SCRAM-SHA-512"},
                           {"sasl.username", "u"},
                           {"sasl.password", "p"}}),
           std::nullopt);
}

TEST_CASE("properties that exclude each other are a problem of the client they are for") {
  CHECK(client_problem({{"max.in.flight", "10"}}).has_value());
  CHECK(client_problem({{"max.poll.interval.ms", "1000"}, {"session.timeout.ms", "6000"}}).has_value());
  CHECK(client_problem({{"security.protocol", "sasl_plaintext"}, {"sasl.mechanism", "NO-SUCH"}}).has_value());
  CHECK(client_problem({{"security.protocol", "ssl"}, {"ssl.certificate.location", "/no/such/file"}}).has_value());
}

TEST_CASE("a property of the library is known, consumer's, producer's and topic's") {
  for (const auto* property :
       {"linger.ms", "session.timeout.ms", "security.protocol", "acks", "log_level", "sasl.username"})
    CHECK(is_known_property(property));
  for (const auto* property : {"home", "heap.opts", "", "linger_ms"})
    CHECK(!is_known_property(property));
}

TEST_CASE("a slip of one to three letters leads to the property that was meant, according to its length") {
  CHECK_EQ(similar_property("securty.protocol"), "security.protocol");
  CHECK_EQ(similar_property("ssl.key.pasword"), "ssl.key.password");
  CHECK_EQ(similar_property("akcs"), "acks");
  CHECK_EQ(similar_property("asks"), "acks");
  CHECK_EQ(similar_property("opts"), std::nullopt);
  CHECK_EQ(similar_property("home"), std::nullopt);
  CHECK_EQ(similar_property("jvm.performance.opts"), std::nullopt);
}

TEST_CASE("the variable of a property leads back to it") {
  for (const auto* property : {"security.protocol", "log_level", "sasl.oauthbearer.client.secret"})
    CHECK_EQ(property_of_variable(variable_of_property(property)), property);
}
