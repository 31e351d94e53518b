#include "actors/logic/ban_register.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace weappd {
namespace {

/// What a ban is worth when there is no room for all.
timestamp weight_of(const address_ban& ban) {
  return ban.why == ban_reason::operators ? timestamp::max() : ban.until;
}

} // namespace

std::chrono::seconds ban_length(std::uint32_t times, const ban_options& rules) noexcept {
  const std::uint64_t longest = rules.longest_s;
  std::uint64_t length = std::min<std::uint64_t>(rules.first_s, longest);
  if (rules.factor > 1)
    for (std::uint32_t i = 1; i < times && length < longest; ++i)
      length = std::min(length * rules.factor, longest);
  return std::chrono::seconds(length);
}

ban_register::outcome ban_register::add(const rate_key& who, ban_reason why, timestamp now,
                                        const ban_options& rules) {
  if (const auto* known = find(who); known != nullptr && known->until > now)
    return outcome::banned_already;
  const auto times = times_of_next(who, now, rules);
  return put({.who = who, .since = now, .until = now + ban_length(times, rules), .times = times, .why = why},
             now, rules);
}

ban_register::outcome ban_register::set(const rate_key& who, std::chrono::seconds length, timestamp now,
                                        const ban_options& rules) {
  return put({.who = who,
              .since = now,
              .until = now + length,
              .times = times_of_next(who, now, rules),
              .why = ban_reason::operators},
             now, rules);
}

bool ban_register::lift(const rate_key& who) {
  if (!bans_.contains(who))
    return false;
  remove(who);
  return true;
}

void ban_register::restore(const address_ban& ban, timestamp now, const ban_options& rules) {
  if (const auto known = bans_.find(ban.who); known != bans_.end()) {
    known->second.stored = true;
    return;
  }
  if (ban.until + std::chrono::seconds(rules.memory_s) <= now ||
      make_room(weight_of(ban), now, rules) == outcome::full) {
    gone_.insert(ban.who);
    return;
  }
  enter(ban, true);
}

void ban_register::tidy(timestamp now, const ban_options& rules) {
  const auto memory = std::chrono::seconds(rules.memory_s);
  for (auto* order : {&loose_, &fixed_})
    while (!order->empty() && order->begin()->first + memory <= now)
      remove(order->begin()->second);
}

const address_ban* ban_register::find(const rate_key& who) const {
  const auto found = bans_.find(who);
  return found == bans_.end() ? nullptr : &found->second.ban;
}

std::vector<ban_list::entry> ban_register::in_force(timestamp now) const {
  std::vector<ban_list::entry> all;
  for (const auto& [who, known] : bans_)
    if (known.ban.until > now)
      all.push_back({who, known.ban.until});
  return all;
}

ban_page ban_register::page(const list_bans& wanted, timestamp now) const {
  std::vector<std::pair<timestamp, rate_key>> order;
  for (const auto* ends : {&loose_, &fixed_})
    order.insert(order.end(), ends->upper_bound({now, rate_key{UINT64_MAX, UINT64_MAX}}), ends->end());
  std::ranges::sort(order, std::ranges::greater{});
  ban_page found{.items = {}, .total = order.size()};
  const auto first = (std::size_t{wanted.page} - 1) * wanted.limit;
  for (auto i = first; i < order.size() && found.items.size() < wanted.limit; ++i)
    found.items.push_back(bans_.at(order[i].second).ban);
  return found;
}

std::optional<timestamp> ban_register::next_end(timestamp now) const {
  std::optional<timestamp> next;
  for (const auto* ends : {&loose_, &fixed_})
    if (const auto first = ends->upper_bound({now, rate_key{UINT64_MAX, UINT64_MAX}}); first != ends->end())
      next = next ? std::min(*next, first->first) : first->first;
  return next;
}

save_bans ban_register::take_unsaved(std::size_t most) {
  save_bans taken;
  while (!unsaved_.empty() && taken.put.size() < most) {
    auto& known = bans_.at(*unsaved_.begin());
    known.stored = true;
    taken.put.push_back(known.ban);
    unsaved_.erase(unsaved_.begin());
  }
  while (!gone_.empty() && taken.gone.size() < most) {
    taken.gone.push_back(*gone_.begin());
    gone_.erase(gone_.begin());
  }
  return taken;
}

void ban_register::give_back(const save_bans& unsaved) {
  for (const auto& ban : unsaved.put)
    if (bans_.contains(ban.who))
      unsaved_.insert(ban.who);
  for (const auto& who : unsaved.gone)
    if (const auto known = bans_.find(who); known != bans_.end())
      known->second.stored = true;
    else
      gone_.insert(who);
}

ban_register::outcome ban_register::put(const address_ban& next, timestamp now, const ban_options& rules) {
  auto done = outcome::added;
  const auto known = bans_.find(next.who);
  const bool stored = known != bans_.end() ? known->second.stored : gone_.contains(next.who);
  if (known != bans_.end())
    order_of(known->second.ban).erase({known->second.ban.until, next.who});
  else if (const auto made = make_room(weight_of(next), now, rules)) {
    if (*made == outcome::full)
      return outcome::full;
    done = *made;
  }
  enter(next, stored);
  unsaved_.insert(next.who);
  return done;
}

/// For a ban of that weight. Nothing: there was room.
std::optional<ban_register::outcome> ban_register::make_room(timestamp weight, timestamp now,
                                                             const ban_options& rules) {
  std::optional<outcome> made;
  while (bans_.size() >= rules.max_banned) {
    // One that is over is the least loss, whoever made it.
    const bool fixed_is_over = !fixed_.empty() && fixed_.begin()->first <= now;
    const bool loose_is_over = !loose_.empty() && loose_.begin()->first <= now;
    const auto& from = fixed_is_over && !loose_is_over ? fixed_ : loose_;
    if (from.empty() || (from.begin()->first > now && from.begin()->first >= weight))
      return outcome::full;
    if (from.begin()->first > now)
      made = outcome::displaced;
    remove(from.begin()->second);
  }
  return made;
}

void ban_register::enter(const address_ban& next, bool stored) {
  bans_[next.who] = {next, stored};
  gone_.erase(next.who);
  order_of(next).emplace(next.until, next.who);
}

void ban_register::remove(rate_key who) {
  const auto known = bans_.find(who);
  order_of(known->second.ban).erase({known->second.ban.until, who});
  if (known->second.stored)
    gone_.insert(who);
  unsaved_.erase(who);
  bans_.erase(known);
}

std::uint32_t ban_register::times_of_next(const rate_key& who, timestamp now,
                                          const ban_options& rules) const {
  const auto* before = find(who);
  if (before == nullptr || before->until + std::chrono::seconds(rules.memory_s) <= now)
    return 1;
  return before->times + 1;
}

} // namespace weappd
