#pragma once

#include "http/client/http_client.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

/// Calls, and waiting for what becomes of them.
namespace weappd {

inline http_call get(std::string url, std::chrono::milliseconds total = std::chrono::seconds(5)) {
  http_call call;
  call.url = secret(std::move(url));
  call.total_timeout = total;
  return call;
}

/// Starts the call. The future breaks if `done` is dropped without having been called.
inline std::future<http_outcome> start(http_client& client, http_call call) {
  auto promise = std::make_shared<std::promise<http_outcome>>();
  auto outcome = promise->get_future();
  const bool taken =
      client.start(std::move(call), [promise](http_outcome end) { promise->set_value(std::move(end)); });
  EXPECT_TRUE(taken);
  return outcome;
}

inline http_outcome wait(std::future<http_outcome> outcome) {
  if (outcome.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
    ADD_FAILURE() << "no outcome";
    return {};
  }
  return outcome.get();
}

inline http_outcome run(http_client& client, http_call call) {
  return wait(start(client, std::move(call)));
}

} // namespace weappd
