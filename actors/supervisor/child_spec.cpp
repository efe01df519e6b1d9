#include "actors/supervisor/child_spec.hpp"

#include <algorithm>
#include <map>

namespace mp {

std::vector<std::string> addresses_of(const std::vector<child_spec>& children) {
  std::map<std::string, std::size_t> sharing;
  for (const auto& each : children)
    ++sharing[each.name];
  std::map<std::string, std::size_t> next;
  std::vector<std::string> addresses;
  addresses.reserve(children.size());
  for (const auto& each : children)
    addresses.push_back(sharing[each.name] == 1 ? each.name : each.name + "/" + std::to_string(next[each.name]++));
  return addresses;
}

namespace {

void add(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end())
    names.push_back(name);
}

} // namespace

std::vector<std::string> names_in(const supervisor_spec& tree) {
  std::vector<std::string> names{tree.name};
  auto addresses = addresses_of(tree.children);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    add(names, tree.children[i].name);
    add(names, addresses[i]);
    if (tree.children[i].branch)
      for (const auto& each : names_in(*tree.children[i].branch))
        add(names, each);
  }
  return names;
}

std::vector<std::string> caf_names_in(const supervisor_spec& tree) {
  std::vector<std::string> names{supervisor_name};
  for (const auto& child : tree.children) {
    if (!child.branch)
      add(names, child.name);
    else
      for (const auto& below : caf_names_in(*child.branch))
        add(names, below);
  }
  return names;
}

} // namespace mp
