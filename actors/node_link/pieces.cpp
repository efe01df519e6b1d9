#include "actors/node_link/pieces.hpp"

#include <algorithm>
#include <utility>

namespace mp {

void piece_sender::add(std::uint64_t stream, text_slice whole) {
  waiting_bytes_ += whole.size();
  streams_.push_back({stream, std::move(whole), 0});
}

bool piece_sender::drop(std::uint64_t id) {
  auto i = std::find_if(streams_.begin(), streams_.end(), [&](const stream& each) { return each.id == id; });
  if (i == streams_.end())
    return false;
  waiting_bytes_ -= i->whole.size() - i->at;
  streams_.erase(i);
  return true;
}

std::optional<link_piece> piece_sender::next(time_point now) {
  if (streams_.empty() || window_.room() == 0)
    return std::nullopt;
  auto current = std::move(streams_.front());
  streams_.pop_front();
  auto size = std::min(window_.piece_bytes(), current.whole.size() - current.at);
  link_piece piece;
  piece.stream = current.id;
  piece.bytes = current.whole.piece(current.at, size);
  current.at += size;
  piece.last = current.at == current.whole.size();
  waiting_bytes_ -= size;
  window_.sent(size, now);
  if (!piece.last)
    streams_.push_back(std::move(current));
  return piece;
}

piece_joiner::verdict piece_joiner::add(const link_piece& piece) {
  auto size = piece.bytes.size();
  received_ += size;
  if (bytes_ + size > bytes_max_)
    return verdict::refused;
  auto i = parts_.find(piece.stream);
  if (i == parts_.end() && piece.last) {
    whole_ = std::string{piece.bytes.view()};
    return verdict::whole;
  }
  if (i == parts_.end())
    i = parts_.try_emplace(piece.stream).first;
  i->second += piece.bytes.view();
  bytes_ += size;
  if (!piece.last)
    return verdict::more;
  bytes_ -= i->second.size();
  whole_ = std::move(i->second);
  parts_.erase(i);
  return verdict::whole;
}

void piece_joiner::drop(std::uint64_t stream) {
  if (auto i = parts_.find(stream); i != parts_.end()) {
    bytes_ -= i->second.size();
    parts_.erase(i);
  }
}

std::optional<link_ack> piece_joiner::ack(std::uint64_t session, bool all) {
  auto bytes = received_ - acked_;
  if (bytes == 0 || (!all && bytes < ack_bytes))
    return std::nullopt;
  acked_ = received_;
  return link_ack{session, received_, bytes >= ack_bytes};
}

} // namespace mp
