#include "http/client/on_demand_client.hpp"

#include <exception>
#include <utility>

namespace weappd {

bool on_demand_client::start(http_call call, done_function done) {
  const auto made = client();
  return made && made->start(std::move(call), std::move(done));
}

void on_demand_client::stop() {
  std::shared_ptr<curl_client> made;
  {
    const std::lock_guard guard(mutex_);
    stopped_ = true;
    made = std::move(client_);
  }
  if (made)
    made->stop();
}

std::shared_ptr<curl_client> on_demand_client::client() {
  const std::lock_guard guard(mutex_);
  if (!client_ && !stopped_) {
    try {
      client_ = std::make_shared<curl_client>(options_);
    } catch (const std::exception&) {
      return nullptr; // no thread, no descriptor: the caller is told that it is refused
    }
  }
  return client_;
}

} // namespace weappd
