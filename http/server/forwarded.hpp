#pragma once

#include "config/options.hpp"
#include "messages/rate.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who the client is, behind proxies that we trust and only behind those. Pure.
namespace weappd::http {

using ip_address = boost::asio::ip::address;

/// An address block: "10.0.0.0/8", "2001:db8::/32", or one address without a length.
class cidr {
public:
  /// Nothing if that is no block. Bits behind the prefix may be set; they do not count.
  [[nodiscard]] static std::optional<cidr> parse(std::string_view text);
  [[nodiscard]] bool contains(const ip_address& address) const noexcept;

private:
  std::array<std::uint8_t, 16> bytes_{}; ///< IPv4 as ::ffff:a.b.c.d
  unsigned prefix_ = 0;                  ///< of 128
};

/// All of `texts`, without those that are no block: the configuration has been checked for that before.
[[nodiscard]] std::vector<cidr> parse_blocks(const std::vector<std::string>& texts);

/// How many entries of a chain are looked at.
inline constexpr int max_hops = 32;

/// The client's address: the peer itself unless it is a trusted proxy; behind one, the entry of the field
/// that the last trusted proxy of the chain has written. It is read from the right, because all that is left
/// of the first untrusted address was written by that client and may be a lie. An entry that is broken or
/// hides its client ("unknown", "_name") ends the walk, and so does max_hops: then the answer is the last
/// proxy that is known.
///
/// `field`: X-Forwarded-For or Forwarded (RFC 7239), as `kind` says. Both may have ports ("192.0.2.1:80",
/// "[2001:db8::1]:80").
[[nodiscard]] ip_address client_address(const ip_address& peer, forwarded_field kind, std::string_view field,
                                        const std::vector<cidr>& trusted);

[[nodiscard]] bool is_trusted(const ip_address& address, const std::vector<cidr>& trusted) noexcept;

/// Whom a limit counts: an IPv4 address (also one mapped into IPv6) exactly, an IPv6 address by its /64,
/// which is what one customer has.
[[nodiscard]] rate_key address_key(const ip_address& address) noexcept;

} // namespace weappd::http
