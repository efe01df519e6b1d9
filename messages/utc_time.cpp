#include "messages/utc_time.hpp"

#include <array>
#include <cstddef>

namespace mp {
namespace {

void append_digits(std::string& out, unsigned value, int width) {
  std::array<char, 10> digits;
  for (auto i = width; i > 0; --i, value /= 10)
    digits[static_cast<std::size_t>(i - 1)] = static_cast<char>('0' + value % 10);
  out.append(digits.data(), static_cast<std::size_t>(width));
}

} // namespace

void append_iso_8601(std::string& out, std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto moment = floor<milliseconds>(time);
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss clock{moment - day};
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<unsigned>(clock.subseconds().count()), 3);
  out += 'Z';
}

std::string iso_8601(std::chrono::system_clock::time_point time) {
  std::string text;
  append_iso_8601(text, time);
  return text;
}

} // namespace mp
