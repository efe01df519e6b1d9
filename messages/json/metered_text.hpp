#pragma once
// A text, and how much may be spent on making JSON of it.

#include <cstddef>
#include <limits>
#include <string_view>

namespace mp {

/// What may be spent on one answer, whatever is tried on it and how often. A unit is about a nanosecond: a byte that is
/// looked at, more where a byte costs more. It is never given back, so the time of all tries together is linear in the
/// answer. When it is used up, every try ends at its next step and nothing that it made may be used.
class work_budget {
public:
  /// For an answer of so many bytes. Real near-JSON takes half of this, the densest three quarters; all of it takes
  /// some 60 ms for each MiB (tests/benchmark/run sanitizer_worst).
  static work_budget for_answer(std::size_t bytes) {
    return work_budget{fixed_units + units_per_byte * bytes, looks_at_rest};
  }

  /// Without a limit: for tests of the parts.
  static work_budget unlimited() { return work_budget{std::numeric_limits<std::size_t>::max(), looks_at_rest}; }

  void spend(std::size_t units) { spent_ += units; }
  bool is_used_up() const { return spent_ > limit_; }

  /// Units spent so far. More than the limit by what one step takes, see work_budget_test.
  std::size_t spent() const { return spent_; }
  std::size_t limit() const { return limit_; }

  /// Whether the whole rest of the text may be looked at once more, which real answers need once or twice.
  bool may_look_at_rest() { return looks_ > 0 && looks_-- > 0; }

private:
  static constexpr std::size_t fixed_units = 100'000;
  static constexpr std::size_t units_per_byte = 64;
  static constexpr std::size_t looks_at_rest = 5;

  work_budget(std::size_t limit, std::size_t looks) : limit_(limit), looks_(looks) {}

  std::size_t limit_;
  std::size_t looks_;
  std::size_t spent_ = 0;
};

/// A text whose reading is paid for from a budget that outlives it. What hands a part of it on hands on a metered_text:
/// a plain string_view of it is only for what takes a bounded number of bytes.
class metered_text : public std::string_view {
public:
  metered_text(std::string_view text, work_budget& budget) : std::string_view(text), budget_(&budget) {}

  metered_text up_to(std::size_t end) const { return {substr(0, end), *budget_}; }
  metered_text from(std::size_t begin) const { return {substr(begin), *budget_}; }

  work_budget& budget() const { return *budget_; }
  void spend(std::size_t units) const { budget_->spend(units); }
  bool is_used_up() const { return budget_->is_used_up(); }

private:
  work_budget* budget_;
};

} // namespace mp
