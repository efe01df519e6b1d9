#define CAF_SUITE model_watch
#include "tests/support/test.hpp"

#include "actors/dispatcher/model_watch.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

/// Answers of one host, a minute after each other.
class answers {
public:
  model_watch::finding come(std::chrono::nanoseconds load_time) {
    return watch_.answered("alpha", now_ += 1min, load_time);
  }

  model_watch::finding come_at_once(std::chrono::nanoseconds began_later, std::chrono::nanoseconds load_time) {
    return watch_.answered("alpha", now_ + began_later, load_time);
  }

  model_watch& watch() { return watch_; }

private:
  model_watch watch_;
  model_watch::time_point now_{};
};

} // namespace

TEST_CASE("an answer that waited longer than a second for its model says that it was loaded") {
  answers host;
  CHECK(!host.come(40ms).reloaded);
  CHECK(!host.come(1s).reloaded);
  CHECK(host.come(1001ms).reloaded);
}

TEST_CASE("a host that loads for three of ten answers does so again and again, which is told once") {
  answers host;
  CHECK(!host.come(5s).often);
  CHECK(!host.come(1ms).often);
  CHECK(!host.come(5s).often);
  CHECK(host.come(5s).often == std::optional{true});
  CHECK(!host.come(5s).often);
}

TEST_CASE("it is over when no model was loaded for ten answers") {
  answers host;
  for (int i = 0; i < 3; ++i)
    host.come(5s);
  for (int i = 0; i < 9; ++i)
    CHECK(!host.come(1ms).often);
  CHECK(host.come(1ms).often == std::optional{false});
}

TEST_CASE("loads far apart are no trouble") {
  answers host;
  for (int i = 0; i < 50; ++i)
    CHECK(!host.come(i % 5 == 0 ? 5s : 1ms).often);
}

TEST_CASE("a model is silent for whom it has answered nobody since") {
  const model_watch::time_point now{1h};
  model_watch watch;
  CHECK(watch.is_silent("alpha", "llava", now));
  watch.spoke("alpha", "llava", now);
  CHECK(!watch.is_silent("alpha", "llava", now));
  CHECK(!watch.is_silent("alpha", "llava", now - 1s));
  CHECK(watch.is_silent("alpha", "llava", now + 1ms));
  CHECK(watch.is_silent("beta", "llava", now));
  CHECK(watch.is_silent("alpha", "phi3", now));
}

TEST_CASE("every spelling of a model's name is one model") {
  const model_watch::time_point now{1h};
  model_watch watch;
  for (const auto* name : {"llava", "LLaVA:latest", "library/llava", "LlAvA"})
    watch.spoke("alpha", name, now);
  CHECK_EQ(watch.known_models("alpha"), 1u);
  CHECK(!watch.is_silent("alpha", "llAva:Latest", now));
}

TEST_CASE("models that requests name do not fill the memory, and those that answer often are not forgotten for them") {
  const model_watch::time_point start{1h};
  model_watch watch;
  for (int i = 0; i < 10'000; ++i) {
    const auto now = start + std::chrono::seconds{i};
    watch.spoke("alpha", "m" + std::to_string(i), now);
    if (i % 50 == 0)
      watch.spoke("alpha", "llava", now);
  }
  CHECK_EQ(watch.known_models("alpha"), model_watch::models_max);
  CHECK_EQ(watch.known_models("beta"), 0u);
  CHECK(!watch.is_silent("alpha", "llava", start));
  CHECK(watch.is_silent("alpha", "m1", start));
}

TEST_CASE("calls that waited for one load count once") {
  answers host;
  CHECK(host.come(5s).reloaded);
  CHECK(!host.come_at_once(2s, 3s).reloaded);
  CHECK(!host.come_at_once(3500ms, 1400ms).reloaded);
  CHECK(host.come_at_once(10s, 5s).reloaded);
}

TEST_CASE("a load longer than any is none, whatever a host says") {
  answers host;
  CHECK(!host.come(std::chrono::nanoseconds::max()).reloaded);
  CHECK(host.come(2s).reloaded);
}

TEST_CASE("a model is degenerate when two users have seen it so on one host, with no answer in between") {
  model_watch watch;
  CHECK(!watch.is_degenerate("alpha", "llava", "one"));
  CHECK(!watch.is_degenerate("alpha", "llava", "one"));
  CHECK(!watch.is_degenerate("beta", "llava", "two"));
  CHECK(!watch.is_degenerate("alpha", "phi3", "two"));
  CHECK(watch.is_degenerate("alpha", "llava", "two"));
  watch.spoke("alpha", "llava", {});
  CHECK(!watch.is_degenerate("alpha", "llava", "two"));
  CHECK(watch.is_degenerate("alpha", "llava", "one"));
}

TEST_CASE("degenerate models are told by any spelling of their names, and their number is bounded") {
  model_watch watch;
  CHECK(!watch.is_degenerate("alpha", "llava", "one"));
  CHECK(watch.is_degenerate("alpha", "LLaVA:latest", "two"));
  watch.spoke("alpha", "library/llava", {});
  CHECK(!watch.is_degenerate("alpha", "llava", "two"));
  for (std::size_t i = 0; i < model_watch::models_max; ++i)
    watch.is_degenerate("alpha", "m" + std::to_string(i), "one");
  CHECK(!watch.is_degenerate("alpha", "llava", "one")); // it was forgotten: what is really degenerate is seen again
  CHECK(watch.is_degenerate("alpha", "llava", "two"));
}

TEST_CASE("hosts are told apart") {
  model_watch watch;
  model_watch::time_point now{};
  for (const auto* host : {"alpha", "beta", "gamma", "delta"})
    CHECK(!watch.answered(host, now, 5s).often);
}

TEST_CASE("a model with bad answers is loaded anew once in ten minutes on each host") {
  model_watch watch;
  model_watch::time_point now{};
  CHECK(watch.may_reload("alpha", "llava", now));
  CHECK(!watch.may_reload("alpha", "llava", now + 9min));
  CHECK(watch.may_reload("beta", "llava", now));
  CHECK(watch.may_reload("alpha", "phi3", now));
  CHECK(watch.may_reload("alpha", "llava", now + 10min));
  CHECK(!watch.may_reload("alpha", "llava", now + 11min));
}
