#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"
#include "config/limit_book.hpp"
#include "config/option_book.hpp"
#include "config/options.hpp"
#include "messages/ban_metrics.hpp"
#include "messages/bans.hpp"
#include "messages/challenge_metrics.hpp"
#include "messages/directory.hpp"
#include "messages/event_log.hpp"
#include "messages/push_metrics.hpp"
#include "messages/rate_metrics.hpp"
#include "messages/time.hpp"

#include <chrono>
#include <memory>

namespace weappd {

class token_mint;
struct challenge_memory;

/// What the ban keeper works with.
struct ban_parts {
  const option_book<ban_options>& rules; ///< may change while the server runs
  ban_book& book;
  ban_metrics& figures;
};

/// What the challenge desk works with.
struct challenge_parts {
  const option_book<challenge_options>& rules; ///< may change while the server runs
  challenge_metrics& figures;
};

/// What actors share and did not make themselves. Made once by the wiring with make_services; everything that
/// is a reference here outlives the actor system.
struct actor_services {
  directory_ptr peers; ///< asked for an address at each use: a handle of a dead actor is worth nothing
  const options& config;
  const key_set& keys;
  const wall_clock& wall;
  crypto::random_source& random;
  event_log& events;
  push_metrics& figures;
  rate_metrics& rates;
  const limit_book& limits; ///< the policies in force, which may change while the server runs
  ban_parts bans;
  challenge_parts challenge;
  std::shared_ptr<challenge_memory> challenges; ///< of the challenge desk alone
  std::shared_ptr<token_mint> mint; ///< makes the tokens of all sessions; safe to use from several threads
};

/// Every actor keeps one of these: eight bytes of counting instead of a copy of everything above.
using services_ptr = std::shared_ptr<const actor_services>;

services_ptr make_services(directory_ptr peers, const options& config, const key_set& keys,
                           const wall_clock& wall, crypto::random_source& random, event_log& events,
                           push_metrics& figures, rate_metrics& rates, const limit_book& limits,
                           const ban_parts& bans, const challenge_parts& challenge);

/// How long an actor waits for the answer of another part: as long as a client waits for the server. A part
/// that dies over a request may never answer it.
inline std::chrono::milliseconds patience(const actor_services& services) {
  return std::chrono::milliseconds(services.config.http.handler_timeout_ms);
}

} // namespace weappd
