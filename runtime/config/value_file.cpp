#include "runtime/config/value_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace mp::config {
namespace {

constexpr std::size_t bytes_max = 64 * 1024; // a chain of certificates has a tenth of it

struct file_closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string cannot_be_read() { return "cannot be read: " + std::generic_category().message(errno); }

} // namespace

std::variant<value_in_file, std::string> read_value_file(const std::string& path) {
  const std::unique_ptr<std::FILE, file_closer> file{std::fopen(path.c_str(), "re")};
  if (!file)
    return cannot_be_read();
  std::string value;
  std::array<char, 4096> piece;
  errno = 0;
  for (std::size_t count; (count = std::fread(piece.data(), 1, piece.size(), file.get())) > 0;) {
    value.append(piece.data(), count);
    if (value.size() > bytes_max)
      return "holds more than 64 KiB";
  }
  if (std::ferror(file.get()) != 0)
    return cannot_be_read();
  if (value.ends_with('\n'))
    value.pop_back();
  if (value.ends_with('\r'))
    value.pop_back();
  if (value.empty())
    return "is empty";
  if (value.find('\0') != std::string::npos)
    return "holds a NUL byte";
  return value_in_file{std::move(value)};
}

} // namespace mp::config
