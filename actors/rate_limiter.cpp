#include "actors/rate_limiter.hpp"

#include "config/limit_set.hpp"
#include "messages/error.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace weappd {
namespace {

using namespace std::chrono_literals;

status_report status_of(rate_limiter_state& state, std::chrono::nanoseconds now) {
  const auto& keys = *state.keys;
  auto detail = std::to_string(keys.size()) + " keys";
  if (keys.forced_out() != 0 && now - state.forced_out_at < 1min)
    return {.state = health::degraded,
            .detail = detail + "; more are in use than rate.max_keys or rate.max_stamps allow"};
  return {.state = health::ok, .detail = std::move(detail)};
}

verdict verdict_of(policy_id policy, const limit_verdict& said) {
  return {.allowed = said.allowed,
          .policy = policy,
          .remaining = said.remaining,
          .reset_s = said.reset_s,
          .retry_after_s = said.retry_after_s,
          .delay = said.delay};
}

/// One question: judges under all policies before anything is counted.
class acquisition {
public:
  acquisition(rate_limiter_state& state, const actor_services& services, std::chrono::nanoseconds now)
      : state_(state), services_(services), now_(now) {}

  verdict answer(const acquire& request) {
    if (request.policies.size() == 1)
      if (auto* only = find(*request.policies.begin()); only != nullptr && !only->shadow)
        return answer_alone(*only, request.key);
    std::array<judged, policy_list::capacity> all;
    std::size_t count = 0;
    for (const auto id : request.policies)
      if (auto* policy = find(id))
        all[count++] = {policy, state_.keys->judge({request.key, id}, now_, policy->rule)};
    return settle(request.key, std::span(all).first(count));
  }

private:
  struct judged {
    limit_in_force* policy = nullptr;
    limit_verdict said;
  };

  limit_in_force* find(policy_id id) {
    auto* found = state_.policies.get(id);
    if (found != nullptr || state_.version == services_.limits.version())
      return found;
    state_.version = services_.limits.version();
    state_.policies.adopt(*services_.limits.get(), services_.rates);
    return state_.policies.get(id);
  }

  verdict answer_alone(limit_in_force& policy, const rate_key& key) {
    const auto said = state_.keys->decide({key, policy.id}, now_, state_.policies);
    note(policy, said);
    return verdict_of(policy.id, said);
  }

  verdict settle(const rate_key& key, std::span<judged> all) {
    const bool refused = std::ranges::any_of(all, [](const judged& one) { return refuses(one); });
    for (auto& one : all) {
      if (one.said.allowed && !refused)
        state_.keys->count({key, one.policy->id}, now_, state_.policies);
      if (refused ? refuses(one) : true)
        note(*one.policy, one.said);
    }
    return strictest(all);
  }

  static bool refuses(const judged& one) { return !one.policy->shadow && !one.said.allowed; }

  static verdict strictest(std::span<const judged> all) {
    verdict strict;
    std::chrono::nanoseconds delay{};
    for (const auto& one : all) {
      if (one.policy->shadow)
        continue;
      const auto next = verdict_of(one.policy->id, one.said);
      delay = std::max(delay, next.delay);
      if (strict.policy == 0 || is_stricter(next, strict))
        strict = next;
    }
    strict.delay = strict.allowed ? delay : std::chrono::nanoseconds{0};
    return strict;
  }

  void note(limit_in_force& policy, const limit_verdict& said) {
    if (said.allowed)
      return policy.figures->count(said.delay > 0ns ? rate_outcome::delayed : rate_outcome::allowed);
    policy.figures->count(policy.shadow ? rate_outcome::would_refuse : rate_outcome::refused);
    if (const auto due = policy.report.add(policy.shadow, now_))
      services_.events.write(event_level::warn, "rate.refused",
                             {{"policy", policy.name},
                              {"refused", std::to_string(due->refused)},
                              {"would_refuse", std::to_string(due->would_refuse)}});
  }

  rate_limiter_state& state_;
  const actor_services& services_;
  std::chrono::nanoseconds now_;
};

// -- the pool changes

using limiter_pointer = rate_limiter_self::stateful_pointer<rate_limiter_state>;

limit_table_bounds bounds_of(const actor_services& services, std::size_t pool) {
  const auto& rate = services.config.rate;
  return {.keys = rate.max_keys / pool, .stamps = rate.max_stamps / pool};
}

std::size_t owner_of(const rate_key& key, std::size_t pool) {
  return place_among(std::hash<rate_key>{}(key), pool);
}

/// Whom to pass a question to that is not ours: a key that never was ours goes by its owner before the last
/// change, who may not have heard of that yet.
std::size_t next_hop(const rate_limiter_state& state, const rate_key& key) {
  const auto before = owner_of(key, state.pool_before);
  return before == state.place ? owner_of(key, state.pool) : before;
}

caf::result<verdict> pass_on(limiter_pointer self, const rate_limiter_actor& owner, const acquire& request) {
  if (!owner)
    return make_error(ec::overloaded, "the limiter of this key is being started");
  const bool was_ours = owner_of(request.key, self->state.pool_before) == self->state.place;
  const auto change =
      was_ours ? self->state.change : self->state.change - std::min<std::uint64_t>(self->state.change, 1);
  return self->delegate(caf::actor_cast<rate_limiter_self>(owner),
                        passed_on{.request = request, .change = change});
}

verdict decide(limiter_pointer self, const actor_services& services, const acquire& request) {
  auto& state = self->state;
  const std::chrono::nanoseconds now = self->clock().now().time_since_epoch();
  auto said = acquisition(state, services, now).answer(request);
  if (state.keys->forced_out() != state.forced_out) {
    state.forced_out = state.keys->forced_out();
    state.forced_out_at = now;
  }
  return said;
}

/// What moves is in the mailbox of its new owner before any question that is passed on.
void hand_over(limiter_pointer self, const actor_services& services, const resize_limiters& next) {
  auto& state = self->state;
  const auto pool = next.size;
  state.change = next.change;
  state.pool_before = std::exchange(state.pool, pool);
  const std::chrono::nanoseconds now = self->clock().now().time_since_epoch();
  std::map<std::size_t, moved_counts> moved;
  auto all = state.keys->take_all();
  state.keys->use(bounds_of(services, pool));
  for (auto& one : all) {
    const auto owner = owner_of(one.key.who, pool);
    if (owner == state.place) {
      state.keys->put(std::move(one), now, state.policies);
      continue;
    }
    auto& to = moved[owner].counts;
    if (!to)
      to = std::make_shared<std::vector<limited_keys::entry>>();
    to->push_back(std::move(one));
  }
  for (auto& [owner, counts] : moved)
    if (const auto to = services.peers->rate_limiters[owner].get()) // else it begins without counts
      self->send(caf::actor_cast<rate_limiter_self>(to), std::move(counts));
}

} // namespace

limit_in_force* limits_in_force::get(policy_id id) noexcept {
  const auto found = std::ranges::lower_bound(policies_, id, {}, &limit_in_force::id);
  return found == policies_.end() || found->id != id ? nullptr : &*found;
}

const limit_policy* limits_in_force::find(policy_id id) const noexcept {
  const auto found = std::ranges::lower_bound(policies_, id, {}, &limit_in_force::id);
  return found == policies_.end() || found->id != id ? nullptr : &found->rule;
}

void limits_in_force::adopt(const limit_set& next, rate_metrics& figures) {
  std::vector<limit_in_force> adopted;
  for (const auto& one : next.all()) {
    const auto* known = get(one.id);
    adopted.push_back({.id = one.id,
                       .rule = make_limit_policy(one.options),
                       .shadow = one.options.shadow,
                       .name = one.name,
                       .figures = &figures.of(one.name),
                       .report = known != nullptr ? known->report : paced_report()});
  }
  std::ranges::sort(adopted, {}, &limit_in_force::id);
  policies_ = std::move(adopted);
}

std::vector<std::size_t> order_of_resize(std::size_t from, std::size_t to) {
  std::vector<std::size_t> places;
  const auto low = std::min(from, to);
  const auto high = std::max(from, to);
  for (std::size_t place = 0; place < high; ++place)
    places.push_back(to < from ? (low + place) % high : place);
  return places;
}

rate_limiter_self::behavior_type rate_limiter(rate_limiter_self::stateful_pointer<rate_limiter_state> self,
                                              const services_ptr& services, std::size_t place) {
  auto& state = self->state;
  state.version = services->limits.version();
  state.policies.adopt(*services->limits.get(), services->rates);
  state.place = place;
  state.pool = state.pool_before = services->peers->rate_limiters.next_size();
  state.keys.emplace(bounds_of(*services, state.pool), limited_key_hash::random(services->random));
  return {
      [self](get_status) { return status_of(self->state, self->clock().now().time_since_epoch()); },
      [self, services](const acquire& request) -> caf::result<verdict> {
        if (owner_of(request.key, self->state.pool) != self->state.place)
          return pass_on(self, services->peers->rate_limiters[next_hop(self->state, request.key)].get(),
                         request);
        return decide(self, *services, request);
      },
      [self, services](const passed_on& from) -> caf::result<verdict> {
        const auto owner = owner_of(from.request.key, self->state.pool);
        // Who knows of a later change knows better, and has sent what was known of the key.
        if (owner == self->state.place || from.change > self->state.change)
          return decide(self, *services, from.request);
        return pass_on(self, services->peers->rate_limiters[next_hop(self->state, from.request.key)].get(),
                       from.request);
      },
      [self, services](const use_limits& next) {
        self->state.policies.adopt(*next.limits, services->rates);
        return done{};
      },
      [self, services](const resize_limiters& next) {
        hand_over(self, *services, next);
        return done{};
      },
      [self](const moved_counts& moved) {
        const std::chrono::nanoseconds now = self->clock().now().time_since_epoch();
        for (auto& one : *moved.counts)
          self->state.keys->put(std::move(one), now, self->state.policies);
      },
  };
}

} // namespace weappd
