#pragma once

#include "http/server/forwarded.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// PROXY protocol version 2: what a proxy sends in front of everything else of a connection to say whom it
/// speaks for. (Tarreau, "The PROXY protocol, versions 1 & 2", haproxy, section 2.2.) Pure.
namespace weappd::http::proxy_protocol {

/// Signature, version and command, family, length.
inline constexpr std::size_t fixed_size = 16;
/// With addresses and further fields (TLVs), which are passed over. Proxies send some ten or hundred bytes of
/// them.
inline constexpr std::size_t max_size = 4'096;

enum class state : std::uint8_t {
  incomplete, ///< a header may begin so
  broken,     ///< no header begins so, or none that we take
  complete,
};

struct found {
  state what = state::incomplete;
  /// How many bytes the header has, as far as that is known; else those that are needed to know it.
  std::size_t size = fixed_size;
  /// Whom the proxy speaks for; nothing: for itself (LOCAL, or a family without an address of the network).
  std::optional<ip_address> client{};
};

/// What these bytes, the first ones of a connection, say. What is wrong is told with the first byte that is.
[[nodiscard]] found parse(std::string_view bytes);

} // namespace weappd::http::proxy_protocol
