#include "actors/dispatcher/destination_watch.hpp"

#include <algorithm>
#include <utility>

namespace mp {
namespace {

std::uint64_t ticket_of(destination_watch::token which) { return which >> 1; }

} // namespace

bool destination_watch::refused(destination to, std::uint64_t ticket, const std::string& code, time_point now) {
  auto& s = of(to);
  s.code = code;
  if (!s.refusing) {
    s.refusing = true;
    s.pause = trial_first;
    s.due = now + s.pause;
    s.trial = 0;
    return true;
  }
  if (s.trial == ticket) { // others were sent before it was known
    s.trial = 0;
    s.pause = std::min(2 * s.pause, trial_longest);
    s.due = now + s.pause;
  }
  return false;
}

bool destination_watch::acknowledged(destination to) {
  auto& s = of(to);
  ++s.acknowledged;
  s.trial = 0;
  return std::exchange(s.refusing, false);
}

void destination_watch::said_nothing(std::uint64_t ticket, time_point now) {
  for (auto& s : states_)
    if (s.refusing && s.trial == ticket) {
      s.trial = 0;
      s.due = now;
    }
}

std::optional<destination> destination_watch::holding(token which) const {
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (std::find(states_[i].held.begin(), states_[i].held.end(), which) != states_[i].held.end())
      return static_cast<destination>(i);
  return std::nullopt;
}

std::vector<destination_watch::token> destination_watch::release(destination to) {
  auto held = std::exchange(of(to).held, {});
  return {held.begin(), held.end()};
}

std::vector<destination_watch::token> destination_watch::take_trials(time_point now, bool whole_requests) {
  std::vector<token> taken;
  for (auto& s : states_) {
    if (!s.refusing || s.held.empty() || now < s.due)
      continue;
    s.trial = ticket_of(s.held.front());
    s.due = now + s.pause; // should nothing be heard of it
    for (auto& where : states_)
      if (&where == &s || whole_requests) {
        auto others = std::stable_partition(where.held.begin(), where.held.end(),
                                            [&](token each) { return ticket_of(each) == s.trial; });
        taken.insert(taken.end(), where.held.begin(), others);
        where.held.erase(where.held.begin(), others);
      }
  }
  return taken;
}

bool destination_watch::on_trial(std::uint64_t ticket) const {
  return std::any_of(states_.begin(), states_.end(), [&](const state& s) { return s.refusing && s.trial == ticket; });
}

std::optional<destination_watch::time_point> destination_watch::next_trial() const {
  std::optional<time_point> next;
  for (const auto& s : states_)
    if (s.refusing && !s.held.empty() && (!next || s.due < *next))
      next = s.due;
  return next;
}

std::size_t destination_watch::held() const {
  std::size_t sum = 0;
  for (const auto& s : states_)
    sum += s.held.size();
  return sum;
}

void destination_watch::forget_held() {
  for (auto& s : states_) {
    s.held.clear();
    s.trial = 0;
  }
}

} // namespace mp
