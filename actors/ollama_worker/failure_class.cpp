#include "actors/ollama_worker/failure_class.hpp"

#include "messages/json/ascii.hpp"
#include "messages/json/json_text.hpp"

#include <array>

namespace mp {
namespace {

struct text_row {
  std::string_view part; ///< in lower case
  fault why;
};

/// The first row whose part occurs in the error's text decides. Ollama has no error codes, and one status covers many
/// causes (500: everything that happens in the model's own process), so the texts are all there is.
constexpr std::array text_rows{
  // The queue for loading models is full.
  text_row{"server busy", fault::host_busy},

  // The request itself. A name that Ollama cannot parse gives `model is required`; we never leave the name out.
  text_row{"invalid model name", fault::model_not_found},
  text_row{"model is required", fault::model_not_found},
  text_row{"try pulling it first", fault::model_not_found},
  text_row{"illegal base64", fault::photo_not_base64},
  text_row{"image input is not supported", fault::model_lacks_vision},
  text_row{"does not support multimodal", fault::model_lacks_vision},
  text_row{"does not support vision", fault::model_lacks_vision},
  text_row{"does not support image", fault::model_lacks_vision},
  // Go's image decoders end some of these with "unexpected EOF", which otherwise is a runner's death.
  text_row{"decode webp image", fault::photo_unreadable},
  text_row{"vp8l: ", fault::photo_unreadable},
  text_row{"vp8: ", fault::photo_unreadable},
  text_row{"webp: ", fault::photo_unreadable},
  text_row{"riff: ", fault::photo_unreadable},
  text_row{"png: invalid", fault::photo_unreadable},
  text_row{"invalid jpeg format", fault::photo_unreadable},
  text_row{"failed to load image", fault::photo_unreadable},
  text_row{"zero length image", fault::photo_unreadable},
  text_row{"invalid image", fault::photo_unreadable},
  text_row{"failed to decode image", fault::photo_unreadable},
  text_row{"image: unknown format", fault::photo_unreadable},
  // Every question says "truncate": false, so that one which does not fit comes back like this.
  text_row{"exceed_context_size", fault::question_too_long},
  text_row{"exceeds the available context", fault::question_too_long},
  text_row{"exceeds the context length", fault::question_too_long},
  text_row{"exceeded max context length", fault::question_too_long},
  text_row{"maximum context length", fault::question_too_long},
  text_row{"prompt too long", fault::question_too_long},
  text_row{"prompt is too long", fault::question_too_long},
  // A schema that the server cannot turn into a grammar.
  text_row{"invalid json schema", fault::model_refused},
  text_row{"json schema conversion failed", fault::model_refused},
  text_row{"failed to parse grammar", fault::model_refused},
  text_row{"invalid format", fault::model_refused},
  text_row{"must be of type", fault::model_refused},
  text_row{"does not support", fault::model_refused},

  // The server itself ended an answer that said one token again and again.
  text_row{"token repeat limit", fault::runaway_answer},

  // Another request's runner death seen by one that had not reached the runner yet: the server's own words, and the
  // system's for a port without a listener (the second is that of Windows). It must not count against this
  // request: the model is being loaded again, so this is a host to wait for.
  text_row{"no longer running", fault::host_busy},
  text_row{"connection refused", fault::host_busy},
  text_row{"actively refused", fault::host_busy},

  // The model could not be loaded or had no memory to run. The request did not bring the runner down.
  text_row{"out of memory", fault::model_error},
  text_row{"failed to allocate", fault::model_error},
  text_row{"allocation failed", fault::model_error},
  text_row{"insufficient memory", fault::model_error},
  text_row{"cudamalloc failed", fault::model_error},
  text_row{"more system memory", fault::model_error},
  text_row{"has terminated", fault::model_error},
  text_row{"timed out waiting for", fault::model_error},
  text_row{"error loading model", fault::model_error},

  // The runner ended while it worked on this request, or on one beside it. 0.4 to 0.7 pass on the words of Go's HTTP
  // client
  // ("POST predict: Post .../completion: EOF"), in which the system says how the connection to the runner ended.
  text_row{"unexpectedly stopped", fault::runner_died},
  text_row{"post predict", fault::runner_died},
  text_row{"/completion\": eof", fault::runner_died},
  text_row{"/completions\": eof", fault::runner_died},
  text_row{"connection reset by peer", fault::runner_died},
  text_row{"broken pipe", fault::runner_died},
  text_row{"forcibly closed", fault::runner_died},
  text_row{"wsarecv", fault::runner_died},
  text_row{"wsasend", fault::runner_died},
  text_row{"ggml_assert", fault::runner_died},
  text_row{"error was encountered while running the model", fault::runner_died},
  text_row{"error reading llm response", fault::runner_died},
  text_row{"error reading llama-server", fault::runner_died},
  text_row{"unexpected eof", fault::runner_died},
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// The fault that the text names, or `otherwise`.
fault fault_of_text(std::string_view lower, fault otherwise) {
  for (const auto& each : text_rows)
    if (contains(lower, each.part))
      return each.why;
  return otherwise;
}

/// Nothing but text left, or no deeper than any server nests it.
constexpr int nesting_max = 4;

std::string unwrapped(std::string_view text, int nesting) {
  const auto begin = text.find_first_not_of(json_white_space);
  if (begin == std::string_view::npos)
    return {};
  text.remove_prefix(begin);
  if (nesting == nesting_max || text.front() != '{' || !is_valid_json(text, 32))
    return std::string{text};
  std::string out;
  const auto add = [&](std::string_view value) {
    const auto kind = kind_of(value);
    if (kind != json_kind::string && kind != json_kind::object)
      return;
    if (!out.empty())
      out += ' ';
    out += unwrapped(kind == json_kind::string ? unescape(value) : std::string{value}, nesting + 1);
  };
  for_each_member(text, [&](const json_member& member) {
    if (is_named(member, "error") || is_named(member, "message") || is_named(member, "type"))
      add(member.value_raw);
  });
  return out.empty() ? std::string{text} : out;
}

} // namespace

fault fault_of(transport_failure failure) {
  switch (failure) {
    case transport_failure::not_connected:
    case transport_failure::not_trusted: return fault::host_unreachable;
    // Not host_unreachable, although the whole server may have been stopped: a proxy that resets the connection for a
    // body it does not like would look the same, and such a request must run out of attempts some day.
    case transport_failure::closed_before_answer:
    case transport_failure::closed_within_answer: return fault::stream_cut;
    case transport_failure::silent_before_answer: return fault::first_byte_timeout;
    case transport_failure::silent_within_answer: return fault::idle_timeout;
    case transport_failure::overdue: return fault::call_timeout;
    case transport_failure::not_http: return fault::model_error;
    case transport_failure::interrupted: return fault::cancelled;
  }
  return fault::model_error;
}

fault fault_of_response(int http_status, std::string_view body) {
  const auto text = lower_case(error_text_of(body));
  switch (http_status) {
    case 429:
    case 503: return fault::host_busy;
    // A proxy that cannot reach the host, or a door that is shut: to all, which the health probe sees too, or to this
    // request alone (a web firewall, a model that wants a subscription). Which of both the next try tells, see
    // retry_policy.
    case 401:
    case 403:
    case 407:
    case 502: return fault::host_unreachable;
    case 504: return fault::first_byte_timeout;
    case 404:
      return contains(text, "model") && contains(text, "not found") ? fault::model_not_found : fault::model_error;
    default: break;
  }
  // 408 and 499 say that the server gave the request up, not that it is wrong.
  const auto refused = http_status >= 400 && http_status < 500 && http_status != 408 && http_status != 499;
  const auto why = fault_of_text(text, refused ? fault::model_refused : fault::model_error);
  // With such a status the server, or what stands before it, speaks of what it was sent: a body that was cut on its way
  // gives "unexpected EOF", too.
  return refused && why == fault::runner_died ? fault::model_refused : why;
}

fault fault_of_error_text(std::string_view text) {
  return fault_of_text(lower_case(error_text_of(text)), fault::model_error);
}

std::string error_text_of(std::string_view body) { return unwrapped(body.substr(0, error_text_bytes_max), 0); }

} // namespace mp
