#include "actors/sanitizer/extract/members.hpp"

#include "messages/json/json_text.hpp"

#include <algorithm>

namespace mp {

member_list members_of(std::string_view json) {
  member_list members;
  const auto add = [&](const json_member& member) {
    members.emplace_back(unescape(member.name_raw), member.value_raw);
  };
  for_each_member(json, add);
  for_each_element(json, [&](std::string_view element) { for_each_member(element, add); });
  std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return members;
}

comparison compare(const member_list& theirs, const member_list& ours) {
  comparison result;
  for (const auto& [name, value] : theirs) {
    const auto found =
      std::lower_bound(ours.begin(), ours.end(), name, [](const auto& a, const std::string& b) { return a.first < b; });
    if (found == ours.end() || found->first != name) {
      result.missing = true;
      continue;
    }
    result.shared = true;
    result.differing |= found->second != value;
  }
  return result;
}

} // namespace mp
