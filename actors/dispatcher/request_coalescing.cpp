#include "actors/dispatcher/request_coalescing.hpp"

#include "actors/dispatcher/short_key.hpp"

#include <algorithm>
#include <string_view>

namespace mp {
namespace {

bool same_text(const text_slice& a, const text_slice& b) { return a.view() == b.view(); }

} // namespace

std::optional<request_coalescing::ticket> request_coalescing::join(const std::string& id, ticket newcomer,
                                                                   const std::function<bool(ticket)>& same) {
  if (auto known = by_ticket_.find(newcomer); known != by_ticket_.end()) {
    auto leader = known->second->second.front();
    return leader != newcomer ? std::optional{leader} : std::nullopt;
  }
  if (id.empty())
    return std::nullopt;
  const short_key key{id};
  for (auto [i, end] = by_id_.equal_range(key.text()); i != end; ++i) {
    auto leader = i->second.front();
    if (!same(leader))
      continue;
    i->second.push_back(newcomer);
    by_ticket_.emplace(newcomer, i);
    return leader;
  }
  by_ticket_.emplace(newcomer, by_id_.emplace(key.text(), group{newcomer}));
  return std::nullopt;
}

std::vector<request_coalescing::ticket> request_coalescing::end(ticket leader) {
  auto known = by_ticket_.find(leader);
  if (known == by_ticket_.end())
    return {};
  auto which = known->second;
  if (which->second.front() != leader) {
    drop(leader);
    return {};
  }
  for (auto each : which->second)
    by_ticket_.erase(each);
  std::vector<ticket> followers(which->second.begin() + 1, which->second.end());
  by_id_.erase(which);
  return followers;
}

std::optional<request_coalescing::ticket> request_coalescing::drop(ticket request) {
  auto known = by_ticket_.find(request);
  if (known == by_ticket_.end())
    return std::nullopt;
  auto which = known->second;
  auto& members = which->second;
  bool led = members.front() == request;
  by_ticket_.erase(known);
  members.erase(std::find(members.begin(), members.end(), request));
  if (members.empty()) {
    by_id_.erase(which);
    return std::nullopt;
  }
  return led ? std::optional{members.front()} : std::nullopt;
}

// Texts of different length are different at once, so the photos, by far the longest, are only read when they are
// equally long.
bool same_question(const request& a, const request& b) {
  auto same_passed_through = [](const auto& x, const auto& y) {
    return x.first == y.first && same_text(x.second, y.second);
  };
  return a.kind == b.kind && a.photo.size() == b.photo.size() && a.prompt_json.size() == b.prompt_json.size()
         && a.history_json.size() == b.history_json.size() && a.user_email == b.user_email && a.language == b.language
         && a.model == b.model && a.task == b.task && same_text(a.system_json, b.system_json)
         && same_text(a.schema_json, b.schema_json)
         && std::equal(a.passed_through.begin(), a.passed_through.end(), b.passed_through.begin(),
                       b.passed_through.end(), same_passed_through)
         && same_text(a.prompt_json, b.prompt_json) && same_text(a.history_json, b.history_json)
         && same_text(a.photo, b.photo);
}

} // namespace mp
