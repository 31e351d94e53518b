#include "http/server/header_keys.hpp"

#include "config/crypto/hmac.hpp"

#include <cstring>
#include <string>

namespace weappd::http {
namespace {

std::string key_for_headers(const keyring& lookup) {
  const auto key = crypto::derive_key(lookup.active().bytes.reveal(), "rate limit header");
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

} // namespace

header_keys::header_keys(const keyring& lookup) : key_(key_for_headers(lookup)) {}

rate_key header_keys::operator()(std::string_view value) const {
  crypto::hmac_sha256 mac(key_.reveal()); // its own: one belongs to one thread
  const auto digest = mac(value);
  rate_key key;
  std::memcpy(&key.high, digest.data(), sizeof key.high);
  std::memcpy(&key.low, digest.data() + sizeof key.high, sizeof key.low);
  return key;
}

} // namespace weappd::http
