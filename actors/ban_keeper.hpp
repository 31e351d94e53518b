#pragma once

#include "actors/logic/ban_register.hpp"
#include "actors/logic/offence_counts.hpp"
#include "actors/services.hpp"
#include "actors/sure_promise.hpp"
#include "messages/actors.hpp"
#include "messages/bans.hpp"
#include "messages/fwd.hpp"

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

/// The one owner of the list of banned addresses. Options: bans of config/options.hpp, which may change while
/// the server runs.
namespace weappd {

/// To itself: look at what is over, and at what waits.
struct tick_keep_bans {};
/// To itself: tell the io threads what has changed since they were told.
struct tick_publish_bans {};

/// What a ban keeper really takes; everybody else sees a ban_keeper_actor.
using ban_keeper_self =
    ban_keeper_actor::extend<caf::reacts_to<tick_keep_bans>, caf::reacts_to<tick_publish_bans>>;

struct ban_keeper_state {
  static inline const char* name = "ban_keeper";

  services_ptr services;
  std::shared_ptr<const ban_options> rules;
  std::uint64_t rules_version = 0;
  std::optional<offence_counts> counts;
  ban_register bans;
  bool loaded = false; ///< what the store holds is in `bans`
  bool loading = false;
  bool saving = false;
  bool failed = false;                                    ///< the store, the last time
  std::optional<timestamp> next_end;                      ///< of a ban that io threads know of
  bool publish_called = false;                            ///< a tick_publish_bans is under way
  caf::actor_clock::time_point published{};               ///< when io threads were last told
  std::optional<caf::actor_clock::time_point> full_since; ///< when there was last no room
  std::optional<caf::actor_clock::time_point> told_full;  ///< when the log was last told of that
  /// Operators who wait until what they changed is durable: with the write that is under way, and with the
  /// next one.
  using waiter = std::pair<sure_promise<ban_changed>, ban_changed>;
  std::vector<waiter> waiting_now;
  std::vector<waiter> waiting_next;
};

/// How often it looks at what is over; how often at most io threads are told of bans for offences; rows in
/// one write; operators that may wait for a write.
inline constexpr std::chrono::seconds keep_bans_interval{1};
inline constexpr std::chrono::milliseconds publish_interval{100};
inline constexpr std::size_t bans_in_write = 1'000;
inline constexpr std::size_t max_ban_waiters = 256;

/// Counts offences and bans addresses for them, as `bans` of the configuration says, and as operators want.
/// Every ban is one event, "ban.made". Io threads look into services.bans.book; the list there stays in force
/// while this actor is dead, too.
///
/// What it decides is written to the store in the background, some hundred at a time, and tried again each
/// second if that fails; the next keeper begins with what the store has. Until it has read that, it publishes
/// nothing and refuses operators.
///
/// Status: degraded while the store cannot be used, or within a minute after there was no room for a ban.
ban_keeper_self::behavior_type ban_keeper(ban_keeper_self::stateful_pointer<ban_keeper_state> self,
                                          services_ptr services);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_keep_bans)
WEAPPD_MESSAGE(weappd::tick_publish_bans)
