#pragma once
// How an exception in an actor becomes an error that its supervisor can name, and how one is made on demand.

#include "messages/interfaces.hpp"

#include <caf/error.hpp>
#include <caf/message.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <stdexcept>
#include <string>

namespace mp {

/// What crash_order throws.
inline constexpr const char* ordered_crash = "crash on demand";

/// An exception ends the actor with an error carrying its text; without this CAF prints it to standard output.
/// A crash_order throws in the actor's own handler: CAF hands what a typed interface does not list to the default
/// handler.
template <class Self>
void crash_with_reason(Self* self) {
  self->set_exception_handler([](std::exception_ptr& problem) -> caf::error {
    try {
      std::rethrow_exception(problem);
    } catch (const std::exception& known) {
      return caf::make_error(caf::sec::runtime_error, std::string{known.what()});
    } catch (...) {
      return caf::make_error(caf::sec::runtime_error, std::string{"unknown exception"});
    }
  });
  self->set_default_handler([](caf::scheduled_actor* actor, caf::message& message) -> caf::skippable_result {
    if (message.match_elements<crash_order>())
      throw std::runtime_error(ordered_crash);
    return caf::print_and_drop(actor, message);
  });
}

/// Why an actor has ended, for logs and people: the text of an exception, else what CAF calls it, empty for none.
inline std::string reason_of(const caf::error& why) {
  if (!why)
    return {};
  if (why == caf::sec::runtime_error && why.context().match_elements<std::string>())
    return why.context().get_as<std::string>(0);
  return caf::to_string(why); // differs between versions of CAF
}

/// A broken invariant is a crash: the supervisor restarts the actor and the protocol makes up for what it held.
inline void require(bool holds, const char* what) {
  if (!holds)
    throw std::logic_error(what);
}

} // namespace mp
