#include "actors/producer/refused_publications.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace mp {

sorted_publications sort_out(std::vector<request_publication> publications,
                             const std::vector<refused_record>& refused) {
  auto about_topic = [](const refused_record& each) { return each.result == delivery_result::topic_refuses; };
  auto about_records =
    refused.size() - static_cast<std::size_t>(std::count_if(refused.begin(), refused.end(), about_topic));
  bool all_certain = publications.size() == 1 || about_records <= 1;
  sorted_publications sorted;
  std::size_t first = 0; // index of the publication's first record
  for (auto& publication : publications) {
    std::vector<delivery> fate;
    bool suspected = false, blamed = false;
    for (std::size_t i = 0; i < publication.parts.size(); ++i) {
      auto why =
        std::find_if(refused.begin(), refused.end(), [&](const auto& each) { return each.index == first + i; });
      bool certain = why != refused.end() && (all_certain || about_topic(*why));
      suspected |= why != refused.end();
      blamed |= certain;
      fate.push_back(certain ? delivery{publication.parts[i].token, why->result, why->code}
                             : delivery{publication.parts[i].token, delivery_result::withdrawn});
    }
    first += publication.parts.size();
    if (blamed)
      sorted.blamed.push_back({std::move(publication), std::move(fate)});
    else
      (suspected ? sorted.suspected : sorted.innocent).push_back(std::move(publication));
  }
  return sorted;
}

} // namespace mp
