#include "actors/ollama_worker/chat_call.hpp"

#include "messages/json/ascii.hpp"
#include "messages/json/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace mp {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// Ollama takes seconds as a number and a duration as a string [ollama 3].
void append_keep_alive(std::string& out, std::string_view keep_alive) {
  const auto digits = keep_alive.substr(keep_alive.starts_with('-') ? 1 : 0);
  const auto is_number =
    digits == "0"
    || (!digits.empty() && digits.front() != '0' && digits.find_first_not_of("0123456789") == std::string_view::npos);
  if (is_number)
    out += keep_alive;
  else
    append_string_literal(out, keep_alive);
}

/// `,"keep_alive":..,"truncate":false,"options":{..}` and `"think":false` where wanted. `seed` 0: the server's choice.
///
/// Unless `truncate` is false, Ollama silently cuts a question that does not fit into the context, or drops turns of
/// its history.
void append_settings(std::string& out, const chat_settings& settings, std::uint32_t seed = 0) {
  out += R"(,"keep_alive":)";
  append_keep_alive(out, settings.keep_alive);
  out += R"(,"truncate":false,"options":{"num_predict":)";
  append_number(out, settings.answer_tokens_max);
  if (settings.context_tokens) {
    out += R"(,"num_ctx":)";
    append_number(out, *settings.context_tokens);
  }
  if (settings.temperature && std::isfinite(*settings.temperature)) {
    out += R"(,"temperature":)";
    append_number(out, *settings.temperature);
  }
  if (seed > 0) {
    out += R"(,"seed":)";
    append_number(out, seed);
  }
  out += '}';
  if (settings.suppress_thinking)
    out += R"(,"think":false)";
}

/// What is written between the quotes of the system text for the language asked for: the text, escaped, without quotes.
std::string language_text(std::string_view language) {
  auto text = string_literal("Respond in this language: " + std::string{language});
  return text.substr(1, text.size() - 2);
}

/// The turns behind the question: the answer that could not be used, and the demand for another.
void append_reask(std::string& out, const reask_note& note) {
  out += R"(,{"role":"assistant","content":)";
  append_string_literal(out, note.answer);
  out += R"(},{"role":"user","content":)";
  append_string_literal(
    out, "This answer cannot be used: " + note.problem
           + ". Answer the question again with only the JSON, whole and valid, with nothing before or behind it.");
  out += '}';
}

/// The elements of an array without its brackets and outer white space; empty for an empty array.
std::string_view elements_of(std::string_view array) {
  const auto open = array.find('[');
  const auto close = array.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close <= open)
    return {};
  return trimmed(array.substr(open + 1, close - open - 1));
}

/// The body of a call: what is written here goes into one string, and views of the question are noted with their places
/// in it. One allocation for all that is written, and no copy of what may be megabytes.
class body_writer {
public:
  struct cut {
    std::size_t at; ///< in the string
    std::string_view view;
  };

  body_writer(std::string& own, const request& question) : own_(own), question_(question) {}

  std::span<const cut> cuts() const { return {cuts_.data(), count_}; }

  void system_message() {
    const auto system = question_.system_json.view();
    if (system.empty() && question_.language.empty())
      return;
    own_ += R"({"role":"system","content":)";
    if (question_.language.empty()) {
      splice(system);
    } else {
      if (system.empty()) {
        own_ += '"';
      } else {
        splice(system.substr(0, system.size() - 1)); // up to its closing quote
        own_ += R"(\n\n)";
      }
      own_ += language_text(question_.language);
      own_ += '"';
    }
    own_ += "},";
  }

  void history() {
    if (const auto history = elements_of(question_.history_json.view()); !history.empty()) {
      splice(history);
      own_ += ',';
    }
  }

  void user_message() {
    own_ += R"({"role":"user","content":)";
    splice(question_.prompt_json.view());
    if (!question_.photo.empty()) {
      own_ += R"(,"images":[")";
      splice(question_.photo.view()); // base64: nothing in it needs an escape
      own_ += R"("])";
    }
    own_ += '}';
  }

  void format(const std::string& photo_schema) {
    if (!question_.schema_json.empty()) {
      own_ += R"(,"format":)";
      splice(question_.schema_json.view());
    } else if (question_.kind == request_kind::photo && !photo_schema.empty()) {
      own_ += R"(,"format":)";
      own_ += photo_schema;
    }
  }

private:
  void splice(std::string_view view) { cuts_[count_++] = {own_.size(), view}; }

  std::string& own_;
  const request& question_;
  std::array<cut, 6> cuts_{};
  std::size_t count_ = 0;
};

} // namespace

chat_call::chat_call(const model_call& call, const chat_settings& settings) : question_(call.question) {
  const auto& question = *question_;
  auto& own = own_;
  body_writer body{own, question};
  own.reserve(256 + call.model.size() + question.language.size());
  own += R"({"model":)";
  append_string_literal(own, call.model);
  own += R"(,"messages":[)";
  body.system_message();
  body.history();
  body.user_message();
  if (call.reask)
    append_reask(own, *call.reask);
  own += R"(],"stream":true)";
  if (call.reask) {
    auto firm = settings;
    firm.temperature = 0;
    append_settings(own, firm, call.reask->round);
  } else {
    append_settings(own, settings);
  }
  body.format(settings.photo_schema);
  own += '}';

  const std::string_view whole{own};
  pieces_.reserve(2 * body.cuts().size() + 1);
  std::size_t from = 0;
  for (const auto& cut : body.cuts()) {
    add(whole.substr(from, cut.at - from));
    add(cut.view);
    from = cut.at;
  }
  add(whole.substr(from));
}

void chat_call::add(std::string_view piece) {
  if (piece.empty())
    return;
  pieces_.push_back(piece);
  bytes_ += piece.size();
}

namespace {

std::string small_body(std::string_view model, std::string_view messages_and_stream, const chat_settings& settings) {
  std::string out = R"({"model":)";
  append_string_literal(out, model);
  out += R"(,"messages":)";
  out += messages_and_stream;
  append_settings(out, settings);
  out += '}';
  return out;
}

} // namespace

std::string load_body(std::string_view model, const chat_settings& settings) {
  return small_body(model, R"([],"stream":false)", settings);
}

std::string unload_body(std::string_view model, chat_settings settings) {
  settings.keep_alive = "0";
  return load_body(model, settings);
}

std::string one_token_body(std::string_view model, chat_settings settings) {
  settings.answer_tokens_max = 1;
  return small_body(model, R"([{"role":"user","content":"Hi"}],"stream":true)", settings);
}

} // namespace mp
