#include "messages/bans.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace weappd {

std::string_view to_string(ban_reason why) noexcept {
  constexpr std::array<std::string_view, 3> names{"refusals", "failed_logins", "operators"};
  return names[static_cast<std::size_t>(why)];
}

std::string address_text(const rate_key& who) {
  constexpr std::uint64_t mapped = 0xffff; // ::ffff:a.b.c.d: an IPv4 address
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(who.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(who.low >> (56 - 8 * i));
  }
  const bool is_v4 = who.high == 0 && who.low >> 32 == mapped;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4)
    ::inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
  else
    ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return is_v4 ? std::string(text.data()) : std::string(text.data()) + "/64";
}

ban_list list_in_force(const all_bans& known, timestamp now) {
  std::vector<ban_list::entry> entries;
  for (const auto& ban : known.items)
    if (ban.until > now)
      entries.push_back({ban.who, ban.until});
  std::ranges::sort(entries, {}, &ban_list::entry::who);
  return ban_list(std::move(entries));
}

const timestamp* ban_list::until(const rate_key& who) const noexcept {
  const auto found = std::ranges::lower_bound(entries_, who, {}, &entry::who);
  return found == entries_.end() || found->who != who ? nullptr : &found->until;
}

} // namespace weappd
