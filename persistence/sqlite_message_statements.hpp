#pragma once

#include <array>

namespace weappd {

/// The statements about messages, consents and kept answers; see sqlite_statements.hpp.
struct sqlite_message_statements {
// The columns that message_rows.hpp reads; literals, so that the compiler can join them.
#define WEAPPD_ENTRY_COLUMNS                                                                                 \
  "id, user_id, app, template_name, priority, state, attempts, due_at, first_attempt_at, not_after,"         \
  " request_id, trace_id, created_at, maybe_sent, leases"
#define WEAPPD_RECORD_COLUMNS                                                                                \
  "id, user_id, app, template_name, priority, state, attempts, due_at, not_after, request_id, trace_id,"     \
  " created_at, sealed_content, send_at, sender, reason, updated_at, sent_at, platform_id"

  // adding
  static constexpr auto find_recipient =
      "SELECT m.mark FROM identities i LEFT JOIN user_marks m ON m.user_id = i.user_id AND m.app = i.app"
      " WHERE i.user_id = ? AND i.app = ? LIMIT 1";
  static constexpr auto user_exists = "SELECT 1 FROM users WHERE id = ?";
  static constexpr auto insert_message =
      "INSERT INTO messages (id, user_id, state, reason, attempts, holds_credit, priority, created_at,"
      " updated_at, send_at, due_at, not_after, ended_at, node, leased_until, app, template_name, sender,"
      " request_id, trace_id, platform_id, sealed_content, story) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?7,"
      " ?8, ?8, ?9, ?10, 0, 0, ?11, ?12, ?13, ?14, ?15, '', ?16, ?17) ON CONFLICT (id) DO NOTHING";

  // moving
  static constexpr auto find_to_lease =
      "SELECT m.user_id, m.app, m.template_name, m.state, m.attempts, m.holds_credit, u.status,"
      " m.sealed_content, k.mark, m.leases, c.need, c.last_answer, c.client_count, c.platform_count, c.used,"
      " c.reserved, c.event_at FROM messages m JOIN users u ON u.id = m.user_id"
      " LEFT JOIN user_marks k ON k.user_id = m.user_id AND k.app = m.app"
      " LEFT JOIN consents c ON c.user_id = m.user_id AND c.template_name = m.template_name WHERE m.id = ?";
  static constexpr auto lease_message =
      "UPDATE messages SET state = 1, attempts = attempts + 1, leases = leases + 1, node = ?2,"
      " leased_until = ?3, first_attempt_at = coalesce(first_attempt_at, ?4), updated_at = ?4 WHERE id = ?1";
  static constexpr auto find_to_settle =
      "SELECT user_id, app, template_name, state, attempts, holds_credit, leases FROM messages WHERE id = ?";
  static constexpr auto settle_message =
      "UPDATE messages SET state = ?2, reason = ?3, attempts = ?4, holds_credit = ?5, updated_at = ?6,"
      " due_at = coalesce(?7, due_at), sent_at = ?8, ended_at = ?9, maybe_sent = maybe_sent OR ?12,"
      " first_attempt_at = CASE WHEN ?2 = 0 AND ?4 = 0 THEN NULL ELSE first_attempt_at END,"
      " platform_id = CASE ?10 WHEN '' THEN platform_id ELSE ?10 END, story = story || ?11 WHERE id = ?1";
  static constexpr auto requeue_message =
      "UPDATE messages SET state = 0, reason = 0, attempts = 0, holds_credit = ?2, updated_at = ?3,"
      " due_at = ?3, first_attempt_at = NULL, ended_at = NULL, story = story || ?4 WHERE id "
      "= ?1";
  static constexpr auto load_entry = "SELECT " WEAPPD_ENTRY_COLUMNS " FROM messages WHERE id = ?";
  // The newest message stays, so that the largest id is known (get_newest_message).
  static constexpr auto forget_messages =
      "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE ended_at < ?1"
      " AND id < (SELECT max(id) FROM messages) ORDER BY ended_at LIMIT ?2) RETURNING template_name, state, "
      "id, user_id";
  static constexpr auto add_to_count =
      "INSERT INTO message_counts (state, template_name, count) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (state, template_name) DO UPDATE SET count = count + ?3";

  // the index by user; what waits for it is a list of a bounded length, so it may be walked through
  static constexpr auto note_to_index = "INSERT INTO messages_to_index (user_id, id) VALUES (?, ?)";
  static constexpr auto count_to_index = "SELECT count(*) FROM messages_to_index";
  static constexpr auto gather_to_index =
      "SELECT seq, user_id, id FROM messages_to_index ORDER BY seq LIMIT ?";
  static constexpr auto index_message =
      "INSERT INTO messages_of_users (user_id, id) VALUES (?, ?) ON CONFLICT (user_id, id) DO NOTHING";
  static constexpr auto strike_indexed = "DELETE FROM messages_to_index WHERE seq <= ?";
  static constexpr auto unindex_message = "DELETE FROM messages_of_users WHERE user_id = ? AND id = ?";

  // consents and marks
  static constexpr auto load_consent =
      "SELECT need, last_answer, client_count, platform_count, used, reserved, event_at FROM consents"
      " WHERE user_id = ? AND template_name = ?";
  static constexpr auto put_consent =
      "INSERT INTO consents (user_id, template_name, need, last_answer, client_count, platform_count, used,"
      " reserved, event_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
      " ON CONFLICT (user_id, template_name) DO UPDATE SET need = ?3, last_answer = ?4, client_count = ?5,"
      " platform_count = ?6, used = ?7, reserved = ?8, event_at = ?9, updated_at = ?10";
  static constexpr auto load_consents =
      "SELECT need, last_answer, client_count, platform_count, used, reserved, event_at, template_name"
      " FROM consents WHERE user_id = ? ORDER BY template_name";
  static constexpr auto put_mark =
      "INSERT INTO user_marks (user_id, app, mark, marked_at) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (user_id, app) DO UPDATE SET mark = ?3, marked_at = ?4";
  static constexpr auto clear_mark = "DELETE FROM user_marks WHERE user_id = ? AND app = ?";
  static constexpr auto clear_marks = "DELETE FROM user_marks WHERE user_id = ?";

  // guards and kept answers
  static constexpr auto find_guard =
      "SELECT g.message_id, m.state, m.reason FROM duplicate_guards g"
      " LEFT JOIN messages m ON m.id = g.message_id WHERE g.key_hash = ? AND g.forgotten_at > ?";
  static constexpr auto put_guard =
      "INSERT INTO duplicate_guards (key_hash, message_id, forgotten_at) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (key_hash) DO UPDATE SET message_id = ?2, forgotten_at = ?3";
  static constexpr auto forget_guards =
      "DELETE FROM duplicate_guards WHERE key_hash IN (SELECT key_hash FROM duplicate_guards"
      " WHERE forgotten_at <= ? ORDER BY forgotten_at LIMIT ?)";
  static constexpr auto find_answer_in_force =
      "SELECT 1 FROM kept_answers WHERE name = ? AND forgotten_at > ?";
  static constexpr auto put_answer =
      "INSERT INTO kept_answers (name, fingerprint, status, sealed_body, kept_at, forgotten_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO UPDATE SET fingerprint = ?2, status = ?3,"
      " sealed_body = ?4, kept_at = ?5, forgotten_at = ?6";
  static constexpr auto forget_answers =
      "DELETE FROM kept_answers WHERE id IN (SELECT id FROM kept_answers WHERE forgotten_at <= ?"
      " ORDER BY forgotten_at LIMIT ?)";
  static constexpr auto find_answer =
      "SELECT fingerprint, status, sealed_body, kept_at FROM kept_answers WHERE name = ?";

  // reads of messages
  static constexpr auto load_message = "SELECT " WEAPPD_RECORD_COLUMNS ", story FROM messages WHERE id = ?";
  static constexpr auto newest_message = "SELECT max(id) FROM messages";
  static constexpr auto load_unfinished =
      "SELECT " WEAPPD_ENTRY_COLUMNS " FROM messages WHERE state = 0 AND id > ?1 UNION ALL"
      " SELECT " WEAPPD_ENTRY_COLUMNS " FROM messages WHERE state = 1 AND id > ?1 ORDER BY id LIMIT ?2";
  static constexpr auto load_counts =
      "SELECT state, template_name, count FROM message_counts WHERE state BETWEEN 0 AND 5";
// In either table, or in both.
#define WEAPPD_IDS_OF(user)                                                                                  \
  "id IN (SELECT id FROM messages_of_users WHERE user_id = " user                                            \
  " UNION SELECT id FROM messages_to_index WHERE user_id = " user ")"
  static constexpr auto count_of_user =
      "SELECT count(*) FROM messages WHERE " WEAPPD_IDS_OF("?1") " AND (?2 < 0 OR state = ?2)"
                                                                 " AND (?3 = '' OR template_name = ?3)";

// Four ways to walk, each by the index that belongs to it; ?4 and ?5 are how many and from where. What is
// only a condition stands behind an OR, which keeps the planner from walking by it instead.
#define WEAPPD_LIST(where, order)                                                                            \
  "SELECT " WEAPPD_RECORD_COLUMNS " FROM messages WHERE " where " ORDER BY id " order " LIMIT ?4 OFFSET ?5"
#define WEAPPD_ALL "id > 0"
#define WEAPPD_OF_STATE "state = ?1 AND (?2 = 0 OR user_id = ?2) AND (?3 = '' OR template_name = ?3)"
#define WEAPPD_OF_USER WEAPPD_IDS_OF("?2") " AND (?1 < 0 OR state = ?1) AND (?3 = '' OR template_name = ?3)"
#define WEAPPD_OF_TEMPLATE "template_name = ?3 AND (?1 < 0 OR state = ?1) AND (?2 = 0 OR user_id = ?2)"
  static constexpr auto list_all = WEAPPD_LIST(WEAPPD_ALL, "DESC");
  static constexpr auto list_all_oldest = WEAPPD_LIST(WEAPPD_ALL, "ASC");
  static constexpr auto list_state = WEAPPD_LIST(WEAPPD_OF_STATE, "DESC");
  static constexpr auto list_state_oldest = WEAPPD_LIST(WEAPPD_OF_STATE, "ASC");
  static constexpr auto list_user = WEAPPD_LIST(WEAPPD_OF_USER, "DESC");
  static constexpr auto list_user_oldest = WEAPPD_LIST(WEAPPD_OF_USER, "ASC");
  static constexpr auto list_template = WEAPPD_LIST(WEAPPD_OF_TEMPLATE, "DESC");
  static constexpr auto list_template_oldest = WEAPPD_LIST(WEAPPD_OF_TEMPLATE, "ASC");
#undef WEAPPD_OF_TEMPLATE
#undef WEAPPD_OF_USER
#undef WEAPPD_OF_STATE
#undef WEAPPD_ALL
#undef WEAPPD_LIST
#undef WEAPPD_IDS_OF
#undef WEAPPD_RECORD_COLUMNS
#undef WEAPPD_ENTRY_COLUMNS

  static constexpr std::array all{
      find_recipient,       user_exists,          insert_message,  find_to_lease,  lease_message,
      find_to_settle,       settle_message,       requeue_message, load_entry,     forget_messages,
      add_to_count,         load_consent,         put_consent,     load_consents,  put_mark,
      clear_mark,           clear_marks,          find_guard,      put_guard,      forget_guards,
      put_answer,           forget_answers,       find_answer,     load_message,   newest_message,
      load_unfinished,      load_counts,          count_of_user,   list_all,       list_all_oldest,
      list_state,           list_state_oldest,    list_user,       list_template,  list_user_oldest,
      list_template_oldest, find_answer_in_force, note_to_index,   count_to_index, gather_to_index,
      index_message,        strike_indexed,       unindex_message};
};

using message_sql = sqlite_message_statements;

} // namespace weappd
