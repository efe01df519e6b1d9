#include "runtime/commands/commands.hpp"
#include "runtime/node/assembly.hpp"

#include <iostream>
#include <random>

namespace mp {
namespace {

std::string random_key() {
  static constexpr char digits[] = "0123456789abcdef";
  std::random_device chance;
  std::string key{"send-"};
  for (int i = 0; i < 12; ++i)
    key += digits[chance() % 16];
  return key;
}

} // namespace

int send_command(const settings& chosen, const send_options& options) {
  auto key = options.key.empty() ? random_key() : options.key;
  try {
    auto body = options.photo_file.empty()
                  ? text_request_body(key, options.user_email, options.text)
                  : photo_request_body(key, options.user_email, options.prompt, read_file(options.photo_file));
    auto started = std::chrono::steady_clock::now();
    kafka::kafka_client client{asking_options(chosen),
                               std::min<std::chrono::milliseconds>(options.timeout, std::chrono::seconds{10})};
    auto left = options.timeout
                - std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    auto answer = client.ask({key, body, {}}, left);
    if (auto* failure = std::get_if<kafka::client_failure>(&answer)) {
      std::cerr << "send: " << failure->reason << "\n";
      return failure->timed_out ? exit_wrong_settings : exit_failed;
    }
    auto& reply = std::get<kafka::client_reply>(answer);
    std::cout << reply.body << '\n' << std::flush;
    return is_error_reply(reply.body) ? exit_failed : exit_well;
  } catch (const std::exception& problem) {
    std::cerr << "send: " << problem.what() << "\n";
    return exit_failed;
  }
}

} // namespace mp
