#include "http/server/host.hpp"

#include "http/server/characters.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstdint>

namespace weappd::http {
namespace {

constexpr std::size_t max_name = 255; // RFC 1035 section 2.3.4

bool is_ipv6(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size())
    return false;
  text.copy(terminated.data(), text.size());
  in6_addr ignored;
  return inet_pton(AF_INET6, terminated.data(), &ignored) == 1;
}

bool is_name(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_digit(c) && !(to_lower(c) >= 'a' && to_lower(c) <= 'z') && c != '-' && c != '.' && c != '_')
      return false;
  return !text.empty() && text.size() <= max_name && text.front() != '.';
}

bool is_port(std::string_view text) noexcept {
  std::uint16_t ignored = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ignored);
  return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

bool is_acceptable_host(std::string_view host) noexcept {
  if (host.starts_with('[')) {
    const auto close = host.find(']');
    if (close == std::string_view::npos || !is_ipv6(host.substr(1, close - 1)))
      return false;
    const auto rest = host.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const auto colon = host.find(':');
  return is_name(host.substr(0, colon)) &&
         (colon == std::string_view::npos || is_port(host.substr(colon + 1)));
}

} // namespace weappd::http
