#pragma once
// Who may see and do what over the status port. Plain values.

#include <string>
#include <string_view>

namespace mp::status {

/// What decides about a request.
struct caller {
  std::string address;       ///< of the peer, as text
  std::string host;          ///< header Host; empty: none
  bool has_origin = false;   ///< a web page sends it: header Origin
  bool is_forwarded = false; ///< a proxy sends it for somebody else: X-Forwarded-For and the like
  std::string authorization; ///< header Authorization; empty: none
};

enum class access {
  granted,
  unauthenticated, ///< 401: API_TOKEN is missing or wrong
  refused,         ///< 403, whatever the token
};

/// /api/status: for programs on this machine, for others with the token (empty: there is none). A browser's page from
/// elsewhere is no such program, nor is a client behind a proxy on this machine. A token that is given has to be right,
/// also from this machine.
access access_to_details(const caller& who, std::string_view token);

/// /debug/crash: with the token only, and never for a web page, which might have been given a token by a browser's
/// extension or a proxy on the way.
access access_to_crashes(const caller& who, std::string_view token);

/// Whether `name` is a header by which a proxy tells for whom it asks. Any case.
bool is_forwarding_header(std::string_view name);

/// Whether a Host header names this machine by address, as localhost, or by a name without dots: a web page that makes
/// its own name point here (DNS rebinding) still has its own name in it. An empty one does.
bool is_own_host(std::string_view host);

} // namespace mp::status
