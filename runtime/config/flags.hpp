#pragma once
// Every setting as a flag of the command line.

#include "runtime/config/load.hpp"

#include <iosfwd>
#include <span>

namespace CLI {
class App;
}

namespace mp::config {

/// Adds a flag for every setting and --kafka NAME=VALUE to `app`, in groups, each with its meaning, default and what is
/// allowed. Parsing fills `values`, which must outlive `app`. Values are checked by load(), not by the parser, so that
/// all complaints come together. A flag given twice counts by its last value.
void add_flags(CLI::App& app, flag_values& values);

/// One complaint per line.
void print_complaints(std::ostream& out, std::span<const complaint> complaints);

} // namespace mp::config
