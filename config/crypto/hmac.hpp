#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

struct evp_mac_ctx_st;

namespace weappd::crypto {

using digest = std::array<std::uint8_t, 32>;

/// HMAC-SHA256 (RFC 2104) with a key that is set once, so that a MAC costs little more than hashing its text.
/// An object belongs to one thread at a time.
class hmac_sha256 {
public:
  explicit hmac_sha256(std::string_view key);
  /// The MAC of the concatenation of both texts.
  digest operator()(std::string_view text, std::string_view more = {});

private:
  struct context_free {
    void operator()(evp_mac_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_mac_ctx_st, context_free> context_;
};

/// Constant time in the content.
bool equal(const digest& a, const digest& b) noexcept;

/// A key of 32 bytes for one purpose, derived from a master key (HKDF-SHA256, RFC 5869, empty salt).
std::array<std::uint8_t, 32> derive_key(std::string_view master, std::string_view purpose);

} // namespace weappd::crypto
