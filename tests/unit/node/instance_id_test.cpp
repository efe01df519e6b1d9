#define CAF_SUITE instance_id
#include "tests/support/test.hpp"

#include "runtime/node/instance_id.hpp"

#include <string>

using namespace mp;

namespace {

settings with(std::string name, std::uint16_t port) {
  settings chosen;
  chosen.consumer_group = "group";
  chosen.group_instance_id = std::move(name);
  chosen.port = port;
  return chosen;
}

} // namespace

TEST_CASE("a made name is that of host and port, in the signs that Kafka takes") {
  CHECK_EQ(made_instance_id("worker-3.example.org", 5000), "worker-3.example.org-5000");
  CHECK_EQ(made_instance_id("a host_\xc3\xa4", 1), "a-host_---1");
}

TEST_CASE("a made name is as long as Kafka allows at most, and still ends with the port") {
  auto id = made_instance_id(std::string(300, 'h'), 5000);
  CHECK_EQ(id.size(), 249u);
  CHECK(id.ends_with("h-5000"));
}

TEST_CASE("a name that is given is the name; without a port of its own an instance has none") {
  CHECK_EQ(instance_id_of(with("one", 0)), "one");
  CHECK_EQ(instance_id_of(with("", 0)), "");
  CHECK(instance_id_of(with("", 5000)).ends_with("-5000"));
  CHECK_NE(instance_id_of(with("", 5000)), instance_id_of(with("", 5001)));
}

TEST_CASE("a made transactional id tells groups, hosts and ports apart, a given one is left as it is") {
  auto chosen = with("", 5000);
  CHECK(transactional_id_of(chosen).starts_with("group-"));
  CHECK(transactional_id_of(chosen).ends_with("-5000"));
  CHECK_EQ(transactional_id_of(with("one", 5000)), "group-one");
  chosen.transactional_id = "mine";
  CHECK_EQ(transactional_id_of(chosen), "mine");
}
