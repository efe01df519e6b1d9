#pragma once
// Readers, found by DNS and reached over CAF's network.

#include "actors/node_link/reader_port.hpp"
#include "runtime/threads/background_threads.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <memory>
#include <string>

namespace mp {

/// Dials on threads of `background`, which must end before the system does.
class network_readers : public reader_port {
public:
  network_readers(caf::actor_system& system, std::shared_ptr<threads::background_threads> background, bool tls)
    : system_(system), background_(std::move(background)), tls_(tls) {}
  ~network_readers() override { stopped_->store(true); }

  network_readers(const network_readers&) = delete;
  network_readers& operator=(const network_readers&) = delete;

  void dial(const std::string& name, ended tell) override;

private:
  caf::actor_system& system_;
  std::shared_ptr<threads::background_threads> background_;
  bool tls_;
  std::shared_ptr<std::atomic<bool>> stopped_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace mp
