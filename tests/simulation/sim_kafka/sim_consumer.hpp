#pragma once
// A consumer_port over the simulated group.

#include "tests/simulation/sim_kafka/group_client.hpp"

namespace mp::sim {

/// Any call may throw (fault_rates::port_throws). Of a program that is dead it has no effect.
class sim_consumer final : public consumer_port {
public:
  sim_consumer(broker& kafka, std::shared_ptr<process> owner, const std::string& static_name)
    : world_(kafka.world), owner_(owner), client_(std::make_shared<group_client>(kafka, owner, static_name)) {}

  ~sim_consumer() override { client_->abandon(); }

  void open(notifier notify) override {
    world_.may_throw(*owner_, "consumer.open");
    owner_->reader = client_;
    if (owner_->alive)
      client_->open(std::move(notify));
  }

  bool next_event(group_event& event) override {
    world_.may_throw(*owner_, "consumer.next_event");
    return owner_->alive && client_->next_event(event);
  }

  fetch_end fetch(std::int32_t partition, std::size_t records_max, std::size_t bytes_max,
                  std::vector<fetched_record>& records) override {
    world_.may_throw(*owner_, "consumer.fetch");
    return owner_->alive ? client_->fetch(partition, records_max, bytes_max, records) : fetch_end::drained;
  }

  void load_positions(const std::vector<std::int32_t>& partitions) override {
    world_.may_throw(*owner_, "consumer.load_positions");
    client_->load_positions(partitions);
  }

  void look_at_logs() override {
    world_.may_throw(*owner_, "consumer.look_at_logs");
    client_->put_away(); // only who is in doubt asks for it
    client_->look_at_logs();
  }

  std::int64_t passed(std::int32_t partition) const override { return client_->passed(partition); }

  void assign(const std::vector<position>& positions) override {
    world_.may_throw(*owner_, "consumer.assign");
    client_->assign(positions);
  }

  void rewind(std::int32_t partition, std::int64_t offset) override {
    world_.may_throw(*owner_, "consumer.rewind");
    client_->rewind(partition, offset);
  }

  void unassign(const std::vector<std::int32_t>& partitions) override {
    world_.may_throw(*owner_, "consumer.unassign");
    client_->unassign(partitions);
  }

  void commit(const std::vector<position>& positions) override {
    world_.may_throw(*owner_, "consumer.commit");
    client_->commit(positions);
  }

  void committed(const std::vector<position>&) override {} // nobody looks at the lag here

  std::string membership() const override { return client_->membership_text(); }

  void close() override {
    world_.may_throw(*owner_, "consumer.close");
    client_->close();
  }

  bool closed() const override { return !owner_->alive || client_->closed(); }

private:
  sim_context& world_;
  std::shared_ptr<process> owner_;
  std::shared_ptr<group_client> client_;
};

} // namespace mp::sim
