#include "runtime/ollama/resolve_name.hpp"

#include "actors/threads/mutex.hpp"
#include "runtime/ollama/wake_pair.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <system_error>
#include <thread>

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>

namespace mp::ollama {
namespace {

using clock = std::chrono::steady_clock;

/// How long an answer that came too late for its question is good for the next one.
constexpr std::chrono::seconds late_answer_max{60};

struct address_list_deleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

resolved_name ask_system(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const auto problem = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (problem != 0)
    return {{}, std::string{"the name cannot be resolved: "} + ::gai_strerror(problem)};
  const std::unique_ptr<addrinfo, address_list_deleter> list{found};
  resolved_name result;
  for (const auto* each = found; each != nullptr; each = each->ai_next)
    if (each->ai_addrlen <= sizeof(sockaddr_storage)) {
      auto& address = result.addresses.emplace_back();
      address.family = each->ai_family;
      address.size = each->ai_addrlen;
      std::memcpy(&address.bytes, each->ai_addr, each->ai_addrlen);
    }
  return result;
}

/// One request to the resolver, shared by all callers that need the same name meanwhile.
struct lookup {
  lookup() : done(::eventfd(0, EFD_CLOEXEC)) {}
  ~lookup() {
    if (done != -1)
      ::close(done);
  }
  lookup(const lookup&) = delete;
  lookup& operator=(const lookup&) = delete;

  const int done; ///< readable once the result is there
  mp::mutex mutex;
  bool ended MP_GUARDED_BY(mutex) = false;
  clock::time_point ended_at MP_GUARDED_BY(mutex);
  resolved_name result MP_GUARDED_BY(mutex);
};

struct lookups {
  mp::mutex mutex;
  std::map<std::string, std::shared_ptr<lookup>> by_name MP_GUARDED_BY(mutex);
};

/// Never destroyed: a thread in the resolver may outlive main().
lookups& all_lookups() {
  static auto* const all = new lookups;
  return *all;
}

bool is_usable(lookup& each) {
  const scoped_lock guard{each.mutex};
  return !each.ended || clock::now() - each.ended_at < late_answer_max;
}

void run(const std::shared_ptr<lookup>& asked, const std::string& host, std::uint16_t port) {
  resolved_name result;
  try {
    result = ask_system(host, port, 0);
  } catch (const std::bad_alloc&) {
    result = {};
  }
  {
    const scoped_lock guard{asked->mutex};
    asked->result = std::move(result);
    asked->ended_at = clock::now();
    asked->ended = true;
  }
  ::eventfd_write(asked->done, 1);
}

/// The lookup under way, or one that ended after everybody had left, or a new one. Null: no thread or descriptor to
/// have.
std::shared_ptr<lookup> join(const std::string& key, const std::string& host, std::uint16_t port) {
  auto& all = all_lookups();
  const scoped_lock guard{all.mutex};
  auto& entry = all.by_name[key];
  if (entry && is_usable(*entry))
    return entry;
  entry = std::make_shared<lookup>();
  auto begun = entry->done != -1;
  try {
    if (begun)
      std::thread{[asked = entry, host, port] { run(asked, host, port); }}.detach();
  } catch (const std::system_error&) {
    begun = false;
  }
  if (begun)
    return entry;
  all.by_name.erase(key);
  return nullptr;
}

/// What was heard in time is not kept: the next connection asks again, since addresses change.
void forget(const std::string& key, const std::shared_ptr<lookup>& heard) {
  auto& all = all_lookups();
  const scoped_lock guard{all.mutex};
  if (const auto found = all.by_name.find(key); found != all.by_name.end() && found->second == heard)
    all.by_name.erase(found);
}

/// Whether the lookup has ended before the deadline and without a stop.
bool has_ended(const lookup& asked, clock::time_point deadline, const wake_pair& wake) {
  std::array<pollfd, 2> waits{pollfd{asked.done, POLLIN, 0}, pollfd{wake.descriptor(), POLLIN, 0}};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    const auto ready = ::poll(waits.data(), waits.size(), static_cast<int>(left > 0 ? left : 0));
    if (ready < 0 && errno == EINTR)
      continue;
    return ready > 0 && waits[0].revents != 0;
  }
}

} // namespace

resolved_name resolve_name(const std::string& host, std::uint16_t port, clock::time_point deadline,
                           const std::stop_token& stop) {
  if (auto numeric = ask_system(host, port, AI_NUMERICHOST); !numeric.addresses.empty())
    return numeric;
  const wake_pair wake{stop};
  if (!wake)
    return {};
  const auto key = host + ':' + std::to_string(port);
  const auto asked = join(key, host, port);
  if (!asked)
    return {{}, "the name cannot be resolved: no thread or descriptor left"};
  if (!has_ended(*asked, deadline, wake))
    return {{}, stop.stop_requested() ? "" : "the name was not resolved in time"};
  forget(key, asked);
  const scoped_lock guard{asked->mutex};
  return asked->result;
}

} // namespace mp::ollama
