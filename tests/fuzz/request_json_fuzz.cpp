// Any record of the requests topic: what is taken for a request can be asked and answered, whatever its bytes are. The
// first byte chooses the options, the second the length of the key, the rest is key and body.

#include "tests/fuzz/fuzz.hpp"

#include "messages/json/json_text.hpp"
#include "messages/json/utf8.hpp"
#include "messages/photo/photo_check.hpp"
#include "messages/wire/request_json.hpp"

#include <memory>
#include <string>

using namespace mp;
using fuzz::claim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in{data, size};
  const auto choice = in.byte();
  const auto key_size = in.byte() % 16;
  decode_options options;
  options.bytes_max = choice % 2 != 0 ? 400 : 0;
  options.keep_body = choice % 4 >= 2;
  options.webp_allowed = choice % 8 >= 4;
  if (choice % 16 >= 8)
    options.expected_user_email = "a@b.c";
  std::vector<name_and_text> headers;
  if (choice % 32 >= 16)
    headers.push_back({"deadline", "1700000000000"});
  const auto rest = in.rest();
  const auto key = rest.substr(0, key_size);
  const auto body = std::make_shared<const std::string>(rest.substr(key.size()));
  const auto decoded =
    fuzz::in_linear_time(rest.size(), [&] { return decode_request(origin{0, 0, 1}, key, body, headers, options); });
  if (const auto* asked = std::get_if<request>(&decoded)) {
    const auto json = [](const text_slice& slice) { return is_valid_json(slice.view(), request_depth_max); };
    claim(!asked->user_email.empty() && is_valid_utf8(asked->user_email), "its sender is known");
    claim(json(asked->prompt_json) && kind_of(asked->prompt_json.view()) == json_kind::string, "it has a question");
    claim(asked->system_json.empty() || json(asked->system_json), "the system prompt is JSON");
    claim(asked->history_json.empty() || json(asked->history_json), "the history is JSON");
    claim(asked->schema_json.empty() || json(asked->schema_json), "the schema is JSON");
    for (const auto& [name, value] : asked->passed_through)
      claim(is_valid_utf8(name) && json(value), "what is passed through is JSON");
    for (const auto* text : {&asked->model, &asked->task, &asked->language})
      claim(is_valid_utf8(*text), "texts are UTF-8");
    const photo::photo_limits limits{0, options.webp_allowed};
    const photo::base64_view photo{asked->photo.view()};
    claim(asked->photo.empty() != asked->picture.has_value(), "what a photo is comes with it");
    const auto is_sound = photo::is_standard_base64(asked->photo.view())
                          && std::holds_alternative<photo::photo_facts>(photo::check_photo(photo, limits));
    claim(asked->photo.empty() || is_sound, "a photo passes its check");
    claim((asked->kind == request_kind::photo) == !asked->photo.empty(), "a photo request has a photo");
    claim(options.expected_user_email.empty() || asked->user_email == options.expected_user_email,
          "others' requests are skipped");
  }
  return 0;
}
