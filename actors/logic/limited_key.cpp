#include "actors/logic/limited_key.hpp"

#include <cstring>

namespace weappd {
namespace {

/// The finalizer of SplitMix64: every bit of the input moves every bit of the output.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
  return value ^ value >> 31;
}

} // namespace

limited_key_hash limited_key_hash::random(crypto::random_source& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  std::array<std::uint64_t, 2> key{};
  std::memcpy(key.data(), bytes.data(), sizeof key);
  return limited_key_hash(key);
}

std::size_t limited_key_hash::operator()(const limited_key& key) const noexcept {
  return mixed(mixed(mixed(key.who.high ^ key_[0]) ^ key.who.low ^ key_[1]) + key.policy);
}

} // namespace weappd
