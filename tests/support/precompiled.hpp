#pragma once
// What every test unit includes, compiled once: the test framework takes 2 s a unit otherwise.

#define CAF_TEST_NO_MAIN
#define CAF_SUITE unnamed // the framework wants one when it is read; each test file then defines its own

#include <caf/all.hpp>
#include <caf/test/bdd_dsl.hpp>

#undef CAF_SUITE
#undef CAF_TEST_NO_MAIN
