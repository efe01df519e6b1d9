#include "actors/dispatcher/answer_keep.hpp"

#include <utility>

namespace mp {

void answer_keep::add(const record_key& question, kept_answer answer, time_point now) {
  expire(now);
  if (auto older = answers_.find(question); older != answers_.end())
    erase(older);
  if (limits_.age_max.count() <= 0 || answer.bytes > limits_.bytes_max)
    return;
  bytes_ += answer.bytes;
  auto serial = next_serial_++;
  answers_.emplace(question, entry{serial, std::move(answer)});
  order_.push_back({now, question, serial});
  while (bytes_ > limits_.bytes_max)
    drop_oldest();
}

std::optional<kept_answer> answer_keep::take(const record_key& question, time_point now) {
  expire(now);
  auto found = answers_.find(question);
  if (found == answers_.end())
    return std::nullopt;
  auto answer = std::move(found->second.answer);
  bytes_ -= answer.bytes;
  answers_.erase(found);
  return answer;
}

void answer_keep::expire(time_point now) {
  while (!order_.empty() && now - order_.front().at >= limits_.age_max)
    drop_oldest();
}

void answer_keep::erase(std::map<record_key, entry>::iterator which) {
  bytes_ -= which->second.answer.bytes;
  answers_.erase(which);
}

void answer_keep::drop_oldest() {
  auto oldest = order_.front();
  order_.pop_front();
  if (auto found = answers_.find(oldest.question); found != answers_.end() && found->second.serial == oldest.serial)
    erase(found);
}

} // namespace mp
