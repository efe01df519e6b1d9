#include "actors/dispatcher/answer_keep.hpp"

#include <functional>
#include <string_view>

namespace mp {
namespace {

constexpr std::size_t whole_bytes_max = 8 * 1024;
constexpr std::size_t piece_bytes = 64;
constexpr std::size_t piece_count = whole_bytes_max / piece_bytes;

class mixer {
public:
  void add(std::uint64_t number) {
    sum_ = (sum_ ^ number) * 0x9e3779b97f4a7c15u;
    sum_ ^= sum_ >> 32;
  }

  void add(std::string_view text) {
    add(text.size());
    if (text.size() <= whole_bytes_max) {
      add(std::uint64_t{hash_(text)});
      return;
    }
    auto last = text.size() - piece_bytes;
    for (std::size_t i = 0; i < piece_count; ++i) // the first piece begins the text, the last one ends it
      add(std::uint64_t{hash_(text.substr(last * i / (piece_count - 1), piece_bytes))});
  }

  std::uint64_t sum() const { return sum_; }

private:
  std::hash<std::string_view> hash_;
  std::uint64_t sum_ = 0;
};

} // namespace

std::uint64_t content_of(const request& question) {
  mixer mixed;
  mixed.add(static_cast<std::uint64_t>(question.kind));
  mixed.add(question.priority);
  mixed.add(question.bytes);
  for (std::string_view text : {std::string_view{question.id}, std::string_view{question.user_email}, question.prompt_json.view(),
                                question.photo.view(), question.system_json.view(), question.history_json.view(), question.schema_json.view(),
                                std::string_view{question.language}, std::string_view{question.model}, std::string_view{question.task}})
    mixed.add(text);
  for (const auto& [name, value] : question.passed_through)
    mixed.add(name), mixed.add(value.view());
  for (const auto& [name, value] : question.headers)
    mixed.add(name), mixed.add(value);
  return mixed.sum();
}

void answer_keep::add(const origin& place, std::uint64_t content, kept_answer answer, time_point now) {
  expire(now);
  key where{place.partition, place.offset};
  if (auto older = answers_.find(where); older != answers_.end())
    erase(older);
  if (limits_.age_max.count() <= 0 || answer.bytes > limits_.bytes_max)
    return;
  bytes_ += answer.bytes;
  auto serial = next_serial_++;
  answers_.emplace(where, entry{content, serial, std::move(answer)});
  order_.push_back({now, where, serial});
  while (bytes_ > limits_.bytes_max)
    drop_oldest();
}

std::optional<kept_answer> answer_keep::take(const origin& place, std::uint64_t content, time_point now) {
  expire(now);
  auto found = answers_.find({place.partition, place.offset});
  if (found == answers_.end())
    return std::nullopt;
  std::optional<kept_answer> answer;
  if (found->second.content == content)
    answer = std::move(found->second.answer);
  bytes_ -= answer ? answer->bytes : found->second.answer.bytes;
  answers_.erase(found);
  return answer;
}

void answer_keep::expire(time_point now) {
  while (!order_.empty() && now - order_.front().at >= limits_.age_max)
    drop_oldest();
}

void answer_keep::erase(std::map<key, entry>::iterator which) {
  bytes_ -= which->second.answer.bytes;
  answers_.erase(which);
}

void answer_keep::drop_oldest() {
  auto oldest = order_.front();
  order_.pop_front();
  if (auto found = answers_.find(oldest.where); found != answers_.end() && found->second.serial == oldest.serial)
    erase(found);
}

} // namespace mp
