#pragma once

#include "messages/outbox.hpp"
#include "persistence/message_counts.hpp"
#include "persistence/message_user_index.hpp"
#include "persistence/sealed.hpp"
#include "persistence/sqlite_answers.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_ledger.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <caf/expected.hpp>

#include <cstdint>
#include <string>

namespace weappd {

/// The table of messages within the writer's batch. Each operation gives an error only before it has written
/// anything. Everything may throw.
class sqlite_outbox {
public:
  /// The others must outlive it.
  sqlite_outbox(SQLite::Database& connection, sealed_columns& sealed, sqlite_ledger& ledger,
                sqlite_answers& answers, message_counts& counts, message_user_index& by_user);

  caf::expected<message_accepted> add(const add_message& what);
  messages_leased lease(const lease_messages& what);
  void settle(const settle_messages& what);
  caf::expected<requeued> requeue(const requeue_message& what);
  forgotten forget(timestamp ended_before, std::uint32_t max_rows);

private:
  /// What decides about a move of a message.
  struct standing {
    message_id id;
    user_id user;
    app_key app;
    std::string template_name;
    message_state state = message_state::queued;
    std::uint32_t attempts = 0;
    bool holds_credit = false;
    std::uint32_t leases = 0;             ///< ever taken
    std::optional<timestamp> leased_at{}; ///< while sending
  };
  /// How a new message begins.
  struct beginning {
    fail_reason reason = fail_reason::none;
    message_story story;
    bool holds_credit = false;
  };

  /// The message that makes it a duplicate.
  std::optional<message_accepted> find_first(const add_message& what);
  caf::expected<user_mark> mark_of(user_id user, const app_key& app);
  beginning begin(const add_message& what, user_mark mark);
  bool insert(const message_draft& draft, const beginning& how);

  /// What leased_message::other_credits says, with the message's row of the ledger.
  std::uint32_t others(const consent_entry& row, const standing& message);
  void lease_one(message_id id, const lease_messages& what, messages_leased& out);
  void move(const standing& message, const settlement& to);
  void settle_credit(const standing& message, const settlement& to);

  sealed_columns& sealed_;
  sqlite_ledger& ledger_;
  sqlite_answers& answers_;
  message_counts& counts_;
  message_user_index& by_user_;
  SQLite::Statement find_recipient_;
  SQLite::Statement user_exists_;
  SQLite::Statement insert_message_;
  SQLite::Statement find_to_lease_;
  SQLite::Statement find_openid_;
  SQLite::Statement begin_lease_;
  SQLite::Statement end_lease_;
  SQLite::Statement find_to_settle_;
  SQLite::Statement settle_message_;
  SQLite::Statement requeue_message_;
  SQLite::Statement load_entry_;
  SQLite::Statement forget_messages_;
};

} // namespace weappd
