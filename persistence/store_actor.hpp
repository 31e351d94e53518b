#pragma once

#include "config/options.hpp"
#include "messages/actors.hpp"
#include "persistence/store.hpp"

#include <caf/actor_system.hpp>

#include <chrono>

/// The actors in front of a store. Both are detached: they own a thread, because a store blocks.
namespace weappd {

/// The writer. Writes that have arrived by the time it gets to them share a transaction, up to
/// store.max_batch; each is answered after the commit, never before. If the commit fails, every one of them
/// is answered with storage_unavailable. It keeps no state between batches, so it may be restarted at any
/// time.
///
/// What no client waits for (leases, settlements, last_seen, forgetting) lets the writes of requests go first
/// while there are any, for at most `background_wait`; then it shares their transaction.
///
/// get_status: `down` from the first failure of the store to the first write that works again. While it is
/// down, being asked for its status makes it try a write of its own, at most once a second: a server that
/// nobody sends requests to because it is not ready finds back by itself.
///
/// Stops by an exit message: what arrived before it is still written and answered. Killed
/// (exit_reason::kill), it answers what it holds with storage_unavailable.
store_writer_actor
spawn_store_writer(caf::actor_system& system, store_backend_ptr store, const store_options& options,
                   std::chrono::milliseconds background_wait = std::chrono::milliseconds(10));

/// A reader with a connection of its own; spawn as many as wanted. get_status makes a small read.
store_reader_actor spawn_store_reader(caf::actor_system& system, store_backend_ptr store);

} // namespace weappd
