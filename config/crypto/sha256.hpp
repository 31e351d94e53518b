#pragma once

#include "config/crypto/hmac.hpp"

#include <string_view>

namespace weappd::crypto {

/// SHA-256 (FIPS 180-4) of the concatenation of both texts.
[[nodiscard]] digest sha256(std::string_view text, std::string_view more = {});

} // namespace weappd::crypto
