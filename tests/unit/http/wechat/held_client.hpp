#pragma once

#include "http/client/http_client.hpp"

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace weappd {

/// Keeps every call and lets the test end it.
class held_client final : public http_client {
public:
  bool start(http_call call, done_function done) override {
    const std::lock_guard guard(mutex_);
    if (full_)
      return false;
    calls_.push_back(std::move(call));
    held_.push_back(std::move(done));
    return true;
  }
  void set_full(bool full) {
    const std::lock_guard guard(mutex_);
    full_ = full;
  }
  std::size_t count() {
    const std::lock_guard guard(mutex_);
    return held_.size();
  }
  /// All that were ever taken.
  std::vector<http_call> calls() {
    const std::lock_guard guard(mutex_);
    return calls_;
  }
  /// Ends the oldest call. False: there is none.
  bool end_one(http_outcome outcome) {
    done_function done;
    {
      const std::lock_guard guard(mutex_);
      if (held_.empty())
        return false;
      done = std::move(held_.front());
      held_.erase(held_.begin());
    }
    done(std::move(outcome));
    return true;
  }

private:
  std::mutex mutex_;
  std::vector<http_call> calls_;
  std::vector<done_function> held_;
  bool full_ = false;
};

} // namespace weappd
