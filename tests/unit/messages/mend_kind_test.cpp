#define CAF_SUITE mend_kind
#include "tests/support/test.hpp"

#include "messages/mend_kind.hpp"

#include <set>

using namespace mp;

TEST_CASE("each kind of mend has its own name in snake_case") {
  std::set<std::string_view> names;
  for (const auto& row : mend_kinds()) {
    CHECK(names.insert(row.name).second);
    CHECK_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789"), std::string_view::npos);
    CHECK(!row.text.empty());
    CHECK_EQ(name_of(row.kind), row.name);
  }
}

TEST_CASE("a list holds each kind once, in the order in which it came") {
  mend_list list;
  CHECK(list.empty());
  list.add(mend_kind::prose);
  list.add(mend_kind::fence);
  list.add(mend_kind::prose);
  CHECK(list.kinds() == (std::vector{mend_kind::prose, mend_kind::fence}));
  CHECK(list.has(mend_kind::fence));
  CHECK(!list.has(mend_kind::closers));
  mend_list more;
  more.add(mend_kind::closers);
  more.add(mend_kind::fence);
  list.add(more);
  CHECK(list.kinds() == (std::vector{mend_kind::prose, mend_kind::fence, mend_kind::closers}));
}
