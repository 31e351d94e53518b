#include "http/server/ban_gate.hpp"

namespace weappd::http {

ban_gate::ban_gate(const option_book<ban_options>& rules, const ban_book& book,
                   const std::vector<cidr>& proxies)
    : rules_(rules), book_(book), proxies_(proxies) {
  look_for_news();
}

void ban_gate::look_for_news() {
  if (const auto version = book_.version(); version != book_version_) {
    book_version_ = version;
    list_ = book_.get();
  }
  if (const auto version = rules_.version(); version != rules_version_) {
    rules_version_ = version;
    const auto rules = rules_.get();
    allow_ = parse_blocks(rules->allow);
    watched_ = {.refusals = rules->refusals != 0, .failed_logins = rules->failed_logins != 0};
    is_watching_ = watched_.refusals || watched_.failed_logins;
  }
}

bool ban_gate::is_spared(const ip_address& who) const noexcept {
  return is_trusted(who, proxies_) || is_trusted(who, allow_);
}

std::optional<std::chrono::seconds> ban_gate::look_up(const ip_address& who, timestamp now) const {
  const auto* until = list_->until(address_key(who));
  if (until == nullptr || *until <= now || is_spared(who))
    return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(*until - now);
}

} // namespace weappd::http
