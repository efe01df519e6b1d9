#pragma once
// Who asked, without what was asked.

#include "messages/request.hpp"

#include <string>

namespace mp {

/// What an error reply or dead letter for `question` needs. Its texts are copies: nothing of it keeps the record's buffer alive,
/// except the record itself where dead letters carry payloads.
inline bad_record identity_of(const request& question) {
  bad_record whose;
  whose.from = question.from;
  whose.id = question.id;
  whose.kind = question.kind;
  whose.user_email = question.user_email;
  whose.model = question.model;
  for (const auto& [name, value] : question.passed_through)
    whose.passed_through.emplace_back(name, text_slice{std::string{value.view()}});
  whose.headers = question.headers;
  whose.bytes = question.bytes;
  whose.body = question.body;
  return whose;
}

} // namespace mp
