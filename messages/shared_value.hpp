#pragma once
// An immutable value that messages share instead of copying.

#include <memory>
#include <utility>

namespace mp {

/// Shares one immutable `T` between actors of a process; between nodes the value itself travels.
/// Never null: a default-constructed one holds a default-constructed `T`.
template <class T>
class shared_value {
public:
  shared_value() : value_(empty()) {}
  explicit shared_value(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return value_.get(); }

  template <class Inspector>
  friend bool inspect(Inspector& f, shared_value& x) {
    if constexpr (Inspector::is_loading) {
      T loaded;
      if (!inspect(f, loaded))
        return false;
      x = shared_value{std::move(loaded)};
      return true;
    } else {
      return inspect(f, const_cast<T&>(*x.value_)); // saving inspectors only read
    }
  }

private:
  static const std::shared_ptr<const T>& empty() {
    static const auto value = std::make_shared<const T>();
    return value;
  }

  std::shared_ptr<const T> value_;
};

} // namespace mp
