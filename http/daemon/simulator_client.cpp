#include "http/daemon/simulator_client.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace weappd {
namespace {

/// What follows the host of a URL.
std::string_view target_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto path = url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : url.substr(path);
}

} // namespace

bool simulator_client::start(http_call call, done_function done) {
  const bool is_get = call.method == http_method::get;
  auto answer = simulator_.answer(simulator::make_request(
      is_get ? "GET" : "POST", target_of(call.url.reveal()), std::string(call.body.reveal())));
  http_outcome outcome{.request_written = true};
  if (answer.reset) {
    outcome.failure = http_failure::other;
  } else {
    outcome.status = answer.status;
    outcome.body = secret(std::move(answer.body));
  }
  done(std::move(outcome));
  return true;
}

} // namespace weappd
