#pragma once
// What a model said, and what becomes of it.

#include "messages/fault.hpp"
#include "messages/request.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace mp {

/// How the model ended its answer (Ollama's `done_reason`).
enum class finish_reason : std::uint8_t { stop, length };

inline std::string to_string(finish_reason reason) { return reason == finish_reason::length ? "length" : "stop"; }

inline bool from_string(caf::string_view name, finish_reason& reason) {
  reason = name == "length" ? finish_reason::length : finish_reason::stop;
  return name == "length" || name == "stop";
}

inline bool from_integer(std::uint8_t number, finish_reason& reason) {
  reason = static_cast<finish_reason>(number);
  return number <= static_cast<std::uint8_t>(finish_reason::length);
}

template <class Inspector>
bool inspect(Inspector& f, finish_reason& x) {
  return caf::default_enum_inspect(f, x);
}

/// A whole answer as the model spoke it: the stream ended with `done:true`.
struct raw_answer {
  text_slice text;                         ///< message.content of all chunks, joined
  finish_reason finish = finish_reason::stop;
  std::string model;                       ///< as the host named it
  std::uint64_t prompt_tokens = 0;         ///< prompt_eval_count
  std::uint64_t answer_tokens = 0;         ///< eval_count
  std::chrono::nanoseconds load_time{0};   ///< load_duration: above a second the model had to be loaded
  std::chrono::nanoseconds answer_time{0}; ///< eval_duration
};

template <class Inspector>
bool inspect(Inspector& f, raw_answer& x) {
  return f.object(x).fields(f.field("text", x.text), f.field("finish", x.finish), f.field("model", x.model),
                            f.field("prompt_tokens", x.prompt_tokens), f.field("answer_tokens", x.answer_tokens),
                            f.field("load_time", x.load_time), f.field("answer_time", x.answer_time));
}

/// A call that gave no whole answer.
struct call_failure {
  fault why = fault::model_error;
  int http_status = 0; ///< 0 when there was no response
};

inline bool from_integer(std::uint8_t number, fault& f) {
  f = static_cast<fault>(number);
  return number < fault_count;
}

inline bool from_string(caf::string_view code, fault& f) {
  for (const auto& each : faults())
    if (caf::string_view{each.code.data(), each.code.size()} == code) {
      f = each.kind;
      return true;
    }
  return false;
}

template <class Inspector>
bool inspect(Inspector& f, fault& x) {
  return caf::default_enum_inspect(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, call_failure& x) {
  return f.object(x).fields(f.field("why", x.why), f.field("http_status", x.http_status));
}

/// An answer that could not be used, shown to the model that is asked again.
struct reask_note {
  std::uint32_t round = 1; ///< how often it is asked again, from 1
  std::string answer;      ///< the model's text or its beginning, UTF-8
  std::string problem;     ///< what is wrong with it. May quote the answer: never logged
};

template <class Inspector>
bool inspect(Inspector& f, reask_note& x) {
  return f.object(x).fields(f.field("round", x.round), f.field("answer", x.answer), f.field("problem", x.problem));
}

using call_outcome = std::variant<raw_answer, call_failure>;

} // namespace mp
