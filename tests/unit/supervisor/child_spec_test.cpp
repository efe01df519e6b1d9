#define CAF_SUITE child_spec
#include "tests/support/test.hpp"

#include "actors/supervisor/child_spec.hpp"

using namespace mp;
using list = std::vector<std::string>;

namespace {

child_spec leaf(std::string name) { return {std::move(name), nullptr, restart_rule::always, {}}; }

child_spec branch(std::string name, std::vector<child_spec> children) {
  supervisor_spec inner;
  inner.name = name;
  inner.children = std::move(children);
  return {std::move(name), nullptr, restart_rule::always, {}, std::make_shared<const supervisor_spec>(inner)};
}

} // namespace

TEST_CASE("a child's address is its name, with a number where siblings share it") {
  CHECK(addresses_of({leaf("producer"), leaf("worker"), leaf("sanitizer"), leaf("worker")})
        == (list{"producer", "worker/0", "sanitizer", "worker/1"}));
  CHECK(addresses_of({}).empty());
}

TEST_CASE("the names in a tree are those of all supervisors and children, each once") {
  supervisor_spec root;
  root.name = "root";
  root.children = {branch("outbound", {leaf("producer"), leaf("sanitizer")}),
                   branch("workers", {leaf("worker"), leaf("worker")})};
  CHECK(names_in(root)
        == (list{"root", "outbound", "producer", "sanitizer", "workers", "worker", "worker/0", "worker/1"}));
}

TEST_CASE("CAF has one name for all supervisors and each child's own, not those of branches") {
  supervisor_spec root;
  root.name = "root";
  root.children = {branch("outbound", {leaf("producer"), leaf("sanitizer")}),
                   branch("workers", {leaf("worker"), leaf("worker")})};
  CHECK(caf_names_in(root) == (list{"supervisor", "producer", "sanitizer", "worker"}));
}
