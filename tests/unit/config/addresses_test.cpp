#define CAF_SUITE addresses
#include "tests/support/test.hpp"

#include "runtime/config/addresses.hpp"

using namespace mp::config;

namespace {

std::string url_of(std::string_view text) {
  const auto host = parse_host_address(text);
  return host ? host->url() : "refused";
}

} // namespace

TEST_CASE("a host without a scheme has Ollama's port, one with a scheme the port of the scheme") {
  CHECK_EQ(url_of("localhost"), "http://localhost:11434");
  CHECK_EQ(url_of("10.0.0.7:8080"), "http://10.0.0.7:8080");
  CHECK_EQ(url_of("http://gpu-1"), "http://gpu-1:80");
  CHECK_EQ(url_of("https://ollama.example.org"), "https://ollama.example.org:443");
  CHECK_EQ(url_of("HTTPS://Ollama.Example.org:8443/"), "https://ollama.example.org:8443");
  CHECK_EQ(url_of("http://localhost:11434/"), "http://localhost:11434");
}

TEST_CASE("an IPv6 host stands in brackets") {
  CHECK_EQ(url_of("[::1]"), "http://[::1]:11434");
  CHECK_EQ(url_of("http://[FE80::1]:80"), "http://[fe80::1]:80");
  CHECK_EQ(parse_host_address("[::1]:9")->host, "::1");
  for (const auto* text : {"::1", "[::1", "[::1]9", "[localhost]:1", "[]:1"})
    CHECK_EQ(url_of(text), "refused");
}

TEST_CASE("what is no host is refused, with paths, passwords and other schemes") {
  for (const auto* text : {"",
                           "/",
                           "http://",
                           ":11434",
                           "localhost:",
                           "localhost:0",
                           "localhost:65536",
                           "localhost:-1",
                           "localhost:+1",
                           "localhost:1a",
                           "localhost: 1",
                           "ftp://localhost",
                           "http://localhost/ollama",
                           "http://user:secret@localhost",
                           "local host",
                           "a..b",
                           ".a",
                           "-a",
                           "http://http://a",
                           "localhost//",
                           "a:1:2",
                           "caf\xC3\xA9"})
    CHECK_EQ(url_of(text), "refused");
}

TEST_CASE("a list of hosts keeps its order and names no server twice") {
  const auto hosts = parse_host_list("gpu-1, https://gpu-2 ,[::1]:1");
  CAF_REQUIRE(hosts.has_value());
  CAF_REQUIRE_EQUAL(hosts->size(), 3u);
  CHECK_EQ((*hosts)[0].url(), "http://gpu-1:11434");
  CHECK_EQ((*hosts)[1].url(), "https://gpu-2:443");
  CHECK_EQ((*hosts)[2].url(), "http://[::1]:1");
  for (const auto* text : {"", ",", "a,", ",a", "a,,b", "a,a", "localhost,http://LOCALHOST:11434/"})
    CHECK(!parse_host_list(text));
}

TEST_CASE("brokers have port 9092 unless they name another") {
  CHECK_EQ(parse_broker_list("kafka-1:9093, Kafka-2 ,[::1]:9094"), "kafka-1:9093,kafka-2:9092,[::1]:9094");
  CHECK_EQ(parse_broker_list("127.0.0.1:9092"), "127.0.0.1:9092");
  for (const auto* text : {"", ",", "kafka:9092,", "kafka:0", "kafka:99999", "kafka:http", ":9092",
                           "PLAINTEXT://kafka:9092", "::1:9092", "kafka 1:9092", "kafka:9092/x"})
    CHECK(!parse_broker_list(text));
}
