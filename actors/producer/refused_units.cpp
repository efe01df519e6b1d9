#include "actors/producer/refused_units.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace mp {

sorted_units sort_out(std::vector<publication_unit> units, const std::vector<refused_record>& refused) {
  auto about_topic = [](const refused_record& each) { return each.result == delivery_result::topic_refuses; };
  auto about_records = refused.size() - static_cast<std::size_t>(std::count_if(refused.begin(), refused.end(), about_topic));
  bool all_certain = units.size() == 1 || about_records <= 1;
  sorted_units sorted;
  std::size_t first = 0; // index of the unit's first record
  for (auto& unit : units) {
    std::vector<delivery> fate;
    bool suspected = false, blamed = false;
    for (std::size_t i = 0; i < unit.parts.size(); ++i) {
      auto why = std::find_if(refused.begin(), refused.end(), [&](const auto& each) { return each.index == first + i; });
      bool certain = why != refused.end() && (all_certain || about_topic(*why));
      suspected |= why != refused.end();
      blamed |= certain;
      fate.push_back(certain ? delivery{unit.parts[i].token, why->result, why->code}
                             : delivery{unit.parts[i].token, delivery_result::withdrawn});
    }
    first += unit.parts.size();
    if (blamed)
      sorted.blamed.push_back({std::move(unit), std::move(fate)});
    else
      (suspected ? sorted.suspected : sorted.innocent).push_back(std::move(unit));
  }
  return sorted;
}

} // namespace mp
