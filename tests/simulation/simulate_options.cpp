#include "tests/simulation/simulate_options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <thread>

namespace mp::sim {
namespace {

constexpr const char* usage =
  "usage: simulate --seeds A..B [--requests N] [--exactly-once] [--nodes] [--control ARM] [--jobs N] [--trace] "
  "[--twice]\n"
  "\n"
  "Runs the whole service, several instances of it, in virtual time between a simulated Kafka and simulated model\n"
  "hosts. A seed makes a world: its sizes, its N requests (200), its faults and the order of all messages. The last\n"
  "line counts what went wrong; exit code 1 when something did. In at-least-once mode doubled ends are only counted.\n"
  "\n"
  "  --exactly-once   replies and offsets in transactions; no end may be visible twice\n"
  "  --nodes          models are at worker nodes, which join all instances; links between them fail\n"
  "  --control ARM    breaks the service from outside; ends at the first complaint, which has to come\n"
  "  --control list   names the arms\n"
  "  --jobs N         processes that share the seeds (default: the machine's threads; 1 with --trace or --control)\n"
  "  --trace          prints everything that happens\n"
  "  --twice          runs each seed twice and compares every message\n";

bool read_number(std::string_view text, std::uint64_t& number) {
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

bool read_range(std::string_view text, simulate_options& options) {
  auto dots = text.find("..");
  return dots != std::string_view::npos && read_number(text.substr(0, dots), options.first)
         && read_number(text.substr(dots + 2), options.last) && options.first <= options.last;
}

std::nullopt_t refuse(const std::string& what) {
  std::fprintf(stderr, "simulate: %s\n\n%s", what.c_str(), usage);
  return std::nullopt;
}

} // namespace

std::optional<simulate_options> parse_simulate_options(const std::vector<std::string>& arguments) {
  simulate_options options;
  options.program = arguments.at(0);
  options.jobs = std::clamp(std::thread::hardware_concurrency(), 1u, 64u);
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto& name = arguments[i];
    auto value = i + 1 < arguments.size() ? arguments[i + 1] : std::string{};
    std::uint64_t number = 0;
    if (name == "--help" || name == "-h") {
      std::fputs(usage, stdout);
      options.done = true;
      return options;
    }
    if (name == "--exactly-once") {
      options.exactly_once = true;
    } else if (name == "--nodes") {
      options.nodes = true;
    } else if (name == "--trace") {
      options.tracing = true;
    } else if (name == "--twice") {
      options.twice = true;
    } else if (name == "--seeds") {
      if (!read_range(value, options))
        return refuse("--seeds takes A..B, not " + value);
      ++i;
    } else if (name == "--requests") {
      if (!read_number(value, number) || number == 0)
        return refuse("--requests takes a number, not " + value);
      options.requests = number;
      ++i;
    } else if (name == "--jobs") {
      if (!read_number(value, number) || number == 0 || number > 256)
        return refuse("--jobs takes a number up to 256, not " + value);
      options.jobs = static_cast<unsigned>(number);
      ++i;
    } else if (name == "--control") {
      if (value == "list") {
        for (const auto& each : control_arms)
          std::printf("%-20s %s\n", std::string{each.name}.c_str(), std::string{each.meaning}.c_str());
        options.done = true;
        return options;
      }
      auto arm = control_arm_of(value);
      if (!arm)
        return refuse("there is no control arm " + value + "; see --control list");
      options.arm = *arm;
      ++i;
    } else {
      return refuse("what is " + name + "?");
    }
  }
  if (options.arm == control_arm::transactions_off)
    options.exactly_once = true;
  if (options.arm == control_arm::node_answers_dropped)
    options.nodes = true;
  if (options.tracing || options.arm != control_arm::none)
    options.jobs = 1;
  return options;
}

} // namespace mp::sim
