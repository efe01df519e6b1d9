#pragma once
// Random steps for property tests: a class and a naive model of it live through the same steps and must agree after
// each. The seed is fixed, so that a run can be repeated; PROPERTY_SEED sets another. Include tests/support/test.hpp
// first.

#include <cstdint>
#include <cstdlib>
#include <random>
#include <source_location>
#include <string>

namespace mp::property {

/// Chance for one run.
class dice {
public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}

  /// In [0, n), n > 0; not exactly even, which does not matter here.
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }

  /// In [first, last].
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(last - first) + 1));
  }

  bool one_in(std::uint64_t n) { return below(n) == 0; }

  /// In [0, 1).
  double share() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

  template <class Container>
  auto& of(Container& choice) {
    return choice[below(choice.size())];
  }

private:
  std::mt19937_64 engine_;
};

struct broken {
  const char* what;
  std::source_location where;
};

/// What must hold. `what` says it as a sentence.
inline void holds(bool condition, const char* what, std::source_location where = std::source_location::current()) {
  if (!condition)
    throw broken{what, where};
}

constexpr std::uint64_t steps_usual = 1'000'000;

/// Calls `step(dice&)` so many times; the first thing that does not hold fails the test and says how to repeat it.
template <class Step>
void random_steps(Step step, std::uint64_t steps = steps_usual) {
  const auto* given = std::getenv("PROPERTY_SEED");
  std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20'261'123;
  dice chance{seed};
  for (std::uint64_t i = 0; i < steps; ++i) {
    try {
      step(chance);
    } catch (const broken& what) {
      CAF_FAIL("does not hold: " << what.what << " (line " << what.where.line() << ", step " << i
                                 << "; PROPERTY_SEED=" << seed << " repeats it)");
    }
  }
}

} // namespace mp::property
