#pragma once

#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/once.hpp"

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

/// Lets each request with an Idempotency-Key run once. Options: auth.idempotency_s and
/// http.handler_timeout_ms of config/options.hpp.
namespace weappd {

struct running_slot {
  keyed_hash name;
  keyed_hash fingerprint;
  caf::actor_clock::time_point free_at; ///< whatever may have become of its runner
  std::uint64_t run = 0;                ///< an answer that is about another run is void
};

struct once_desk_state {
  static inline const char* name = "once_desk";
  using slots = std::list<running_slot>;

  services_ptr services;
  slots running; ///< the one that is free soonest first
  std::unordered_map<keyed_hash, slots::iterator> by_name;
  std::uint64_t runs = 0;
};

/// Slots that run at one desk; one more is refused with `overloaded`.
inline constexpr std::size_t max_running_slots = 16'384;
/// A slot whose runner never says end_once is free again this long after the end of the longest request.
inline constexpr std::chrono::seconds runner_grace{5};

/// One shard of the desk (by the name of the slot). It remembers the slots that are running and nothing else:
/// a kept answer is read from the store each time, because a key that comes again is rare. From begin_once
/// until end_once is answered the same slot gets idempotency_in_progress.
///
/// An answer that was kept for longer than auth.idempotency_s counts as none; the next one takes its place.
/// An answer that the store has already under a slot stays: end_once is `done` then. If the store cannot keep
/// an answer the error is told and the key is free.
///
/// A death forgets what is running: the same key may then run twice at once, and the store keeps one answer.
once_desk_actor::behavior_type once_desk(once_desk_actor::stateful_pointer<once_desk_state> self,
                                         services_ptr services);

} // namespace weappd
