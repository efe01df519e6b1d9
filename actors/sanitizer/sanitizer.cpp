#include "actors/sanitizer/sanitizer.hpp"

#include "actors/crash.hpp"
#include "actors/sanitizer/clean_for_schema.hpp"

#include <caf/local_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

namespace mp {
namespace {

std::string names_of(const std::vector<mend_kind>& mends) {
  std::string names;
  for (auto each : mends) {
    if (!names.empty())
      names += ',';
    names += name_of(each);
  }
  return names;
}

struct sanitizer_state {
  static inline const char* name = "sanitizer";

  sanitizer_actor::pointer self;
  sanitizer_config config;
  dispatcher_actor dispatcher;

  sanitizer_state(sanitizer_actor::pointer ptr, sanitizer_config given) : self(ptr), config(std::move(given)) {}

  sanitizer_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(sanitizer_actor{self}));
    return {
      [this](const dispatcher_started& message) {
        dispatcher = message.dispatcher;
        self->send(dispatcher, sanitizer_started{sanitizer_actor{self}, config.lane});
      },
      [this](const cleaning_job& job) { clean(job); },
    };
  }

  void clean(const cleaning_job& job) {
    check_mailbox(self, config.mailbox_bound);
    cleaning_result result{job.ticket, job.call_number, fault::invalid_answer};
    auto outcome = cleaned_of(job);
    if (auto* done = std::get_if<cleaned>(&outcome)) {
      auto syntax_mended = std::any_of(done->mends.begin(), done->mends.end(), changes_the_answer);
      result.outcome = clean_text{std::move(done->text), std::move(done->object), names_of(done->mends), syntax_mended};
    } else {
      auto& unusable = std::get<unusable_answer>(outcome);
      result.outcome = unusable.why;
      result.problem = std::move(unusable.problem);
    }
    self->send(dispatcher, std::move(result));
  }

  std::variant<cleaned, unusable_answer> cleaned_of(const cleaning_job& job) {
    if (job.kind == request_kind::text && job.schema.empty()) {
      auto outcome = clean_answer(job.answer.view(), answer_shape::text, job.finish, config.limits);
      if (auto* why = std::get_if<fault>(&outcome))
        return unusable_answer{*why, {}};
      return std::get<cleaned>(std::move(outcome));
    }
    auto schema = config.photo_schema;
    if (!job.schema.empty()) {
      auto compiled = config.schemas->get(job.schema.view(), compile_order::at_once);
      if (std::holds_alternative<std::string>(compiled))
        return unusable_answer{fault::invalid_request, {}}; // the ports let none of these through
      schema = std::get<std::shared_ptr<const answer_schema>>(compiled);
    }
    return clean_for_schema(job.answer.view(), schema.get(), job.finish, config.limits);
  }
};

/// A name of its own, for the metrics of actors.
struct long_sanitizer_state : sanitizer_state {
  static inline const char* name = "sanitizer/long";

  using sanitizer_state::sanitizer_state;
};

template <class State>
using implementation = sanitizer_actor::stateful_impl<State>;

} // namespace

caf::strong_actor_ptr spawn_sanitizer(caf::local_actor* parent, sanitizer_config config) {
  if (config.lane == cleaning_lane::long_answers)
    return caf::actor_cast<caf::strong_actor_ptr>(
      parent->spawn<implementation<long_sanitizer_state>>(std::move(config)));
  return caf::actor_cast<caf::strong_actor_ptr>(parent->spawn<implementation<sanitizer_state>>(std::move(config)));
}

} // namespace mp
