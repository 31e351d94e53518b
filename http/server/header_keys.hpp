#pragma once

#include "config/keyring.hpp"
#include "config/secret.hpp"
#include "messages/rate.hpp"

#include <string_view>

namespace weappd::http {

/// Whom a limit counts by the value of a header: a keyed hash, so that no two values can be made to meet.
/// Safe to use from several threads.
class header_keys {
public:
  explicit header_keys(const keyring& lookup);
  [[nodiscard]] rate_key operator()(std::string_view value) const;

private:
  secret key_;
};

} // namespace weappd::http
