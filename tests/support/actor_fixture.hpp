#pragma once
// Actors on CAF's test scheduler: one thread, virtual time, nothing runs until the test says so.

#include "actors/actor_directory.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "actors/telemetry/metrics.hpp"
#include "messages/interfaces.hpp"

#include <caf/actor_cast.hpp>
#include <caf/telemetry/collector/prometheus.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mp::test {

using namespace std::chrono_literals;

struct actor_fixture : test_coordinator_fixture<> {
  std::shared_ptr<actor_directory> directory = std::make_shared<actor_directory>();
  std::shared_ptr<mp::metrics> metrics = std::make_shared<mp::metrics>(sys.metrics());
  std::vector<caf::strong_actor_ptr>
    watched; ///< ended by the destructor: a living repeating timer would hang the framework's

  caf::local_actor* parent() { return self.ptr(); }

  /// Keeps an actor alive until the end of the test.
  caf::strong_actor_ptr keep(caf::strong_actor_ptr actor) {
    watched.push_back(actor);
    settle();
    return actor;
  }

  template <class Handle>
  Handle keep_as(const caf::strong_actor_ptr& actor) {
    return caf::actor_cast<Handle>(keep(actor));
  }

  /// Runs what is ready, no timers.
  void settle() { sched.run(); }

  /// Lets virtual time pass in steps small enough for repeating timers.
  void pass(std::chrono::milliseconds time) {
    constexpr auto step = 10ms;
    for (; time > 0ms; time -= std::min(time, std::chrono::milliseconds{step})) {
      advance_time(std::min(time, std::chrono::milliseconds{step}));
      settle();
    }
  }

  static bool alive(const caf::strong_actor_ptr& actor) {
    return !static_cast<caf::abstract_actor*>(caf::actor_cast<caf::abstract_actor*>(actor))
              ->getf(caf::abstract_actor::is_terminated_flag);
  }

  /// The value of a sample line in the metrics page, for example
  /// `models_processor_requests_total{kind="text",outcome="ok"}`; -1 when there is none.
  double sample(const std::string& name_and_labels) {
    caf::telemetry::collector::prometheus collector;
    auto view = collector.collect_from(sys.metrics());
    std::string page{view.data(), view.size()};
    auto at = page.find("\n" + name_and_labels + " ");
    return at == std::string::npos ? -1 : std::stod(page.substr(at + name_and_labels.size() + 2));
  }

  ~actor_fixture() {
    for (const auto& each : watched)
      order_exit(each, caf::exit_reason::kill);
    settle();
    watched.clear();
  }
};

} // namespace mp::test
