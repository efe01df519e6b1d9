#include "tests/simulation/sim_kafka/sim_transactions.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace mp::sim {

using namespace std::chrono_literals;

/// One transaction at a time: its records, its offsets, its end, each answered by the broker before the next is sent.
struct sim_transactions::client : std::enable_shared_from_this<sim_transactions::client> {
  enum class state : std::uint8_t { opening, ready, running, broken };

  broker& kafka;
  std::string id;
  connection_ptr line;
  teller tell;
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
    if (line->open && line->owner->alive && tell)
      tell(std::move(event));
  }

  void end(transaction_result result, std::string reason) {
    if (at != state::running)
      return; // it has broken meanwhile
    at = result == transaction_result::unclear ? state::broken : state::ready;
    what = {};
    say(transaction_outcome{result, std::move(reason)});
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

  void abort(transaction_result result, const char* reason) {
    ask([self = shared_from_this()] { return self->kafka.transacted.end(self->id, self->epoch, false); },
        [self = shared_from_this(), result, reason](transactions::taken answer) {
          if (answer == transactions::taken::fenced)
            self->end(transaction_result::unclear, "_FENCED");
          else
            self->end(result, reason);
        });
  }

  bool is_too_large(std::size_t limit) const {
    return std::any_of(what.records.begin(), what.records.end(),
                       [limit](const auto& each) { return each->body.size() > limit; });
  }

  void send_records() {
    if (is_too_large(reply_bytes_max)) {
      abort(transaction_result::too_large, "MSG_SIZE_TOO_LARGE");
      return;
    }
    std::vector<outgoing> records;
    for (const auto& each : what.records)
      records.push_back(*each);
    ask([self = shared_from_this(), records] { return self->kafka.transacted.add(self->id, self->epoch, records); },
        [self = shared_from_this()](transactions::taken answer) {
          if (self->went_well(answer))
            self->send_offsets();
        });
  }

  void send_offsets() {
    if (kafka.world.strikes(&weather::transaction_aborted)) {
      abort(transaction_result::aborted, "_PURGE_QUEUE");
      return;
    }
    if (what.offsets.empty()) {
      commit();
      return;
    }
    ask([self = shared_from_this(), who = member_of(what.membership).first] {
      return self->kafka.transacted.add_offsets(self->id, self->epoch, who, self->what.offsets);
    }, [self = shared_from_this()](transactions::taken answer) {
      if (self->went_well(answer))
        self->commit();
    });
  }

  void commit() {
    bool unclear = kafka.world.strikes(&weather::transaction_unclear);
    // Not known to have ended: it may have been committed, aborted, or be open until somebody ends it.
    auto fate = unclear ? kafka.world.luck.below(3) : 0;
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

void sim_transactions::open(teller tell) {
  client_->kafka.world.may_throw(*client_->line->owner, "transactions.open");
  client_->tell = std::move(tell);
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
  if (c.is_too_large(2 * reply_bytes_max))
    c.kafka.world.time.after(0ns, [self = client_] { self->end(transaction_result::too_large, "_MSG_SIZE_TOO_LARGE"); });
  else
    c.send_records();
}

} // namespace mp::sim
