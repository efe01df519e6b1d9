// The main of every test program.
#define CAF_SUITE main
#define CAF_TEST_NO_MAIN

#include "actors/telemetry/log.hpp"
#include "messages/interfaces.hpp"

#include <caf/all.hpp>
#include <caf/test/unit_test.hpp>
#include <caf/test/unit_test_impl.hpp>

int main(int argc, char** argv) {
  caf::init_global_meta_objects<caf::id_block::models_processor>();
  caf::core::init_global_meta_objects();
  mp::log::configure(mp::log::level::warning, mp::log::line_format::logfmt, [](std::string_view) {});
  return caf::test::main(argc, argv);
}
