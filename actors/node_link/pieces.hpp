#pragma once
// Messages of any size over one link, in pieces. No actors.

#include "actors/node_link/piece_window.hpp"
#include "messages/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace mp {

/// Cuts what is to be sent into pieces and gives them out within the window. Several at once take turns, piece by
/// piece, so that a text does not wait for a photo.
class piece_sender {
public:
  using time_point = piece_window::time_point;

  explicit piece_sender(piece_limits limits = {}) : window_(limits) {}

  /// `stream` names it on this link; it must not be in use. `whole` is shared, never copied here.
  void add(std::uint64_t stream, text_slice whole);

  /// The rest of it is not sent. False: nothing is left of it, the peer gets all of it.
  bool drop(std::uint64_t stream);

  /// The next piece to send now, or nothing.
  std::optional<link_piece> next(time_point now);

  void acked(const link_ack& ack, time_point now) { window_.acked(ack.bytes, ack.prompt, now); }

  /// Not sent yet.
  std::size_t waiting_bytes() const { return waiting_bytes_; }

  std::size_t window() const { return window_.size(); }

private:
  struct stream {
    std::uint64_t id = 0;
    text_slice whole;
    std::size_t at = 0;
  };

  piece_window window_;
  std::deque<stream> streams_; ///< the one whose turn is next is in front
  std::size_t waiting_bytes_ = 0;
};

/// Puts pieces together again.
class piece_joiner {
public:
  /// An acknowledgement is sent at once for so many bytes, for fewer with the next heartbeat.
  static constexpr std::size_t ack_bytes = 32 * 1024;

  /// `bytes_max`: of all that is not whole yet.
  explicit piece_joiner(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  enum class verdict : std::uint8_t {
    more,    ///< of its stream are to come
    whole,   ///< take() has it
    refused, ///< the peer breaks the rules: the session is to be ended
  };
  verdict add(const link_piece& piece);

  /// What is whole now. Call it once after verdict::whole.
  std::string take() { return std::move(whole_); }

  /// The peer will send no more of it.
  void drop(std::uint64_t stream);

  /// The acknowledgement that is due: at once after enough bytes; with `all`, for a heartbeat, whatever is not
  /// acknowledged.
  std::optional<link_ack> ack(std::uint64_t session, bool all);

private:
  std::size_t bytes_max_;
  std::size_t bytes_ = 0; ///< of parts_
  std::map<std::uint64_t, std::string> parts_;
  std::string whole_;
  std::uint64_t received_ = 0;
  std::uint64_t acked_ = 0;
};

} // namespace mp
