#pragma once
// CAF's test framework as every test of ours uses it. A test file starts with
//
//   #define CAF_SUITE offset_ledger          // the file's name without _test; CTest runs one entry per suite
//   #include "tests/support/test.hpp"
//
// and its tests are sentences: TEST_CASE("an offset below the commit point is never committed again") { ... }
// Inside BEGIN_FIXTURE_SCOPE(type) ... END_FIXTURE_SCOPE() each test is a member of a fresh `type`.

#ifndef CAF_SUITE
#error "define CAF_SUITE before including tests/support/test.hpp"
#endif
#define CAF_TEST_NO_MAIN

#include <caf/test/bdd_dsl.hpp>

/// A test whose name is a sentence about behaviour.
#define TEST_CASE(description)                                                                                         \
  namespace {                                                                                                          \
  struct CAF_UNIQUE(test) : caf_test_case_auto_fixture {                                                               \
    void run_test_impl();                                                                                              \
  };                                                                                                                   \
  ::caf::test::detail::adder<::caf::test::test_impl<CAF_UNIQUE(test)>> CAF_UNIQUE(a){CAF_XSTR(CAF_SUITE), description, \
                                                                                     false};                           \
  }                                                                                                                    \
  void CAF_UNIQUE(test)::run_test_impl()
