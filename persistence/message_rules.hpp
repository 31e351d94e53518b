#pragma once

#include "messages/outbox.hpp"
#include "messages/push.hpp"
#include "persistence/consent_entry.hpp"

#include <cstdint>
#include <optional>

/// What the store decides about messages, without a database.
namespace weappd {

/// The moves that a settlement may make (messages/push.hpp).
bool may_settle(message_state from, message_state to);

/// Is it the end of what is under way? `newest_lease` is the message's.
bool is_of_this_attempt(const settlement& item, message_state state, std::uint32_t newest_lease);

/// sent, failed, expired, cancelled.
bool is_end(message_state state);

/// What really happens to a credit: a message at its end holds none, so that `keep` means `spent` when it was
/// sent, and else `refund`.
credit_outcome credit_at(message_state state, credit_outcome asked);

/// What the ledger says to a message that wants to be queued. `reserve` is false when it knows of no credit,
/// or none is needed.
struct ledger_answer {
  bool reserve = false;
  bool refused = false;
  const char* rule = ""; ///< empty: the ledger was not asked
};
ledger_answer ask_ledger(consent_need need, bool refuse_without_credit,
                         const std::optional<consent_entry>& entry);

/// Of a message that fails at once because its user is marked; none for user_mark::none.
fail_reason reason_of(user_mark mark);

message_event event_of(message_event::kind what, timestamp at, message_state state, const char* rule);

} // namespace weappd
