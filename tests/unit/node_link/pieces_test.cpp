#define CAF_SUITE pieces
#include "tests/support/test.hpp"

#include "actors/node_link/pieces.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

text_slice text(std::size_t size, char with) { return text_slice{std::string(size, with)}; }

constexpr piece_limits limits{1'000, 2'000, 4'000, 16'000, 100ms};

struct link_fixture {
  piece_sender sender{limits};
  piece_joiner joiner{100'000};
  piece_window::time_point now{};

  /// Everything that may be sent, over a link without delay. Gives the streams of the pieces, in order.
  std::vector<std::uint64_t> run(std::vector<std::string>& whole) {
    std::vector<std::uint64_t> order;
    while (auto piece = sender.next(now)) {
      order.push_back(piece->stream);
      if (joiner.add(*piece) == piece_joiner::verdict::whole)
        whole.push_back(joiner.take());
      if (auto ack = joiner.ack(1, true))
        sender.acked(*ack, now);
    }
    return order;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(link_fixture)

TEST_CASE("what is sent arrives whole, of every size") {
  for (std::size_t size : {1u, 999u, 1'000u, 1'001u, 50'000u}) {
    std::vector<std::string> whole;
    sender.add(size, text(size, 'x'));
    run(whole);
    REQUIRE_EQ(whole.size(), 1u);
    CHECK_EQ(whole[0], std::string(size, 'x'));
    CHECK_EQ(sender.waiting_bytes(), 0u);
  }
}

TEST_CASE("a text does not wait for the photo that was sent before it") {
  sender.add(1, text(30'000, 'p'));
  sender.add(2, text(500, 't'));
  std::vector<std::string> whole;
  auto order = run(whole);
  CHECK_EQ(order[0], 1u);
  CHECK_EQ(order[1], 2u);
  REQUIRE_EQ(whole.size(), 2u);
  CHECK_EQ(whole[0], std::string(500, 't'));
}

TEST_CASE("no more than the window is under way") {
  sender.add(1, text(30'000, 'p'));
  std::size_t sent = 0;
  while (auto piece = sender.next(now))
    sent += piece->bytes.size();
  CHECK_EQ(sent, limits.window_first);
  sender.acked({1, 1'000, true}, now);
  CHECK(sender.next(now).has_value());
  CHECK(!sender.next(now).has_value());
}

TEST_CASE("a message that is dropped before it was all sent is not completed, one that was all sent cannot be") {
  sender.add(1, text(30'000, 'p'));
  sender.next(now);
  CHECK(sender.drop(1));
  CHECK_EQ(sender.waiting_bytes(), 0u);
  CHECK(!sender.next(now).has_value());
  sender.add(2, text(10, 't'));
  sender.next(now);
  CHECK(!sender.drop(2));
}

TEST_CASE("a peer that sends more than it may without completing anything is refused") {
  piece_joiner small{2'500};
  link_piece piece{1, 7, false, text(1'000, 'x')};
  CHECK(small.add(piece) == piece_joiner::verdict::more);
  CHECK(small.add(piece) == piece_joiner::verdict::more);
  CHECK(small.add(piece) == piece_joiner::verdict::refused);
}

TEST_CASE("what is dropped half way makes room") {
  piece_joiner small{2'500};
  small.add({1, 7, false, text(2'000, 'x')});
  small.drop(7);
  CHECK(small.add({1, 8, false, text(2'000, 'x')}) == piece_joiner::verdict::more);
}

TEST_CASE("many bytes are acknowledged at once, few with the next heartbeat") {
  piece_joiner any{1'000'000};
  any.add({1, 1, true, text(100, 'x')});
  CHECK(!any.ack(1, false).has_value());
  auto lazy = any.ack(1, true);
  REQUIRE(lazy.has_value());
  CHECK_EQ(lazy->bytes, 100u);
  CHECK(!lazy->prompt);
  CHECK(!any.ack(1, true).has_value());
  any.add({1, 2, true, text(piece_joiner::ack_bytes, 'x')});
  auto prompt = any.ack(1, false);
  REQUIRE(prompt.has_value());
  CHECK(prompt->prompt);
  CHECK_EQ(prompt->bytes, 100u + piece_joiner::ack_bytes);
}

END_FIXTURE_SCOPE()

TEST_CASE(
  "the window of a slow link shrinks until what is under way costs a heartbeat little, of a fast one it grows") {
  for (auto [bytes_per_second, smallest, largest] :
       {std::tuple{1'250'000.0, std::size_t{64'000}, std::size_t{260'000}},
        std::tuple{125'000'000.0, std::size_t{4'000'000}, std::size_t{4'200'000}}}) {
    piece_limits usual;
    piece_window window{usual};
    piece_window::time_point now{};
    std::uint64_t sent = 0, acked = 0;
    double wire = 0; // the time at which the link has carried what was sent, in seconds
    std::deque<std::pair<double, std::uint64_t>> arrivals;
    for (int i = 0; i < 20'000; ++i) {
      auto seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
      while (window.room() > 0) {
        window.sent(usual.piece_bytes, now);
        sent += usual.piece_bytes;
        wire = std::max(wire, seconds) + static_cast<double>(usual.piece_bytes) / bytes_per_second;
        arrivals.emplace_back(wire, sent);
      }
      now += 1ms;
      seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
      while (!arrivals.empty() && arrivals.front().first <= seconds) {
        acked = arrivals.front().second;
        arrivals.pop_front();
      }
      window.acked(acked, true, now);
    }
    CHECK(window.size() >= smallest);
    CHECK(window.size() <= largest);
  }
}
