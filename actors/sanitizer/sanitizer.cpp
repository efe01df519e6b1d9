#include "actors/sanitizer/sanitizer.hpp"

#include "actors/crash.hpp"

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
        [this](const introduction& message) {
          dispatcher = message.dispatcher;
          self->send(dispatcher, sanitizer_hello{sanitizer_actor{self}});
        },
        [this](const cleaning_job& job) { clean(job); },
    };
  }

  void clean(const cleaning_job& job) {
    check_mailbox(self, config.mailbox_bound);
    auto shape = job.kind == request_kind::photo ? answer_shape::json_required : answer_shape::text;
    auto outcome = clean_answer(job.answer.view(), shape, job.finish, config.limits);
    cleaning_result result{job.ticket, job.attempt, fault::invalid_answer};
    if (auto* done = std::get_if<cleaned>(&outcome))
      result.outcome = clean_text{std::move(done->text), std::move(done->object), names_of(done->mends)};
    else
      result.outcome = std::get<fault>(outcome);
    self->send(dispatcher, std::move(result));
  }
};

using implementation = sanitizer_actor::stateful_impl<sanitizer_state>;

} // namespace

caf::strong_actor_ptr spawn_sanitizer(caf::local_actor* parent, sanitizer_config config) {
  return caf::actor_cast<caf::strong_actor_ptr>(parent->spawn<implementation>(std::move(config)));
}

} // namespace mp
