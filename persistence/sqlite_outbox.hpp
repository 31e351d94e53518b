#pragma once

#include "messages/outbox.hpp"
#include "persistence/message_counts.hpp"
#include "persistence/message_user_index.hpp"
#include "persistence/sealed.hpp"
#include "persistence/sqlite_answers.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_ledger.hpp"
#include "persistence/sqlite_recipients.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <caf/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace weappd {

/// The table of messages within the writer's batch. Each operation gives an error only before it has written
/// anything. Everything may throw.
class sqlite_outbox {
public:
  /// The others must outlive it.
  sqlite_outbox(SQLite::Database& connection, sealed_columns& sealed, sqlite_ledger& ledger,
                sqlite_recipients& recipients, sqlite_answers& answers, message_counts& counts,
                message_user_index& by_user);

  caf::expected<message_accepted> add(const add_message& what);
  messages_leased lease(const lease_messages& what);
  void settle(const settle_messages& what);
  caf::expected<requeued> requeue(const requeue_message& what);
  forgotten forget(timestamp ended_before, std::uint32_t max_rows);

  /// The transaction was rolled back, or somebody else wrote.
  void discard() noexcept { under_way_.clear(); }

private:
  /// Messages under way, some 150 bytes each; what is beyond is read when it is settled.
  static constexpr std::size_t max_remembered = 65'536;

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
  beginning begin(const add_message& what, user_mark mark);
  bool insert(const message_draft& draft, const beginning& how);

  void lease_one(message_id id, const lease_messages& what, messages_leased& out);
  /// What is remembered is taken away.
  std::optional<standing> take_standing(message_id id);
  void move(const standing& message, const settlement& to);
  void settle_credit(const standing& message, const settlement& to);

  sealed_columns& sealed_;
  sqlite_ledger& ledger_;
  sqlite_recipients& recipients_;
  sqlite_answers& answers_;
  message_counts& counts_;
  message_user_index& by_user_;
  std::unordered_map<message_id, standing> under_way_; ///< those that were leased here
  SQLite::Statement insert_message_;
  SQLite::Statement find_to_lease_;
  SQLite::Statement begin_lease_;
  SQLite::Statement end_lease_;
  SQLite::Statement find_to_settle_;
  SQLite::Statement settle_message_;
  SQLite::Statement requeue_message_;
  SQLite::Statement load_entry_;
  SQLite::Statement forget_messages_;
};

} // namespace weappd
