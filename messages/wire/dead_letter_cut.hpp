#pragma once
// A dead letter that a topic did not take, in a form that it may take. The contract for users: messages/README.md.

#include "messages/origin.hpp"
#include "messages/outgoing.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace mp {

/// As much of a key stays in a dead letter that would otherwise be too large: a key is an id, and a few kilobytes fit
/// into any topic.
inline constexpr std::size_t cut_key_bytes_max = 4 * 1024;

/// The next smaller form: first without the payload and what belongs to it (`answer`, `problem`), then also without the
/// headers repeated from the request and with at most cut_key_bytes_max of its key. Header `cut` names what is missing,
/// `key-bytes` says how long a cut key was. Nothing: it is as small as it gets.
std::optional<outgoing> cut_dead_letter(const outgoing& letter);

/// For a topic that takes no record without a key: the letter with a key made of where its request is, and header
/// `made-key`. Nothing when it has a key.
std::optional<outgoing> dead_letter_with_key(const outgoing& letter, const origin& from, std::string_view source_topic);

} // namespace mp
