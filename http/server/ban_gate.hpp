#pragma once

#include "config/option_book.hpp"
#include "config/options.hpp"
#include "http/server/forwarded.hpp"
#include "messages/bans.hpp"
#include "messages/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace weappd::http {

/// For which offences an address may come to be banned.
struct watched_offences {
  bool refusals = false;
  bool failed_logins = false;
};

/// What an io thread knows of bans. While nobody is banned and nothing is watched, a request costs two looks
/// at numbers that hardly ever change: no lock, no message. One thread.
class ban_gate {
public:
  ban_gate(const option_book<ban_options>& rules, const ban_book& book, const std::vector<cidr>& proxies);

  /// Another thread may have changed the options or the list.
  void look_for_news();
  /// How long the address is banned from now on; nothing: it is not. Trusted proxies and addresses of
  /// bans.allow never are: behind a proxy whose word is missing or broken there may be anybody.
  template <class Clock>
  [[nodiscard]] std::optional<std::chrono::seconds> banned_for(const ip_address& who,
                                                               const Clock& clock) const {
    return list_->empty() ? std::nullopt : look_up(who, clock.now());
  }
  [[nodiscard]] watched_offences watched_of(const ip_address& who) const {
    return is_watching_ && !is_spared(who) ? watched_ : watched_offences{};
  }
  [[nodiscard]] bool is_spared(const ip_address& who) const noexcept;

private:
  [[nodiscard]] std::optional<std::chrono::seconds> look_up(const ip_address& who, timestamp now) const;

  const option_book<ban_options>& rules_;
  const ban_book& book_;
  const std::vector<cidr>& proxies_;
  std::uint64_t rules_version_ = 0;
  std::uint64_t book_version_ = 0;
  ban_list_ptr list_;
  std::vector<cidr> allow_;
  watched_offences watched_;
  bool is_watching_ = false;
};

} // namespace weappd::http
