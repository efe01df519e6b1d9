#pragma once
// A model's raw text made fit to publish, or an honest word why not.

#include "messages/answer.hpp"
#include "messages/fault.hpp"
#include "messages/json/metered_text.hpp"
#include "messages/mend_kind.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mp {

/// What the answer has to be: JSON (photos, and texts asked for with a schema), or text.
enum class answer_shape { json_required, text };

struct cleaned {
  std::string text;             ///< json_required: compact, valid JSON; text: the answer without thinking
  std::string object;           ///< the answer as a compact JSON object where it is one, else empty
  std::vector<mend_kind> mends; ///< what was done to get `text`: each kind once, in the order applied
};

struct cleaning_limits {
  std::size_t answer_bytes_max = std::size_t{1} << 20; ///< larger answers are runaways, not answers
  std::size_t depth_max = 64;                          ///< arrays and objects inside each other
};

/// Cleans `raw`. Linear in its size; cleaning a cleaned answer changes nothing and mends nothing.
///
/// Both shapes: bytes that are no UTF-8 are replaced (a character cut at the end is dropped), a byte order mark goes.
/// Marks and role headers of chat templates before the answer go, and the answer ends where its turn ends (own_turn).
///
/// json_required: valid JSON passes with nothing but its white space changed; a scalar passes only when it is the whole
/// answer (or all of a fence), and a string that holds an object or array, wrapped or not, is taken for that. Else
/// thinking, fences and prose are put aside, near-JSON is mended where it has one reading (mend_json), and the answer
/// is chosen by choose_answer.
///   answer_empty      nothing is left when white space and thinking are gone
///   answer_too_large  more than `answer_bytes_max` bytes
///   truncated         `finish` is length and there is no whole answer. Cut text is never mended: only a valid
///                     JSON value, in prose or a fence that may be cut behind it, passes; a scalar does not
///   invalid_answer    no JSON, or none with one reading, or none that the budget sufficed to find; whole valid JSON
///   takes
///                     nothing of it
///
/// text: thinking goes, with the white space behind it; nothing else is touched. `object` is set when the answer is
/// a valid JSON object: as a whole, as all of a fence, or as the one value beside chatter; a near-JSON one stays text
/// only. `finish` is the caller's to report, except that an answer cut within its thinking is truncated.
///   answer_empty, answer_too_large, truncated as above
std::variant<cleaned, fault> clean_answer(std::string_view raw, answer_shape shape, finish_reason finish,
                                          const cleaning_limits& limits = {});

/// As above, with a budget that others pay from, too. Where it is used up nothing is mended.
std::variant<cleaned, fault> clean_answer(std::string_view raw, answer_shape shape, finish_reason finish,
                                          const cleaning_limits& limits, work_budget& budget);

} // namespace mp
