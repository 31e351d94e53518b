#include "config/text_checks.hpp"

#include "config/crypto/access_token.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace weappd {
namespace {

constexpr std::array<std::string_view, 5> limit_key_names{"ip", "user", "client", "app", "global"};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-';
}

bool fits(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest;
}

/// Decimal digits without sign or leading zeros, at most `most`.
std::optional<unsigned> small_number(std::string_view text, unsigned most) {
  unsigned value = 0;
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit) ||
      (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value <= most ? std::optional(value) : std::nullopt;
}

/// inet_pton wants a terminated string, and room for the longest address.
template <class Address>
std::optional<Address> parse_address(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  Address address{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  text.copy(terminated.data(), text.size());
  if (::inet_pton(family, terminated.data(), &address) != 1)
    return std::nullopt;
  return address;
}
std::optional<in_addr> parse_v4(std::string_view text) {
  return parse_address<in_addr>(AF_INET, text);
}
std::optional<in6_addr> parse_v6(std::string_view text) {
  return parse_address<in6_addr>(AF_INET6, text);
}

/// As IPv6 has it: an IPv4 address is ::ffff:a.b.c.d. All zero if it is none.
in6_addr as_v6(std::string_view text) {
  auto address = parse_v6(text).value_or(in6_addr{});
  if (const auto old = parse_v4(text)) {
    address.s6_addr[10] = address.s6_addr[11] = 0xff;
    std::memcpy(&address.s6_addr[12], &old->s_addr, sizeof old->s_addr);
  }
  return address;
}

/// A socket at :: takes what comes by IPv4, too (Linux, unless somebody changes net.ipv6.bindv6only).
bool takes_all_of(std::string_view all, std::string_view other) {
  const auto address = as_v6(all);
  return IN6_IS_ADDR_UNSPECIFIED(&address) || (parse_v4(other) && all == "0.0.0.0");
}

/// Labels of letters, digits and hyphens, parted by dots. A name whose last label is a number is an address
/// that is written in an unusual way (2130706433, 127.1, 0x7f.1): only the usual one is accepted.
bool is_host_name(std::string_view host) {
  if (!fits(host, 253))
    return false;
  std::string_view label;
  for (std::size_t start = 0; start <= host.size(); start += label.size() + 1) {
    label = host.substr(start, host.find('.', start) - start);
    if (!fits(label, 63) || label.front() == '-' || label.back() == '-' || label.find('_') != label.npos ||
        !std::ranges::all_of(label, is_word))
      return false;
  }
  return !is_digit(label.front());
}

struct web_place {
  bool encrypted = false;
  bool loopback = false;
};

/// scheme://host[:port], and nothing else.
std::optional<web_place> parse_web_place(std::string_view text) {
  web_place place;
  if (text.starts_with("https://"))
    place.encrypted = true;
  else if (!text.starts_with("http://"))
    return std::nullopt;
  text.remove_prefix(place.encrypted ? 8 : 7);

  std::string_view host;
  if (text.starts_with('[')) {
    host = text.substr(1, text.find(']') - 1);
    const auto address = parse_v6(host);
    if (!address || text.size() < host.size() + 2)
      return std::nullopt;
    place.loopback = IN6_IS_ADDR_LOOPBACK(&*address);
    text.remove_prefix(host.size() + 2);
  } else {
    host = text.substr(0, text.find(':'));
    const auto address = parse_v4(host);
    if (!address && !is_host_name(host))
      return std::nullopt;
    place.loopback = address ? ntohl(address->s_addr) >> 24 == 127 : host == "localhost";
    text.remove_prefix(host.size());
  }
  if (text.empty())
    return place;
  const auto port = text.front() == ':' ? small_number(text.substr(1), 65'535) : std::nullopt;
  return port.value_or(0) > 0 ? std::optional(place) : std::nullopt;
}

} // namespace

bool is_address(std::string_view text) {
  return parse_v4(text) || parse_v6(text);
}

bool addresses_meet(std::string_view one, std::string_view other) {
  const auto first = as_v6(one);
  const auto second = as_v6(other);
  return IN6_ARE_ADDR_EQUAL(&first, &second) || takes_all_of(one, other) || takes_all_of(other, one);
}

bool is_address_block(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return is_address(text);
  const auto address = text.substr(0, slash);
  return is_address(address) && small_number(text.substr(slash + 1), parse_v4(address) ? 32 : 128);
}

bool is_base_url(std::string_view text) {
  const auto place = parse_web_place(text);
  return place && (place->encrypted || place->loopback);
}

bool is_service_url_or_empty(std::string_view text) {
  if (text.empty())
    return true;
  const auto scheme = text.find("://");
  const auto slash = scheme == std::string_view::npos ? scheme : text.find('/', scheme + 3);
  const auto path = slash == std::string_view::npos ? std::string_view{} : text.substr(slash);
  return text.size() <= 512 && is_base_url(text.substr(0, slash)) &&
         std::ranges::all_of(path, [](char c) { return is_word(c) || c == '.' || c == '~' || c == '/'; });
}

bool is_origin(std::string_view text) {
  return text == "*" || (std::ranges::none_of(text, is_upper) && parse_web_place(text));
}

bool is_route_name(std::string_view text) {
  return fits(text, 64) &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.'; });
}

bool is_limit_key(std::string_view text) {
  constexpr std::string_view header = "header:";
  if (!text.starts_with(header))
    return std::ranges::find(limit_key_names, text) != limit_key_names.end();
  text.remove_prefix(header.size());
  return is_header_name(text);
}

bool is_header_name(std::string_view text) {
  return fits(text, 64) && std::ranges::all_of(text, [](char c) { return is_word(c) && c != '_'; });
}

bool is_entry_name(std::string_view text) {
  return fits(text, 32) && std::ranges::all_of(text, is_word) && std::ranges::none_of(text, is_upper);
}

bool is_entry_name_or_empty(std::string_view text) {
  return text.empty() || is_entry_name(text);
}

bool is_app_id(std::string_view text) {
  return fits(text, 64) && std::ranges::all_of(text, is_word);
}

bool is_claim_text(std::string_view text) {
  return fits(text, 128) && crypto::is_signable(text);
}

bool is_site_key_or_empty(std::string_view text) {
  return text.size() <= 128 && std::ranges::all_of(text, [](char c) { return is_word(c) || c == '.'; });
}

bool is_secret_text(std::string_view text) {
  return fits(text, 512) && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_path_or_empty(std::string_view text) {
  return text.size() <= 4'096 &&
         std::ranges::none_of(text, [](char c) { return static_cast<std::uint8_t>(c) < ' ' || c == '\x7f'; });
}

bool is_path(std::string_view text) {
  return !text.empty() && is_path_or_empty(text);
}

bool is_filter_pattern(std::string_view text) {
  return text.size() <= 1'024 && is_path_or_empty(text);
}

bool is_socket_name_or_empty(std::string_view text) {
  return text.size() <= 100 && is_path_or_empty(text);
}

} // namespace weappd
