#pragma once
// How lists of models are written in settings. Text in, value out; nothing where the text is not one.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mp::config {

using name_pairs = std::vector<std::pair<std::string, std::string>>;

/// 1 to 255 printable ASCII characters without blanks, commas, equals signs, quotes and backslashes.
bool is_model_name(std::string_view text);
inline bool is_empty_or_model_name(std::string_view text) { return text.empty() || is_model_name(text); }

/// "llava:13b,phi3", or "*". Empty: no models. No name twice.
std::optional<std::vector<std::string>> parse_models(std::string_view text);
std::string models_text(const std::vector<std::string>& models);

/// "code=codellama,chat=llama3:latest": a task and its model. Empty: none. No task twice.
std::optional<name_pairs> parse_model_routes(std::string_view text);

/// "llava:latest=sha256:8dd30f6b0cb1,...": a model and at least the first 12 of the 64 hexadecimal digits of its
/// digest, "sha256:" may be left out. Gives the digits alone, in small letters. Empty: none. No model twice.
std::optional<name_pairs> parse_digests(std::string_view text);

/// "a=b,c=d".
std::string pairs_text(const name_pairs& pairs);

} // namespace mp::config
