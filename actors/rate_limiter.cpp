#include "actors/rate_limiter.hpp"

#include "messages/error.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstring>
#include <string>

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
    return {.state = health::degraded, .detail = detail + "; more are in use than rate.max_keys holds"};
  return {.state = health::ok, .detail = std::move(detail)};
}

} // namespace

std::size_t limited_key_hash::operator()(const limited_key& key) const noexcept {
  return mixed(mixed(mixed(key.who.high ^ key_[0]) ^ key.who.low ^ key_[1]) + key.policy);
}

rate_limiter_actor::behavior_type rate_limiter(rate_limiter_actor::stateful_pointer<rate_limiter_state> self,
                                               const services_ptr& services) {
  auto& state = self->state;
  for (const auto& [name, limit] : services->config.limits)
    state.policies.emplace_back(limit);
  const auto shards = services->peers->rate_limiters.size();
  state.keys.emplace(services->config.rate.max_keys / shards, random_hash(services->random));
  return {
      [self](get_status) { return status_of(self->state, self->clock().now().time_since_epoch()); },
      [self](const acquire& request) -> caf::result<verdict> {
        auto& [policies, keys, forced_out, forced_out_at] = self->state;
        if (request.policy >= policies.size())
          return make_error(ec::internal_error, "no such rate limit policy");
        const std::chrono::nanoseconds now = self->clock().now().time_since_epoch();
        const auto decided = keys->decide({.who = request.key, .policy = request.policy}, now, policies);
        if (keys->forced_out() != forced_out) {
          forced_out = keys->forced_out();
          forced_out_at = now;
        }
        return verdict{.allowed = decided.allowed,
                       .remaining = decided.remaining,
                       .reset_s = decided.reset_s,
                       .retry_after_s = decided.retry_after_s};
      },
  };
}

} // namespace weappd
