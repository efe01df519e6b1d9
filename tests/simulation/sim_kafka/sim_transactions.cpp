#include "tests/simulation/sim_kafka/sim_transactions.hpp"

#include <charconv>
#include <cstddef>
#include <stdexcept>

namespace mp::sim {

using namespace std::chrono_literals;

/// One transaction at a time: its records, its offsets, its end, each answered by the broker before the next is sent.
struct sim_transactions::client : std::enable_shared_from_this<sim_transactions::client> {
  enum class state : std::uint8_t { opening, ready, running, broken };

  broker& kafka;
  std::string id;
  connection_ptr line;
  event_callback on_event;
  state at = state::opening;
  int epoch = 0;
  transaction what;

  client(broker& of, std::shared_ptr<process> owner, std::string name)
    : kafka(of), id(std::move(name)), line(of.net.connect(std::move(owner))) {}

  /// Asks the broker, then goes on here with its answer.
  template <class Question, class Answer>
  void ask(Question at_broker, Answer at_client) {
    kafka.net.to_broker(line, [self = shared_from_this(), at_broker, at_client] {
      auto answer = at_broker();
      self->kafka.net.to_client(self->line, [self, answer, at_client] { at_client(answer); });
    });
  }

  void say(transaction_event event) {
    if (line->open && line->owner->alive && on_event)
      on_event(std::move(event));
  }

  void end(transaction_result result, std::string reason, std::vector<refused_record> refused = {}) {
    if (at != state::running)
      return; // it has broken meanwhile
    at = result == transaction_result::unclear ? state::broken : state::ready;
    what = {};
    say(transaction_outcome{result, std::move(reason), std::move(refused)});
  }

  bool went_well(transactions::taken answer) {
    if (at != state::running)
      return false;
    if (answer == transactions::taken::fenced)
      end(transaction_result::unclear, "_FENCED");
    else if (answer == transactions::taken::refused)
      abort(transaction_result::aborted, "ILLEGAL_GENERATION");
    return answer == transactions::taken::yes;
  }

  void start() {
    ask([self = shared_from_this()] { return self->kafka.transacted.start(self->id); },
        [self = shared_from_this()](int given) {
          self->epoch = given;
          self->at = state::ready;
          self->say(transactions_ready{});
        });
  }

  void abort(transaction_result result, const std::string& reason, const std::vector<refused_record>& refused = {}) {
    ask([self = shared_from_this()] { return self->kafka.transacted.end(self->id, self->epoch, false); },
        [self = shared_from_this(), result, reason, refused](transactions::taken answer) {
          if (answer == transactions::taken::fenced)
            self->end(transaction_result::unclear, "_FENCED");
          else
            self->end(result, reason, refused);
        });
  }

  /// Records that this client itself does not take.
  std::vector<refused_record> too_large_to_send() const {
    std::vector<refused_record> all;
    for (std::size_t i = 0; i < what.records.size(); ++i)
      if (what.records[i]->body.size() > 2 * reply_bytes_max)
        all.push_back({i, delivery_result::too_large, "MSG_SIZE_TOO_LARGE"});
    return all;
  }

  /// What the topics refuse. Of records that share a batch the broker may name all for the fault of one.
  std::vector<refused_record> refused_by_topics() {
    std::vector<refused_record> all;
    for (std::size_t i = 0; i < what.records.size(); ++i)
      if (auto why = kafka.replies.look_at(*what.records[i], line->owner->name)) {
        bool whole_batch = why->result != delivery_result::topic_refuses && kafka.world.rng.one_in(2);
        for (std::size_t k = 0; k < what.records.size(); ++k)
          if (k == i || (whole_batch && what.records[k]->to == what.records[i]->to))
            all.push_back({k, why->result, why->code});
      }
    return all;
  }

  void send_records() {
    std::vector<outgoing> records;
    if (auto refused = refused_by_topics(); !refused.empty()) {
      if (kafka.arm != control_arm::refusals_ignored) {
        abort(transaction_result::aborted, refused.front().code, refused);
        return;
      }
      for (auto i = refused.rbegin(); i != refused.rend(); ++i)
        if (i->index < what.records.size())
          what.records.erase(what.records.begin() + static_cast<std::ptrdiff_t>(i->index));
    }
    for (const auto& each : what.records)
      records.push_back(*each);
    ask([self = shared_from_this(), records] { return self->kafka.transacted.add(self->id, self->epoch, records); },
        [self = shared_from_this()](transactions::taken answer) {
          if (self->went_well(answer))
            self->send_offsets();
        });
  }

  void send_offsets() {
    if (kafka.world.occurs(&fault_rates::transaction_aborted)) {
      abort(transaction_result::aborted, "_PURGE_QUEUE");
      return;
    }
    if (what.offsets.empty()) {
      commit();
      return;
    }
    ask(
      [self = shared_from_this(), who = member_of(what.membership).first] {
        return self->kafka.transacted.add_offsets(self->id, self->epoch, who, self->what.offsets);
      },
      [self = shared_from_this()](transactions::taken answer) {
        if (self->went_well(answer))
          self->commit();
      });
  }

  void commit() {
    bool unclear = kafka.world.occurs(&fault_rates::transaction_unclear);
    // Not known to have ended: it may have been committed, aborted, or be open until somebody ends it.
    auto fate = unclear ? kafka.world.rng.below(3) : 0;
    if (fate == 2) {
      end(transaction_result::unclear, "_TIMED_OUT");
      return;
    }
    ask([self = shared_from_this(), fate] { return self->kafka.transacted.end(self->id, self->epoch, fate == 0); },
        [self = shared_from_this(), unclear](transactions::taken answer) {
          if (unclear || answer != transactions::taken::yes)
            self->end(transaction_result::unclear, unclear ? "_STATE" : "_FENCED");
          else
            self->committed();
        });
  }

  void committed() {
    if (at == state::running && line->open && line->owner->alive)
      for (const auto& each : what.offsets)
        kafka.judge.committed(each.partition, each.offset, each.metadata, true, member_of(what.membership).second,
                              kafka.world.time.now());
    end(transaction_result::committed, "");
  }

  /// The membership that group_client::membership_text() said, and the number of its client.
  static std::pair<membership, int> member_of(const std::string& text) {
    auto first = text.find('/'), second = text.find('/', first + 1);
    std::pair<membership, int> found{{text.substr(0, first), -1}, -1};
    if (second != std::string::npos) {
      std::from_chars(text.data() + first + 1, text.data() + second, found.first.generation);
      std::from_chars(text.data() + second + 1, text.data() + text.size(), found.second);
    }
    return found;
  }
};

sim_transactions::sim_transactions(broker& kafka, std::shared_ptr<process> owner, std::string transactional_id)
  : client_(std::make_shared<client>(kafka, std::move(owner), std::move(transactional_id))) {}

sim_transactions::~sim_transactions() { client_->line->open = false; }

void sim_transactions::open(event_callback on_event) {
  client_->kafka.world.may_throw(*client_->line->owner, "transactions.open");
  client_->on_event = std::move(on_event);
  client_->line->owner->producer_breaks = [weak = std::weak_ptr{client_}] {
    if (auto living = weak.lock(); living && living->line->open && living->at == client::state::running)
      living->end(transaction_result::unclear, "_FATAL");
  };
  client_->start();
}

void sim_transactions::run(transaction what) {
  auto& c = *client_;
  c.kafka.world.may_throw(*c.line->owner, "transactions.run");
  if (!c.line->owner->alive)
    return;
  if (c.at != client::state::ready) {
    c.kafka.judge.complain(wrong::failed, "a transaction was begun at a port that cannot take it");
    throw std::logic_error("the port is not ready");
  }
  c.at = client::state::running;
  c.what = std::move(what);
  if (auto refused = c.too_large_to_send(); !refused.empty())
    c.kafka.world.time.after(
      0ns, [self = client_, refused] { self->end(transaction_result::aborted, "_MSG_SIZE_TOO_LARGE", refused); });
  else
    c.send_records();
}

} // namespace mp::sim
