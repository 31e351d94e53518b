#pragma once

#include "http/client/curl_client.hpp"
#include "http/client/http_client.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace weappd {

/// A curl_client that is made for its first call: one that is hardly ever needed, or only after a reload,
/// costs no thread until then. If it cannot be made, calls are refused and the next one tries again.
class on_demand_client final : public http_client {
public:
  explicit on_demand_client(curl_options options) : options_(std::move(options)) {}

  [[nodiscard]] bool start(http_call call, done_function done) override;
  /// As curl_client::stop(); there will be no calls any more.
  void stop();

private:
  [[nodiscard]] std::shared_ptr<curl_client> client();

  const curl_options options_;
  std::mutex mutex_; // guards the two below
  std::shared_ptr<curl_client> client_;
  bool stopped_ = false;
};

} // namespace weappd
