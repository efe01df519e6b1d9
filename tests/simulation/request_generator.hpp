#pragma once
// The requests that a simulated world asks, and what has to become of each.

#include "messages/fault.hpp"
#include "messages/outgoing.hpp"
#include "messages/request.hpp"
#include "tests/simulation/chance.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mp::sim {

/// What kind of request it is. The first word of its prompt; the simulated models read it there.
enum class request_shape : std::uint8_t {
  plain,
  thinking, ///< the model thinks aloud first
  object,   ///< the answer to the text is a JSON object
  fenced,   ///< the answer to the photo stands in a fence, with chatter around
  garbage,  ///< the answer to the photo holds no JSON
  empty,    ///< the answer is empty
  huge,     ///< the reply is larger than the broker takes
  poison,   ///< the photo stops the runner, or the whole server
  missing,  ///< it names a model that no host has
  refused,  ///< what stands in front of the hosts refuses it, always in the same way
  bad,      ///< the record is no question
};

/// One record of the requests topic.
struct asked {
  std::size_t number = 0;    ///< its correlation id is "r<number>"
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  request_shape how = request_shape::plain;
  request_kind kind = request_kind::text;
  fault bad_as = fault::not_json; ///< of a bad record
  bool unreadable = false;   ///< it is part of a batch that cannot be read, whatever it holds
  std::string key;           ///< not unique: some senders repeat themselves
  std::string user;          ///< empty when nobody can be told
  std::string tag;           ///< of its prompt; the answer has to name it
  std::string passed_through; ///< the end of a reply's value
  std::shared_ptr<const std::string> body;
  std::vector<name_and_text> headers;
  std::size_t bytes = 0;     ///< as the service counts them
  std::size_t original = 0;  ///< the first request with this key and body; itself when it repeats none
  std::optional<std::int64_t> deadline_ms; ///< Unix time; by its header or its age
};

/// The Unix time at which worlds begin.
inline constexpr std::chrono::milliseconds world_begins{1'732'356'420'000};

/// The model that hosts have, and the one they have not.
inline constexpr const char* model_name = "llava:latest";
inline constexpr const char* missing_model = "nobody:has";

/// Limits that the world is set up with, so that some records break them.
inline constexpr std::size_t request_bytes_max = 6'000;
inline constexpr std::size_t reply_bytes_max = 5'000;

/// Composes requests.
class request_generator {
public:
  explicit request_generator(chance& rng) : rng_(rng) {}

  /// The next request, without its place. Some repeat an earlier one of `before` word for word. `now`: since the world
  /// began.
  asked next(const std::vector<asked>& before, duration now);

  /// A text. The same key and tag make the same question. `deadline`: since the world began.
  asked text(const std::vector<asked>& before, const std::string& key, const std::string& tag, request_shape how,
             std::optional<duration> deadline);

  /// A record that is no request, or one that is refused without a model call.
  asked bad(const std::vector<asked>& before);

private:
  void finish(asked& what, std::optional<duration> deadline);
  void compose_question(asked& what);
  void compose_bad(asked& what);

  chance& rng_;
};

/// What the model says about a question whose prompt is `prompt_json`; a photo's answer has to be JSON.
/// `first_word` is set to what kind of question it is.
std::string answer_to(std::string_view prompt_json, request_kind kind);
request_shape shape_of(std::string_view prompt_json);

/// A number that is the same for all calls with this prompt, for what befalls each of them alike.
std::size_t lot_of(std::string_view prompt_json);

/// The body of the reply if all goes well.
std::string good_reply(const asked& what);

/// The body of the error reply with this fault; of rate_limited with whatever time it says.
std::string error_reply(const asked& what, fault why);

/// Whether picky reply topics take no reply under this key.
inline bool is_unwanted(std::string_view key) { return key.starts_with('x'); }

/// The number in a record's correlation id; -1 when it has none.
std::int64_t number_of(const std::vector<name_and_text>& headers);

} // namespace mp::sim
