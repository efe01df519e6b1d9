#pragma once
// How an exception in an actor becomes an error that its supervisor can name.

#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <stdexcept>
#include <string>

namespace mp {

/// An exception ends the actor with an error carrying its text. Without this CAF prints it to standard output.
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
}

/// A broken invariant is a crash: the supervisor restarts the actor and the protocol makes up for what it held.
inline void require(bool holds, const char* what) {
  if (!holds)
    throw std::logic_error(what);
}

} // namespace mp
