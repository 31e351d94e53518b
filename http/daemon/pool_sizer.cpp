#include "http/daemon/pool_sizer.hpp"

#include "http/server/role_summary.hpp"
#include "messages/meter/metered_actor.hpp"

#include <algorithm>
#include <utility>

namespace weappd {
namespace {

using sizer_pointer = pool_sizer_self::stateful_pointer<pool_sizer_state>;

pool_look look_at(const http::role_summary& seen, std::size_t size) {
  return {
      .size = size, .messages = seen.waits.count(), .wait_p99 = seen.waits.quantile(0.99), .busy = seen.busy};
}

void look_again_later(sizer_pointer self) {
  self->delayed_send(self, pool_look_interval, tick_pool_look{++self->state.timer});
}

void judge(sizer_pointer self, const std::vector<sized_pool>& pools, const child_list& all) {
  const std::chrono::nanoseconds now = self->clock().now().time_since_epoch();
  const auto roles = http::summarise(all, now);
  for (const auto& pool : pools) {
    const auto seen = std::ranges::find(roles, pool.role, &http::role_summary::role);
    if (seen == roles.end() || seen->measured == 0)
      continue; // somebody else's actors, which do not say
    if (const auto size = self->state.of[pool.role].look(pool.rules, look_at(*seen, pool.size), now))
      self->state.actions.resize(pool.role, *size);
  }
}

void look(sizer_pointer self) {
  auto pools = self->state.actions.pools();
  if (pools.empty())
    return self->state.of.clear();
  look_again_later(self);
  const auto root = self->state.peers->supervisor.get();
  if (!root)
    return;
  self->request(root, caf::infinite, list_children{})
      .then([self, pools = std::move(pools)](const child_list& all) { judge(self, pools, all); },
            [](const caf::error&) { /* it ends, and the server with it */ });
}

} // namespace

pool_sizer_self::behavior_type pool_sizer(pool_sizer_self::stateful_pointer<pool_sizer_state> self,
                                          directory_ptr peers, pool_sizer_actions actions) {
  self->state.peers = std::move(peers);
  self->state.actions = std::move(actions);
  look_again_later(self); // the server is started by then
  return {
      [](get_status) { return status_report{}; },
      [self](pools_changed) { look_again_later(self); },
      [self](tick_pool_look tick) {
        if (tick.timer == self->state.timer)
          look(self);
      },
  };
}

pool_sizer_actor spawn_pool_sizer(caf::actor_system& system, directory_ptr peers,
                                  pool_sizer_actions actions) {
  return spawn_metered<caf::detached>(system, pool_sizer, std::move(peers), std::move(actions));
}

} // namespace weappd
