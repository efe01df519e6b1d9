#pragma once
// What the fuzz targets share: a claim that ends the run when it does not hold, a limit on time, and small choices
// taken from the input's first bytes.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace mp::fuzz {

/// Ends the run, so that libFuzzer keeps the input, when `holds` is false.
inline void claim(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// The input's bytes. Numbers are taken from its front; a text without them reads zeros.
class input {
public:
  input(const std::uint8_t* data, std::size_t size) : left_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() {
    if (left_.empty())
      return 0;
    const auto first = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return first;
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (auto i = 0; i < 8; ++i)
      value = value << 8 | byte();
    return value;
  }

  std::string_view rest() const { return left_; }

private:
  std::string_view left_;
};

inline double thread_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

/// Runs `work` and claims that it took no longer than a linear scan of `bytes` may: with all checks of the compiler
/// built in a byte costs up to 2 us, reading all of 16 KiB again for each byte costs 100 us. Another try is given, as
/// the first may have been interrupted.
template <class Work>
auto in_linear_time(std::size_t bytes, Work&& work) {
  const auto limit = 20.0 + static_cast<double>(bytes) * 0.01;
  const auto began = thread_milliseconds();
  auto result = work();
  if (thread_milliseconds() - began > limit) {
    const auto again = thread_milliseconds();
    result = work();
    claim(thread_milliseconds() - again <= limit, "the time grows with the input's size and not faster");
  }
  return result;
}

} // namespace mp::fuzz
