#include "runtime/commands/check_nodes.hpp"

#include "messages/iso_8601.hpp"
#include "runtime/node/ask_readers.hpp"
#include "runtime/node/node_network.hpp"
#include "runtime/node/node_tls.hpp"

#include <chrono>
#include <variant>

namespace mp {
namespace {

using std::chrono::system_clock;

// Time enough to make and bring another one.
constexpr auto renewal_time = std::chrono::hours{24 * 30};

/// False: it cannot be used.
bool add_certificate(const settings& chosen, std::vector<check_row>& rows) {
  if (!uses_node_tls(chosen)) {
    rows.push_back({"certificate", check_state::warning, "none",
                    "only readers on this machine can be joined; for others see deploy/certificates"});
    return true;
  }
  auto checked = check_node_certificate(chosen, system_clock::now());
  if (auto* problem = std::get_if<std::string>(&checked)) {
    rows.push_back({"certificate", check_state::failed, *problem, "deploy/certificates makes all three files"});
    return false;
  }
  auto expires = std::get<node_certificate>(checked).expires;
  bool is_near = expires - system_clock::now() < renewal_time;
  rows.push_back({"certificate", is_near ? check_state::warning : check_state::good,
                  "valid until " + iso_8601(expires).substr(0, 10),
                  is_near ? "make another one with deploy/certificates, and restart with it" : ""});
  return true;
}

} // namespace

void add_node_rows(const settings& chosen, std::vector<check_row>& rows) {
  if (!add_certificate(chosen, rows))
    return;
  for (const auto& reader : ask_readers(chosen)) {
    auto subject = "reader " + reader.name;
    if (!reader.address.empty() && reader.address != reader.name)
      subject += " (" + reader.address + ")";
    if (reader.why.empty())
      rows.push_back({subject, check_state::good, "takes this node", {}});
    else if (reader.address.empty())
      rows.push_back({subject, check_state::failed, reader.why, "NODE_JOIN is HOST:PORT of a reader's NODE_PORT"});
    else
      rows.push_back({subject, check_state::failed, reader.why,
                      "is NODE_PORT set there, NODE_ADDRESS one that is reached from here, and have both sides "
                      "certificates of one authority and releases next to each other, or none?"});
  }
}

} // namespace mp
