#include "http/server/forwarded.hpp"

#include "http/server/characters.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace weappd::http {
namespace {

namespace ip = boost::asio::ip;

std::array<std::uint8_t, 16> bytes_of(const ip_address& address) noexcept {
  if (address.is_v6())
    return address.to_v6().to_bytes();
  std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const auto four = address.to_v4().to_bytes();
  std::copy(four.begin(), four.end(), mapped.begin() + 12);
  return mapped;
}

/// Only what an address of the network can be: no zone.
std::optional<ip_address> parse_address(std::string_view text) {
  constexpr std::size_t longest = 45; // 8 * 4 digits and 7 colons, or with a dotted tail
  if (text.empty() || text.size() > longest ||
      text.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
    return std::nullopt;
  boost::system::error_code error;
  auto address = ip::make_address(std::string(text), error);
  if (error)
    return std::nullopt;
  return address;
}

bool is_port_number(std::string_view text) {
  unsigned port = 0;
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit) &&
         std::from_chars(text.data(), text.data() + text.size(), port).ec == std::errc{} && port <= 65'535;
}

/// Of Forwarded: a proxy may hide its client's port, too.
bool is_port_or_hidden(std::string_view text) {
  if (!text.starts_with('_'))
    return is_port_number(text);
  return text.size() > 1 && std::ranges::all_of(text, [](char c) {
           return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '.' || c == '_' ||
                  c == '-';
         });
}

/// "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]", "[2001:db8::1]:80".
std::optional<ip_address> parse_node(std::string_view text, bool (*fits_port)(std::string_view)) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos)
      return std::nullopt;
    const auto behind = text.substr(close + 1);
    const auto address = parse_address(text.substr(1, close - 1));
    const bool whole = behind.empty() || (behind.front() == ':' && fits_port(behind.substr(1)));
    return address && address->is_v6() && whole ? address : std::nullopt;
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && !fits_port(text.substr(colon + 1)))
    return std::nullopt;
  return parse_address(text.substr(0, colon));
}

// -- X-Forwarded-For

/// An entry, which is taken off the end of the list. IPv6 comes with and without brackets.
std::optional<ip_address> take_last_entry(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto entry = trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
  list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
  const auto colon = entry.find(':');
  const bool is_bare_v6 = !entry.starts_with('[') && colon != std::string_view::npos &&
                          entry.find(':', colon + 1) != std::string_view::npos;
  return is_bare_v6 ? parse_address(entry) : parse_node(entry, is_port_number);
}

// -- Forwarded (RFC 7239)

/// Is the quote at `at` part of a quoted text, because an odd number of backslashes is before it?
bool is_escaped(std::string_view text, std::size_t at) {
  const auto last_other = text.substr(0, at).find_last_not_of('\\');
  const auto first_slash = last_other == std::string_view::npos ? 0 : last_other + 1;
  return (at - first_slash) % 2 != 0;
}

/// Takes the last element off the list. Read from the right, so that a quote which a client left open takes
/// nothing away from what our proxy has written behind it.
std::string_view take_last_element(std::string_view& list) {
  bool quoted = false;
  for (auto at = list.size(); at-- > 0;) {
    if (list[at] == '"' && !(quoted && is_escaped(list, at)))
      quoted = !quoted;
    if (list[at] != ',' || quoted)
      continue;
    const auto element = list.substr(at + 1);
    list = list.substr(0, at);
    return element;
  }
  return std::exchange(list, {});
}

/// Takes a value off the front: a token, or a quoted text without its quotes. Addresses with ports ought to
/// be quoted and often are not.
std::optional<std::string> take_value(std::string_view& rest) {
  if (!rest.starts_with('"')) {
    const auto value = rest.substr(0, rest.find(';'));
    rest.remove_prefix(value.size());
    return std::string(trim(value));
  }
  std::string value;
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] == '"') {
      rest.remove_prefix(at + 1);
      return value;
    }
    if (rest[at] == '\\' && ++at == rest.size())
      break;
    value += rest[at];
  }
  return std::nullopt;
}

/// Whom the element is for. Nothing if that is hidden ("unknown", "_name") or the element is broken.
std::optional<ip_address> parse_element(std::string_view rest) {
  std::optional<std::string> node;
  while (!(rest = trim(rest)).empty()) {
    if (rest.front() == ';') {
      rest.remove_prefix(1);
      continue;
    }
    const auto equals = rest.find('=');
    const auto name = rest.substr(0, equals);
    if (equals == std::string_view::npos || !is_token(name))
      return std::nullopt;
    rest.remove_prefix(equals + 1);
    auto value = take_value(rest);
    rest = trim(rest);
    if (!value || !(rest.empty() || rest.front() == ';'))
      return std::nullopt;
    if (!iequals(name, "for"))
      continue;
    if (node)
      return std::nullopt;
    node = std::move(value);
  }
  return node ? parse_node(*node, is_port_or_hidden) : std::nullopt;
}

std::optional<ip_address> take_last_node(std::string_view& list) {
  return parse_element(take_last_element(list));
}

} // namespace

std::optional<cidr> cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address)
    return std::nullopt;
  const unsigned width = address->is_v4() ? 32 : 128;
  unsigned prefix = width;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc{} || end != digits.data() + digits.size() || prefix > width)
      return std::nullopt;
  }
  cidr block;
  block.bytes_ = bytes_of(*address);
  block.prefix_ = prefix + (128 - width);
  return block;
}

bool cidr::contains(const ip_address& address) const noexcept {
  const auto other = bytes_of(address);
  const auto whole = prefix_ / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, other.begin()))
    return false;
  const auto bits = prefix_ % 8;
  return bits == 0 || (bytes_[whole] ^ other[whole]) >> (8 - bits) == 0;
}

std::vector<cidr> parse_blocks(const std::vector<std::string>& texts) {
  std::vector<cidr> blocks;
  for (const auto& text : texts)
    if (const auto block = cidr::parse(text))
      blocks.push_back(*block);
  return blocks;
}

bool is_trusted(const ip_address& address, const std::vector<cidr>& trusted) noexcept {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const cidr& block) { return block.contains(address); });
}

ip_address client_address(const ip_address& peer, forwarded_field kind, std::string_view field,
                          const std::vector<cidr>& trusted) {
  const auto take_last = kind == forwarded_field::forwarded ? take_last_node : take_last_entry;
  auto client = peer;
  for (int hops = 0; hops < max_hops && !field.empty() && is_trusted(client, trusted); ++hops) {
    const auto next = take_last(field);
    if (!next)
      break;
    client = *next;
  }
  return client;
}

rate_key address_key(const ip_address& address) noexcept {
  const auto bytes = bytes_of(address);
  const auto number = [&bytes](std::size_t from) {
    std::uint64_t value = 0;
    for (std::size_t i = from; i < from + 8; ++i)
      value = value << 8 | bytes[i];
    return value;
  };
  const bool is_v4 = address.is_v4() || address.to_v6().is_v4_mapped();
  return {number(0), is_v4 ? number(8) : 0};
}

} // namespace weappd::http
