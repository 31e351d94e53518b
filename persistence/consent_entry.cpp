#include "persistence/consent_entry.hpp"

#include <algorithm>
#include <utility>

namespace weappd {

std::uint32_t consent_entry::given() const {
  return std::max(client_count, platform_count);
}

std::uint32_t consent_entry::credits() const {
  const std::uint64_t taken = std::uint64_t{used} + reserved;
  if (need != consent_need::one_time || last != consent_answer::accept || given() <= taken)
    return 0;
  return static_cast<std::uint32_t>(given() - taken);
}

std::uint32_t consent_entry::others(bool holds_credit) const {
  const std::uint64_t mine = std::uint64_t{used} + (holds_credit ? 1 : 0);
  if (need != consent_need::one_time || given() <= mine)
    return 0;
  return static_cast<std::uint32_t>(given() - mine);
}

bool consent_entry::allows(consent_need wanted) const {
  switch (wanted) {
  case consent_need::none:
    return true;
  case consent_need::one_time:
    return credits() > 0;
  case consent_need::long_term:
    return last == consent_answer::accept;
  }
  return false;
}

consent_balance consent_entry::balance(std::string template_name) const {
  return {.template_name = std::move(template_name),
          .last = last,
          .credits = credits(),
          .unlimited = need == consent_need::long_term && last == consent_answer::accept};
}

bool consent_entry::record(const record_consents::item& item, consent_source source,
                           std::optional<timestamp> event) {
  const bool from_platform = source == consent_source::platform;
  if (item.answer == consent_answer::filter)
    return false;
  if (from_platform && event && event_at && *event <= *event_at)
    return false;
  if (need != item.need) // what was accepted for another life of the template is no credit
    used = given();
  need = item.need;
  last = item.answer;
  if (item.answer == consent_answer::accept)
    ++(from_platform ? platform_count : client_count);
  if (from_platform && event)
    event_at = event;
  return true;
}

void consent_entry::apply(const credit_move& move) {
  reserved = static_cast<std::uint32_t>(std::max(std::int64_t{reserved} + move.reserved, std::int64_t{0}));
  const auto wanted = used + static_cast<std::uint32_t>(std::max(move.used, 0));
  used = std::max(used, std::min(wanted, given()));
}

void consent_entry::deny(std::uint32_t accepts) {
  used = std::max(used, std::min(accepts, given()));
  if (need == consent_need::long_term && given() <= accepts)
    last = consent_answer::reject;
}

} // namespace weappd
