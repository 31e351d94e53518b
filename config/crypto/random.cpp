#include "config/crypto/random.hpp"

#include "config/crypto/must.hpp"

#include <algorithm>
#include <climits>

#include <openssl/rand.h>

namespace weappd::crypto {

void system_random::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const auto part = out.first(std::min<std::size_t>(out.size(), INT_MAX)); // RAND_bytes counts in int
    must(RAND_bytes(part.data(), static_cast<int>(part.size())) == 1);
    out = out.subspan(part.size());
  }
}

} // namespace weappd::crypto
