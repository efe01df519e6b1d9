#pragma once
// The JSON that mend_json writes, and the arrays and objects in it that are still open.

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <string>

namespace mp {

/// Writes compact JSON piece by piece. Who uses it keeps the order: an item is begun before it is written.
class json_builder {
public:
  /// An array or object that is still open.
  struct level {
    bool is_object = true;
    char closer = '}';      ///< the sign that closes it in the text: a tuple ends with `)`, a set with `}`
    bool doubled = false;   ///< `{{`: a second closing brace belongs to it
    std::size_t opened = 0; ///< where its bracket stands in the output
    std::size_t indent = 0; ///< of the line in the text that its bracket stands on
    std::size_t items = 0;
    std::size_t colons = 0; ///< members with a colon
    bool has_scalar = false;    ///< one of the elements is neither array nor object
    bool has_structure = false; ///< one is
    bool joined = false;        ///< the last element followed without a comma
    bool holds_mixed = false;   ///< an array in it, itself in an array, has elements of both kinds
  };

  /// Opens what `sign` (`{`, `[` or `(`) opens; a parenthesis is written as an array.
  void open(char sign) {
    const auto is_object = sign == '{';
    if (!levels_.empty())
      top().has_structure = true;
    arrays_ += is_object ? 0 : 1;
    levels_.push_back({});
    top().is_object = is_object;
    top().closer = is_object ? '}' : sign == '[' ? ']' : ')';
    top().opened = text_.size();
    text_ += is_object ? '{' : '[';
  }

  /// Closes the innermost one.
  void close() {
    text_ += top().is_object ? '}' : ']';
    arrays_ -= top().is_object ? 0 : 1;
    levels_.pop_back();
  }

  /// Before each element and each member's name.
  void begin_item() {
    if (top().items++ > 0)
      text_ += ',';
  }

  /// Takes back a begin_item after which nothing was written.
  void take_back_item() {
    if (--top().items > 0)
      text_.pop_back();
  }

  /// The object whose first name was just written is an array after all, and the name its first element.
  void turn_into_array() {
    text_[top().opened] = '[';
    top().is_object = false;
    ++arrays_;
  }

  std::string& text() { return text_; }
  level& top() { return levels_.back(); }
  const level& top() const { return levels_.back(); }
  /// The open one with `inner` others inside of it.
  const level& around(std::size_t inner) const { return levels_[levels_.size() - 1 - inner]; }
  std::size_t depth() const { return levels_.size(); }
  bool inside_array() const { return arrays_ > 0; }
  bool inside_object() const { return arrays_ < levels_.size(); }

private:
  std::string text_;
  boost::container::small_vector<level, 16> levels_; // most values are looked at without an allocation
  std::size_t arrays_ = 0;
};

} // namespace mp
