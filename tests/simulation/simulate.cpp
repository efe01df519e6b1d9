// The simulator: the whole service in virtual time, in worlds made of seeds. `simulate --help` says how it is used.

#include "actors/instruments/log.hpp"
#include "actors/interfaces.hpp"
#include "tests/simulation/world.hpp"

#include <caf/init_global_meta_objects.hpp>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  caf::init_global_meta_objects<caf::id_block::models_processor>();
  caf::core::init_global_meta_objects();
  mp::sim::world_options o;
  std::uint64_t a = 1, b = 10;
  for (int i = 1; i < argc; ++i) {
    std::string s = argv[i];
    if (s == "--seeds") { std::sscanf(argv[++i], "%lu..%lu", &a, &b); }
    else if (s == "--requests") o.requests = std::stoul(argv[++i]);
    else if (s == "--exactly-once") o.exactly_once = true;
    else if (s == "--trace") o.tracing = true;
    else if (s == "--control") o.arm = *mp::sim::control_arm_of(argv[++i]);
  }
  std::uint64_t faults = 0, requests = 0, redone = 0, calls = 0, steps = 0;
  std::array<std::uint64_t, mp::sim::wrong_count> w{};
  double vs = 0;
  int bad = 0;
  for (auto s = a; s <= b; ++s) {
    o.seed = s;
    auto r = mp::sim::run_world(o);
    faults += r.faults; requests += r.requests; redone += r.calls_redone; calls += r.calls; steps += r.steps; vs += r.virtual_seconds;
    for (size_t i = 0; i < w.size(); ++i) w[i] += r.wrongs[i];
    if (!r.satisfied) { ++bad; std::printf("seed %lu:\n", s); for (auto& c : r.complaints) std::printf("  %s\n", c.c_str()); }
  }
  std::printf("bad=%d requests=%lu faults=%lu calls=%lu redone=%lu steps=%lu virtual=%.0f", bad, requests, faults, calls, redone, steps, vs);
  for (size_t i = 0; i < w.size(); ++i) std::printf(" %s=%lu", std::string(to_string(mp::sim::wrong(i))).c_str(), w[i]);
  std::puts("");
  return bad > 0;
}
