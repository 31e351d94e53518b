#include "actors/rate_limiter.hpp"

#include "config/limit_set.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <utility>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// The finalizer of SplitMix64: every bit of the input moves every bit of the output.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
  return value ^ value >> 31;
}

limited_key_hash random_hash(crypto::random_source& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  std::array<std::uint64_t, 2> key{};
  std::memcpy(key.data(), bytes.data(), sizeof key);
  return limited_key_hash(key);
}

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

} // namespace

std::size_t limited_key_hash::operator()(const limited_key& key) const noexcept {
  return mixed(mixed(mixed(key.who.high ^ key_[0]) ^ key.who.low ^ key_[1]) + key.policy);
}

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

rate_limiter_actor::behavior_type rate_limiter(rate_limiter_actor::stateful_pointer<rate_limiter_state> self,
                                               const services_ptr& services) {
  auto& state = self->state;
  state.version = services->limits.version();
  state.policies.adopt(*services->limits.get(), services->rates);
  const auto shards = services->peers->rate_limiters.size();
  const auto& rate = services->config.rate;
  state.keys.emplace(limit_table_bounds{.keys = rate.max_keys / shards, .stamps = rate.max_stamps / shards},
                     random_hash(services->random));
  return {
      [self](get_status) { return status_of(self->state, self->clock().now().time_since_epoch()); },
      [self, services](const acquire& request) {
        auto& mine = self->state;
        const std::chrono::nanoseconds now = self->clock().now().time_since_epoch();
        auto said = acquisition(mine, *services, now).answer(request);
        if (mine.keys->forced_out() != mine.forced_out) {
          mine.forced_out = mine.keys->forced_out();
          mine.forced_out_at = now;
        }
        return said;
      },
      [self, services](const use_limits& next) {
        self->state.policies.adopt(*next.limits, services->rates);
        return done{};
      },
  };
}

} // namespace weappd
