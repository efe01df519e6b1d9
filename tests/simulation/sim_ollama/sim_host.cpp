#include "tests/simulation/sim_ollama/sim_host.hpp"

#include <algorithm>

namespace mp::sim {

using namespace std::chrono_literals;

namespace {

constexpr auto piece_interval = 30ms;
// How long a host that hears nothing keeps a probe waiting.
constexpr auto probe_timeout = 2s;

} // namespace

// ---- modes ----

void sim_host::turn(host_mode mode) {
  world_.note("host ", name_, " turns from mode ", int(mode_), " to ", int(mode));
  mode_ = mode;
  away_ = false;
  auto running = running_; // ending a call removes it
  for (auto& each : running)
    if (mode == host_mode::silent) {
      each->stalled = true;
      each->last_piece = std::min(each->last_piece, world_.time.now());
    }
  if (mode == host_mode::refusing)
    break_off_all();
  if (mode == host_mode::flapping)
    flap();
}

void sim_host::break_off_all() {
  loaded_ = false;
  auto running = running_; // ending a call removes it
  for (auto& each : running)
    world_.time.after(world_.rng.between(0ms, 20ms), [this, each] {
      behind_proxy_ ? fail(each, fault::host_unreachable, 502) : fail(each, fault::stream_cut);
    });
}

void sim_host::server_dies() {
  ++world_.faults;
  turn(host_mode::refusing);
  world_.time.after(world_.rng.between(100ms, 2s), [this] {
    if (mode_ == host_mode::refusing)
      turn(host_mode::serving);
  });
}

void sim_host::flap() {
  world_.time.after(world_.rng.between(20ms, 800ms), [this] {
    if (mode_ != host_mode::flapping)
      return;
    away_ = !away_;
    world_.note("host ", name_, away_ ? " is away" : " is there");
    if (away_)
      break_off_all();
    flap();
  });
}

void sim_host::turn_away(const running_call_ptr& call) { fail(call, fault::host_unreachable, behind_proxy_ ? 502 : 0); }

void sim_host::unload() {
  world_.note("host ", name_, " unloads");
  loaded_ = false;
  auto running = running_;
  for (auto& each : running)
    fail(each, fault::stream_cut);
}

void sim_host::load(std::function<void()> then) {
  if (loaded_) {
    then();
    return;
  }
  after_load_.push_back(std::move(then));
  if (loading_)
    return;
  loading_ = true;
  world_.time.after(world_.rng.between(pace_.load / 4, pace_.load), [this] {
    loading_ = false;
    loaded_ = !is_away();
    auto waiting = std::move(after_load_);
    after_load_.clear();
    for (auto& each : waiting)
      each();
  });
}

// ---- calls ----

void sim_host::begin(const running_call_ptr& call) {
  running_.push_back(call);
  world_.time.after(moment(), [this, call] {
    if (call->ended)
      return;
    auto mode = mode_;
    const auto prompt = call->asked.question->prompt_json.view();
    if (is_away() || world_.occurs(&fault_rates::call_unreachable))
      turn_away(call);
    else if (mode == host_mode::silent || world_.occurs(&fault_rates::call_silent))
      call->stalled = true;
    else if (mode == host_mode::busy || world_.occurs(&fault_rates::call_busy))
      fail(call, fault::host_busy, 503);
    else if (mode == host_mode::failing || world_.occurs(&fault_rates::call_failed))
      fail(call, fault::model_error, 500);
    else if (mode == host_mode::denying)
      fail(call, fault::host_unreachable, 403);
    else if (shape_of(prompt) == request_shape::refused)
      refuse(call, lot_of(prompt));
    else if (call->asked.model != model_name)
      fail(call, fault::model_not_found, 404);
    else
      load([this, call] { answer(call); });
  });
}

void sim_host::answer(const running_call_ptr& call) {
  if (call->ended || call->stalled)
    return;
  auto takes = world_.rng.between(pace_.answer_from, pace_.answer_to);
  call->first_piece = world_.time.now() + takes / 3;
  if (world_.occurs(&fault_rates::call_deaf))
    call->stalled = call->deaf = true;
  if (world_.occurs(&fault_rates::call_silent)) {
    call->stalled = true;
    call->last_piece = world_.time.now() + takes / 2;
  }
  world_.time.after(takes, [this, call] {
    if (call->ended || call->stalled)
      return;
    const auto& asked = *call->asked.question;
    if (shape_of(asked.prompt_json.view()) == request_shape::poison) {
      lot_of(asked.prompt_json.view()) % 2 == 0 ? runner_dies(call) : server_dies();
      return;
    }
    if (mode_ == host_mode::cutting || world_.occurs(&fault_rates::call_cut)) {
      fail(call, fault::stream_cut, 200);
      return;
    }
    raw_answer said;
    said.model = call->asked.model;
    auto how = shape_of(asked.prompt_json.view());
    std::optional<fault> sees;
    auto text = answer_to(asked.prompt_json.view(), asked.kind);
    if (world_.occurs(&fault_rates::call_garbage)) {
      text = asked.kind == request_kind::photo ? "no idea" : "\n";
      how = asked.kind == request_kind::photo ? request_shape::garbage : request_shape::empty;
    }
    if (how == request_shape::garbage)
      sees = fault::invalid_answer;
    else if (how == request_shape::empty)
      sees = fault::answer_empty;
    said.text = text_slice{std::move(text)};
    end(call, std::move(said), sees);
  });
}

/// Every call at the host is cut with it; how that looks to each differs [ollama 9].
void sim_host::runner_dies(const running_call_ptr& cause) {
  ++world_.faults;
  world_.note("host ", name_, ": the runner dies");
  loaded_ = false;
  fail(cause, fault::runner_died, 500);
  static constexpr fault looks[] = {fault::runner_died, fault::stream_cut, fault::host_busy};
  auto running = running_;
  for (auto& each : running)
    fail(each, looks[world_.rng.below(std::size(looks))], 500);
}

/// In one of the ways in which servers, and what stands before them, refuse what they do not like.
void sim_host::refuse(const running_call_ptr& call, std::size_t lot) {
  struct refusal {
    fault why;
    int status;
  };
  static constexpr refusal ways[] = {
    {fault::host_unreachable, 401}, {fault::host_unreachable, 403},   {fault::host_unreachable, 407},
    {fault::host_unreachable, 502}, {fault::model_not_found, 404},    {fault::host_busy, 429},
    {fault::host_busy, 503},        {fault::model_refused, 400},      {fault::model_error, 500},
    {fault::model_error, 200},      {fault::first_byte_timeout, 504}, {fault::stream_cut, 0},
  };
  const auto& way = ways[lot % std::size(ways)];
  fail(call, way.why, way.status);
}

void sim_host::fail(const running_call_ptr& call, fault why, int status) { end(call, call_failure{why, status}, why); }

void sim_host::end(const running_call_ptr& call, call_outcome outcome, std::optional<fault> why) {
  if (call->ended)
    return;
  call->ended = true;
  std::erase(running_, call);
  if (!call->owner->alive)
    return;
  judge_.call_ended(call->ticket, why, world_.time.now());
  world_.note(name_, ": call for r", call->ticket.number, " ends: ", why ? code_of(*why) : "answered");
  if (call->tell)
    std::exchange(call->tell, nullptr)(std::move(outcome));
}

void sim_host::cancel(const running_call_ptr& call) {
  if (call->ended || call->deaf)
    return;
  world_.time.after(moment(), [this, call] {
    if (call->ended)
      return;
    call->ended = true;
    std::erase(running_, call);
    if (call->owner->alive && call->tell)
      std::exchange(call->tell, nullptr)(call_failure{fault::cancelled, 0});
  });
}

void sim_host::abandon(const running_call_ptr& call) {
  judge_.call_abandoned(call->ticket);
  call->ended = true;
  std::erase(running_, call);
}

std::uint64_t sim_host::progress(const running_call& call) const {
  auto until = std::min(world_.time.now(), call.last_piece);
  if (until < call.first_piece)
    return 0;
  return 1 + static_cast<std::uint64_t>((until - call.first_piece) / piece_interval);
}

// ---- probes ----

void sim_host::probe(host_port::depth how, std::function<void(host_report)> tell) {
  world_.time.after(moment(), [this, how, tell = std::move(tell)] {
    host_report report;
    report.version = "0.24.0";
    report.vision = true;
    report.was_loaded = loaded_;
    if (is_away() || world_.occurs(&fault_rates::probe_fails)) {
      tell(report);
    } else if (mode_ == host_mode::silent) {
      world_.time.after(probe_timeout, [tell, report] { tell(report); });
    } else if (mode_ == host_mode::failing || mode_ == host_mode::busy) {
      report.condition = host_condition::model_failed;
      report.http_status = mode_ == host_mode::busy ? 503 : 500;
      tell(report);
    } else {
      load([this, how, tell, report]() mutable {
        bool answers = mode_ == host_mode::serving || mode_ == host_mode::denying
                       || (mode_ == host_mode::flapping && !away_)
                       || (mode_ == host_mode::cutting && how == host_port::depth::look);
        report.condition = answers ? host_condition::usable : host_condition::unreachable;
        tell(report);
      });
    }
  });
}

// ---- ports ----

namespace {

class sim_model final : public model_port {
public:
  sim_model(std::shared_ptr<sim_host> host, std::shared_ptr<process> owner, sim_context& world, oracle& judge,
            std::function<caller(const origin&)> who, std::function<std::size_t(const request&)> number_of)
    : host_(std::move(host)), owner_(std::move(owner)), world_(world), judge_(judge), who_(std::move(who)),
      number_of_(std::move(number_of)) {}

  ~sim_model() override {
    if (owner_->alive)
      judge_.worker_lost();
    if (!call_)
      return;
    call_->tell = nullptr;
    // An answer that the worker has been told may have gone down with it.
    host_->abandon(call_);
  }

  void start(model_call call, ended tell) override {
    world_.may_throw(*owner_, "model.start");
    if (!owner_->alive)
      return;
    call_ = std::make_shared<running_call>();
    auto number = number_of_(*call.question);
    call_->ticket = judge_.call_begun(number, who_(call.question->from));
    world_.note(owner_->name, ": calls ", host_->name(), " for r", number);
    call_->asked = std::move(call);
    call_->tell = std::move(tell);
    call_->owner = owner_;
    host_->begin(call_);
  }

  void cancel() override {
    if (call_ && owner_->alive)
      judge_.call_cancelled(call_->ticket);
    world_.may_throw(*owner_, "model.cancel");
    if (call_ && owner_->alive)
      host_->cancel(call_);
  }

  std::uint64_t progress() const override { return call_ ? host_->progress(*call_) : 0; }

private:
  std::shared_ptr<sim_host> host_;
  std::shared_ptr<process> owner_;
  sim_context& world_;
  oracle& judge_;
  std::function<caller(const origin&)> who_;
  std::function<std::size_t(const request&)> number_of_;
  running_call_ptr call_; ///< the last one
};

class sim_probe final : public host_port {
public:
  sim_probe(std::shared_ptr<sim_host> host, std::shared_ptr<process> owner, sim_context& world)
    : host_(std::move(host)), owner_(std::move(owner)), world_(world) {}
  ~sim_probe() override { *living_ = false; }

  void probe(probe_order order, ended tell) override {
    world_.may_throw(*owner_, "host.probe");
    if (!owner_->alive)
      return;
    host_->probe(order.how, [living = living_, owner = owner_, tell = std::move(tell)](host_report report) {
      if (*living && owner->alive)
        tell(std::move(report));
    });
  }

private:
  std::shared_ptr<sim_host> host_;
  std::shared_ptr<process> owner_;
  sim_context& world_;
  std::shared_ptr<bool> living_ = std::make_shared<bool>(true);
};

} // namespace

std::unique_ptr<model_port> make_sim_model(std::shared_ptr<sim_host> host, std::shared_ptr<process> owner,
                                           sim_context& world, oracle& judge, std::function<caller(const origin&)> who,
                                           std::function<std::size_t(const request&)> number_of) {
  return std::make_unique<sim_model>(std::move(host), std::move(owner), world, judge, std::move(who),
                                     std::move(number_of));
}

std::unique_ptr<host_port> make_sim_host_port(std::shared_ptr<sim_host> host, std::shared_ptr<process> owner,
                                              sim_context& world) {
  return std::make_unique<sim_probe>(std::move(host), std::move(owner), world);
}

} // namespace mp::sim
