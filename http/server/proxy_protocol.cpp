#include "http/server/proxy_protocol.hpp"

#include <algorithm>
#include <array>

namespace weappd::http::proxy_protocol {
namespace {

constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t version_at = 12;
constexpr std::size_t family_at = 13;
constexpr std::size_t length_at = 14;

constexpr std::uint8_t local = 0x20; // version 2 and the command
constexpr std::uint8_t proxied = 0x21;

/// Families with SOCK_STREAM; what an UDP proxy says cannot be about this connection.
constexpr std::uint8_t tcp_v4 = 0x11;
constexpr std::uint8_t tcp_v6 = 0x21;

constexpr std::size_t size_v4 = 12; // two addresses and two ports
constexpr std::size_t size_v6 = 36;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

/// The least that must follow; nothing for a family that we do not take. A proxy that speaks for a client
/// whom it does not name is refused, as the specification allows: the connection would count as the proxy's
/// own, which is believed.
std::optional<std::size_t> least_length(std::uint8_t command, std::uint8_t family) {
  if (command == local)
    return 0;
  switch (family) {
  case tcp_v4:
    return size_v4;
  case tcp_v6:
    return size_v6;
  default:
    return std::nullopt;
  }
}

template <class Bytes>
Bytes bytes_from(std::string_view bytes) {
  Bytes out{};
  std::transform(bytes.begin(), bytes.begin() + out.size(), out.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

std::optional<ip_address> client_of(std::string_view bytes) {
  namespace ip = boost::asio::ip;
  const auto addresses = bytes.substr(fixed_size);
  const auto family = byte_at(bytes, family_at);
  if (byte_at(bytes, version_at) == local)
    return std::nullopt;
  if (family == tcp_v4)
    return ip::address_v4(bytes_from<ip::address_v4::bytes_type>(addresses));
  if (family == tcp_v6)
    return ip::address_v6(bytes_from<ip::address_v6::bytes_type>(addresses));
  return std::nullopt;
}

found no_header() {
  return {.what = state::broken, .size = 0, .client = {}};
}

} // namespace

found parse(std::string_view bytes) {
  const auto known = bytes.substr(0, signature.size());
  if (!signature.starts_with(known))
    return no_header();
  if (bytes.size() <= version_at)
    return {};
  const auto command = byte_at(bytes, version_at);
  if (command != local && command != proxied)
    return no_header();
  if (bytes.size() <= family_at)
    return {};
  const auto least = least_length(command, byte_at(bytes, family_at));
  if (!least)
    return no_header();
  if (bytes.size() < fixed_size)
    return {};
  const auto length = std::size_t{byte_at(bytes, length_at)} << 8 | byte_at(bytes, length_at + 1);
  const auto size = fixed_size + length;
  if (length < *least || size > max_size)
    return no_header();
  if (bytes.size() < size)
    return {.what = state::incomplete, .size = size, .client = {}};
  return {.what = state::complete, .size = size, .client = client_of(bytes)};
}

} // namespace weappd::http::proxy_protocol
