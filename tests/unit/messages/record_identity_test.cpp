#define CAF_SUITE record_identity
#include "tests/support/test.hpp"

#include "messages/record_identity.hpp"

#include "tests/support/property.hpp"

#include <random>
#include <set>
#include <string>

using namespace mp;

namespace {

struct facts {
  std::string topic_id = "0N8sDlCmT3eFhIh8Wi0lBA";
  std::int32_t leader_epoch = 4;
  std::int64_t timestamp_ms = 1'732'356'420'123;
  std::string key = "order-17";
  std::string body = R"({"value":{"user_email":"a@b.c","prompt":"How many calories has a slice of pizza?"}})";
  std::vector<std::pair<std::string, std::string>> headers{{"priority", "4"}};

  std::uint64_t identity() const { return record_identity(topic_id, leader_epoch, timestamp_ms, key, body, headers); }
};

} // namespace

TEST_CASE("a record has the same identity whenever it is read, wherever its bytes lie") {
  facts record;
  auto first = record.identity();
  CHECK_NE(first, 0u);
  for (std::size_t shift = 0; shift < 9; ++shift) {
    auto moved = std::string(shift, ' ') + record.body;
    CHECK_EQ(record_identity(record.topic_id, record.leader_epoch, record.timestamp_ms, record.key,
                             std::string_view{moved}.substr(shift), record.headers),
             first);
  }
}

TEST_CASE("whatever differs, the identity differs") {
  std::set<std::uint64_t> seen{facts{}.identity()};
  auto differs = [&](auto change) {
    facts other;
    change(other);
    return seen.insert(other.identity()).second;
  };
  CHECK(differs([](auto& x) { x.topic_id = "1N8sDlCmT3eFhIh8Wi0lBA"; }));
  CHECK(differs([](auto& x) { x.topic_id.clear(); }));
  CHECK(differs([](auto& x) { x.leader_epoch = 5; }));
  CHECK(differs([](auto& x) { x.leader_epoch = -1; }));
  CHECK(differs([](auto& x) { ++x.timestamp_ms; }));
  CHECK(differs([](auto& x) { x.timestamp_ms = -1; }));
  CHECK(differs([](auto& x) { x.key += '8'; }));
  CHECK(differs([](auto& x) { x.key.clear(); }));
  CHECK(differs([](auto& x) { x.body.clear(); }));
  CHECK(differs([](auto& x) { x.body += '\0'; }));
  CHECK(differs([](auto& x) { x.headers.clear(); }));
  CHECK(differs([](auto& x) { x.headers.emplace_back("", ""); }));
  CHECK(differs([](auto& x) { x.headers[0].second = "5"; }));
  CHECK(differs([](auto& x) { std::swap(x.key, x.body); }));
  CHECK(differs([](auto& x) { x.headers = {{"priority4", ""}}; }));
  for (std::size_t i = 0; i < facts{}.body.size(); ++i)
    for (int bit = 0; bit < 8; ++bit)
      CHECK(differs([&](auto& x) { x.body[i] = static_cast<char>(x.body[i] ^ 1 << bit); }));
}

TEST_CASE("of a long body the size, both ends and samples of what lies between count") {
  facts photo;
  photo.body.clear();
  std::minstd_rand noise{7}; // compressed data
  for (std::size_t i = 0; i < 200'000; ++i)
    photo.body += static_cast<char>(noise() >> 8);
  auto differs = [&](auto change) {
    auto other = photo;
    change(other.body);
    return other.identity() != photo.identity();
  };
  CHECK(differs([](auto& body) { body += 'x'; }));
  for (std::size_t place : {0, 4'095, 4'096 + 4'096, 195'904, 199'999})
    CHECK(differs([&](auto& body) { body[place] ^= 1; }));
  for (std::size_t begin = 0; begin < 195'000; begin += 1'000)
    CHECK(differs([&](auto& body) { body.replace(begin, 5'000, body.substr(begin + 1, 4'999) + body[begin]); }));
}

TEST_CASE("a hundred thousand records at one place have identities of their own") {
  std::set<std::uint64_t> seen;
  property::dice chance{7};
  for (int i = 0; i < 100'000; ++i) {
    facts record;
    record.body = std::to_string(i) + std::string(chance.below(100), 'x');
    seen.insert(record.identity());
  }
  CHECK_EQ(seen.size(), 100'000u);
}
