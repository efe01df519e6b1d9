#include "runtime/status/access.hpp"

#include "messages/json/ascii.hpp"
#include "runtime/config/values.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace mp::status {
namespace {

using digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

digest digest_of(std::string_view text) {
  digest out;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

/// In a time that depends neither on the first differing byte nor on the secret's length.
bool same_secret(std::string_view a, std::string_view b) {
  const auto left = digest_of(a);
  const auto right = digest_of(b);
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

/// Whether the header is `Bearer TOKEN` (RFC 6750, section 2.1).
bool has_token(const caller& who, std::string_view token) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view given{who.authorization};
  return !token.empty() && same_ignoring_case(given.substr(0, scheme.size()), scheme)
         && same_secret(config::trimmed(given.substr(scheme.size())), token);
}

bool is_ip_v4(const std::string& text) {
  in_addr ignored;
  return ::inet_pton(AF_INET, text.c_str(), &ignored) == 1;
}

bool is_ip_v6(const std::string& text) {
  in6_addr ignored;
  return ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

bool is_loopback(const std::string& address) {
  return address == "::1"
         || ((address.starts_with("127.") || address.starts_with("::ffff:127."))
             && (is_ip_v4(address) || is_ip_v6(address)));
}

} // namespace

access access_to_details(const caller& who, std::string_view token) {
  if (!token.empty() && !who.authorization.empty())
    return has_token(who, token) ? access::granted : access::unauthenticated;
  const auto is_local = is_loopback(who.address) && !who.is_forwarded && !who.has_origin && is_own_host(who.host);
  return is_local ? access::granted : access::unauthenticated;
}

access access_to_crashes(const caller& who, std::string_view token) {
  if (who.has_origin || !is_own_host(who.host))
    return access::refused;
  return has_token(who, token) ? access::granted : access::unauthenticated;
}

bool is_forwarding_header(std::string_view name) {
  const auto lower = lower_case(name);
  constexpr std::array<std::string_view, 9> names{"forwarded",
                                                  "via",
                                                  "x-real-ip",
                                                  "x-client-ip",
                                                  "true-client-ip",
                                                  "cf-connecting-ip",
                                                  "client-ip",
                                                  "x-cluster-client-ip",
                                                  "x-original-forwarded-for"};
  return lower.starts_with("x-forwarded") || lower.starts_with("x-envoy-")
         || std::find(names.begin(), names.end(), lower) != names.end();
}

bool is_own_host(std::string_view host) {
  if (host.empty())
    return true;
  const auto has_port = [](std::string_view rest) {
    return rest.empty() || (rest.front() == ':' && rest.find_first_not_of("0123456789", 1) == std::string_view::npos);
  };
  if (host.front() == '[') {
    const auto end = host.find(']');
    return end != std::string_view::npos && is_ip_v6(std::string{host.substr(1, end - 1)})
           && has_port(host.substr(end + 1));
  }
  const auto colon = host.find(':');
  const auto name = lower_case(host.substr(0, colon));
  if (colon != std::string_view::npos && !has_port(host.substr(colon)))
    return false;
  const auto is_label = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
  return is_ip_v4(name) || name.ends_with(".localhost")
         || (!name.empty() && std::all_of(name.begin(), name.end(), is_label));
}

} // namespace mp::status
