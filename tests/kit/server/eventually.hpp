#pragma once

#include <chrono>
#include <thread>

namespace weappd::kit {

/// Asks `condition` again and again until it holds; false if it did not within `patience`. For what another
/// thread or process brings about at a time of its own.
template <class F>
bool eventually(F&& condition, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

} // namespace weappd::kit
