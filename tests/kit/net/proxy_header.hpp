#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>

/// Headers of PROXY protocol v2 as a proxy writes them.
namespace weappd::kit {

inline std::string proxy_bytes(std::uint8_t command, std::uint8_t family, std::string_view rest) {
  std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
  bytes += static_cast<char>(command);
  bytes += static_cast<char>(family);
  bytes += static_cast<char>(rest.size() >> 8);
  bytes += static_cast<char>(rest.size() & 0xff);
  bytes += rest;
  return bytes;
}

/// Of a client with this address, on its way to some server; `more` are further fields.
inline std::string proxy_header(const std::string& client, std::string_view more = {}) {
  const bool is_v6 = client.find(':') != std::string::npos;
  std::array<char, 32> addresses{};
  ::inet_pton(is_v6 ? AF_INET6 : AF_INET, client.c_str(), addresses.data());
  std::string rest(addresses.data(), is_v6 ? 32 : 8);
  rest += "\x12\x34\x00\x50";
  rest.resize(is_v6 ? 36 : 12); // the text ended at its zero
  rest += more;
  return proxy_bytes(0x21, is_v6 ? 0x21 : 0x11, rest);
}

/// The proxy itself wants to know something.
inline std::string local_proxy_header() {
  return proxy_bytes(0x20, 0x00, {});
}

} // namespace weappd::kit
