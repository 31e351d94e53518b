#include "actors/services.hpp"

#include "actors/logic/challenge_memory.hpp"
#include "actors/logic/token_mint.hpp"

#include <utility>

namespace weappd {

services_ptr make_services(directory_ptr peers, const options& config, const key_set& keys,
                           const wall_clock& wall, crypto::random_source& random, event_log& events,
                           push_metrics& figures, rate_metrics& rates, const limit_book& limits,
                           const ban_parts& bans, const challenge_parts& challenge) {
  return std::make_shared<const actor_services>(actor_services{
      .peers = std::move(peers),
      .config = config,
      .keys = keys,
      .wall = wall,
      .random = random,
      .events = events,
      .figures = figures,
      .rates = rates,
      .limits = limits,
      .bans = bans,
      .challenge = challenge,
      .challenges = std::make_shared<challenge_memory>(random),
      .mint = std::make_shared<token_mint>(keys, config.auth),
  });
}

} // namespace weappd
