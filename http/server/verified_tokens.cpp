#include "http/server/verified_tokens.hpp"

#include <cstring>

#include <openssl/crypto.h>

namespace weappd::http {
namespace {

constexpr std::size_t signature_size = 43; // the last part of a token: 32 bytes in base64url

std::string_view signature_of(std::string_view token) noexcept {
  return token.substr(token.size() - signature_size);
}

/// Signatures are as good as random: some of their bytes are a hash already.
std::size_t set_of(std::string_view token) noexcept {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, signature_of(token).data(), sizeof bytes);
  return (bytes * 0x9E3779B97F4A7C15ULL >> 32) % verified_tokens::sets;
}

/// The signature is compared in constant time, so that it cannot be guessed byte by byte; who has the right
/// one has the token, and may learn how much of the rest fits.
bool is_same(std::string_view remembered, std::string_view token) noexcept {
  return remembered.size() == token.size() &&
         CRYPTO_memcmp(signature_of(remembered).data(), signature_of(token).data(), signature_size) == 0 &&
         std::memcmp(remembered.data(), token.data(), token.size() - signature_size) == 0;
}

} // namespace

const verified_tokens::facts* verified_tokens::find(std::string_view token) const noexcept {
  if (token.size() < signature_size)
    return nullptr;
  for (const auto& each : sets_[set_of(token)].entries)
    if (is_same(each.token, token))
      return &each.what;
  return nullptr;
}

void verified_tokens::remember(std::string_view token, const facts& what) {
  if (token.size() < signature_size)
    return;
  auto& candidates = sets_[set_of(token)];
  auto& place = candidates.entries[candidates.oldest];
  candidates.oldest = static_cast<std::uint8_t>((candidates.oldest + 1) % ways);
  place.token.assign(token);
  place.what = what;
}

} // namespace weappd::http
