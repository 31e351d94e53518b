#pragma once

#include "config/crypto/hmac.hpp"
#include "config/crypto/random.hpp"

namespace weappd::crypto {

/// A MAC with a key of its own, which nobody knows and which is gone with it.
[[nodiscard]] hmac_sha256 random_mac(random_source& random);

} // namespace weappd::crypto
