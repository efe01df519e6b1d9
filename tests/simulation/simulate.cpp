// The simulator: the whole service in virtual time, in worlds made of seeds. `simulate --help` says how it is used.

#include "messages/interfaces.hpp"
#include "tests/simulation/simulate_options.hpp"
#include "tests/simulation/tally.hpp"

#include <caf/init_global_meta_objects.hpp>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace mp::sim;

/// The seed that each process is at, for the case that it dies of it.
struct whereabouts {
  std::uint64_t seed[256];
};

std::string replay_line(const simulate_options& options, std::uint64_t seed) {
  auto line = options.program + " --seeds " + std::to_string(seed) + ".." + std::to_string(seed) + " --requests "
              + std::to_string(options.requests);
  if (options.exactly_once)
    line += " --exactly-once";
  if (options.nodes)
    line += " --nodes";
  if (options.arm != control_arm::none)
    for (const auto& each : control_arms)
      if (each.arm == options.arm)
        line += " --control " + std::string{each.name};
  return line;
}

void print_failure(const simulate_options& options, std::uint64_t seed, const world_outcome& outcome) {
  std::printf("seed %llu:\n", static_cast<unsigned long long>(seed));
  for (const auto& each : outcome.complaints)
    std::printf("  %s\n", each.c_str());
  std::printf("  replay: %s\n", replay_line(options, seed).c_str());
  std::fflush(stdout);
}

/// Runs every `stride`-th seed from `first` on, here.
tally run_seeds(const simulate_options& options, std::uint64_t first, std::uint64_t stride, std::uint64_t& at) {
  tally sum;
  for (auto seed = first; seed <= options.last; seed += stride) {
    at = seed;
    world_options chosen{seed, options.requests, options.exactly_once, options.nodes, options.arm, options.tracing};
    auto outcome = run_world(chosen);
    sum.add(outcome);
    if (options.twice && run_world(chosen).trace != outcome.trace) {
      std::printf("seed %llu does not replay exactly\n", static_cast<unsigned long long>(seed));
      ++sum.failed;
    }
    if (!outcome.satisfied) {
      print_failure(options, seed, outcome);
      if (options.arm != control_arm::none)
        break;
    }
  }
  return sum;
}

/// Several processes share the seeds; worlds know nothing of each other.
bool run_shared(const simulate_options& options, tally& sum) {
  auto* where = static_cast<whereabouts*>(
    mmap(nullptr, sizeof(whereabouts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  struct helper {
    pid_t id = 0;
    int from = -1;
  };
  std::vector<helper> helpers;
  for (unsigned i = 0; i < options.jobs; ++i) {
    int ends[2];
    if (pipe(ends) != 0)
      std::abort();
    std::fflush(stdout);
    auto id = fork();
    if (id == 0) {
      auto mine = run_seeds(options, options.first + i, options.jobs, where->seed[i]);
      std::fflush(stdout);
      auto written = write(ends[1], &mine, sizeof mine);
      std::_Exit(written == sizeof mine ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    close(ends[1]);
    helpers.push_back({id, ends[0]});
  }
  bool whole = true;
  for (std::size_t i = 0; i < helpers.size(); ++i) {
    tally theirs;
    bool told = read(helpers[i].from, &theirs, sizeof theirs) == sizeof theirs;
    int status = 0;
    waitpid(helpers[i].id, &status, 0);
    if (told) {
      sum.add(theirs);
      continue;
    }
    whole = false;
    std::printf("seed %llu: the simulator itself died (status %d)\n  replay: %s\n",
                static_cast<unsigned long long>(where->seed[i]), status, replay_line(options, where->seed[i]).c_str());
  }
  return whole;
}

} // namespace

int main(int argc, char** argv) {
  auto options = parse_simulate_options({argv, argv + argc});
  if (!options)
    return 2;
  if (options->done)
    return EXIT_SUCCESS;
  caf::init_global_meta_objects<caf::id_block::models_processor>();
  caf::core::init_global_meta_objects();
  auto began = std::chrono::steady_clock::now();
  tally sum;
  std::uint64_t at = 0;
  bool whole = true;
  if (options->jobs > 1)
    whole = run_shared(*options, sum);
  else
    sum = run_seeds(*options, options->first, 1, at);
  auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%s\n%s\n", sum.details(seconds).c_str(), sum.summary().c_str());
  return whole && sum.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
