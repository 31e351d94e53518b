#include "config/crypto/random_key.hpp"

#include <array>
#include <cstdint>
#include <string_view>

#include <openssl/crypto.h>

namespace weappd::crypto {

hmac_sha256 random_mac(random_source& random) {
  std::array<std::uint8_t, 32> key{};
  random.fill(key);
  hmac_sha256 made({reinterpret_cast<const char*>(key.data()), key.size()});
  OPENSSL_cleanse(key.data(), key.size());
  return made;
}

} // namespace weappd::crypto
