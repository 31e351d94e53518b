#pragma once

#include "config/secret.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace weappd::http {

/// What operators send as bearer token; a reload may change it. Safe to use from several threads: operators
/// are few, so a lock does no harm.
class operator_token {
public:
  explicit operator_token(secret configured) : token_(std::move(configured)) {}

  void change(secret next) {
    std::lock_guard guard(mutex_);
    token_ = std::move(next);
  }
  /// In constant time for equal lengths. Nothing is the token of a server without one.
  [[nodiscard]] bool is(std::string_view sent) const {
    const secret given{std::string(sent)};
    std::lock_guard guard(mutex_);
    return !token_.empty() && given == token_;
  }

private:
  mutable std::mutex mutex_;
  secret token_;
};

} // namespace weappd::http
