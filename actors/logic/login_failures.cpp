#include "actors/logic/login_failures.hpp"

#include <algorithm>

namespace weappd {
namespace {

using login_time = login_failures::time;

void drop_old(std::vector<login_time>& moments, login_time now, const challenge_options& rules) {
  std::erase_if(moments, [&](login_time at) { return at <= now - std::chrono::seconds(rules.window_s); });
}

/// More would make nothing harder, and would only have to be taken back one by one.
std::uint32_t most_further(const challenge_options& rules) {
  return rules.kind == challenge_kind::proof_of_work ? std::max(rules.max_bits, rules.bits) - rules.bits : 0;
}

} // namespace

login_failures::entry& login_failures::touch(const rate_key& who, time now, const challenge_options& rules) {
  auto known = places_.find(who);
  if (known == places_.end()) {
    while (!by_age_.empty() && by_age_.size() >= rules.max_watched)
      forget(by_age_.begin());
    by_age_.push_back({.who = who, .last = now, .calm = {}, .end = {}, .further = 0});
    known = places_.emplace(who, std::prev(by_age_.end())).first;
  }
  by_age_.splice(by_age_.end(), by_age_, known->second);
  auto& one = *known->second;
  one.last = now;
  return one;
}

bool login_failures::failed(const rate_key& who, time now, const challenge_options& rules) {
  auto& one = touch(who, now, rules);
  const auto end = now + std::chrono::seconds(rules.stay_s);
  if (has_to(one, now)) {
    one.further = std::min(one.further + 1, most_further(rules));
    one.end = end;
    return false;
  }
  one.end.reset();
  drop_old(one.calm, now, rules);
  one.calm.push_back(now);
  if (one.calm.size() < rules.failed_logins)
    return false;
  one.calm = {};
  one.end = end;
  one.further = 0;
  return true;
}

void login_failures::succeeded(const rate_key& who, time now, const challenge_options& rules) {
  const auto known = places_.find(who);
  if (known == places_.end())
    return;
  auto& one = *known->second;
  if (has_to(one, now)) {
    if (one.further > 0) {
      --one.further;
      return;
    }
    one.end.reset();
    one.calm.assign(std::max(rules.failed_logins, 1U) - 1, now); // the next one that fails brings it back
  } else {
    drop_old(one.calm, now, rules);
    if (!one.calm.empty())
      one.calm.erase(one.calm.begin());
  }
  if (one.calm.empty())
    forget(known->second);
}

std::optional<std::uint32_t> login_failures::further(const rate_key& who, time now) const {
  const auto known = places_.find(who);
  if (known == places_.end() || !has_to(*known->second, now))
    return std::nullopt;
  return known->second->further;
}

void login_failures::tidy(time now, const challenge_options& rules) {
  const auto longest = std::chrono::seconds(std::max(rules.window_s, rules.stay_s));
  while (!by_age_.empty() && by_age_.front().last + longest <= now)
    forget(by_age_.begin());
}

void login_failures::forget(entries::iterator one) {
  places_.erase(one->who);
  by_age_.erase(one);
}

} // namespace weappd
