#include "http/server/forwarded.hpp"

#include "http/server/characters.hpp"

#include <algorithm>
#include <charconv>

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
  if (text.empty() || text.size() > longest || text.find('%') != std::string_view::npos)
    return std::nullopt;
  boost::system::error_code error;
  auto address = ip::make_address(std::string(text), error);
  if (error)
    return std::nullopt;
  return address;
}

/// An entry of X-Forwarded-For, perhaps with a port.
std::optional<ip_address> parse_entry(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    return close == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, close - 1));
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos)
    text = text.substr(0, colon);
  return parse_address(text);
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

ip_address client_address(const ip_address& peer, std::string_view forwarded_for,
                          const std::vector<cidr>& trusted) {
  auto client = peer;
  while (!forwarded_for.empty() && is_trusted(client, trusted)) {
    const auto comma = forwarded_for.rfind(',');
    const auto entry =
        parse_entry(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    if (!entry)
      break;
    client = *entry;
    forwarded_for = forwarded_for.substr(0, comma == std::string_view::npos ? 0 : comma);
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
