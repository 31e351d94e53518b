#include "simulator/subscriptions.hpp"

#include <algorithm>

namespace weappd::simulator {
namespace {

std::string key_of_consent(const subscriptions::subscriber& who) {
  std::string key;
  key.reserve(who.app_id.size() + who.openid.size() + who.template_id.size() + 2);
  key.append(who.app_id).append(1, '\0').append(who.template_id).append(1, '\0').append(who.openid);
  return key;
}

} // namespace

std::int64_t subscriptions::add(const subscriber& who, std::int64_t credits) {
  auto& balance = credits_[key_of_consent(who)];
  balance =
      std::clamp<std::int64_t>(balance + std::clamp(credits, -max_credits, max_credits), 0, max_credits);
  return balance;
}

std::int64_t subscriptions::accept(const subscriber& who, bool accepted) {
  return credits_[key_of_consent(who)] = accepted ? 1 : 0;
}

bool subscriptions::use(const subscriber& who, bool long_term) {
  auto* balance = credits_.find(key_of_consent(who));
  if (!balance || *balance == 0)
    return false;
  if (!long_term)
    --*balance;
  return true;
}

} // namespace weappd::simulator
