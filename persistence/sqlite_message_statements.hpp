#pragma once

#include <array>

namespace weappd {

/// The statements about messages, consents and kept answers; see sqlite_statements.hpp.
struct sqlite_message_statements {
// A message `m` and its lease `l`, if it is being sent: then it is one attempt further than its row says.
#define WEAPPD_MESSAGES "messages m LEFT JOIN message_leases l ON l.id = m.id"
#define WEAPPD_STATE "iif(l.id IS NULL, m.state, 1)"
#define WEAPPD_ATTEMPTS "m.attempts + (l.id IS NOT NULL)"
#define WEAPPD_LEASES "m.leases + (l.id IS NOT NULL)"
// The columns that message_rows.hpp reads; literals, so that the compiler can join them.
#define WEAPPD_ENTRY_COLUMNS                                                                                 \
  "m.id, user_id, app, template_name, priority, " WEAPPD_STATE ", " WEAPPD_ATTEMPTS ", due_at,"              \
  " coalesce(first_attempt_at, l.leased_at), not_after, request_id, trace_id, created_at, maybe_sent,"       \
  " " WEAPPD_LEASES ", l.leased_at"
#define WEAPPD_RECORD_COLUMNS                                                                                \
  "m.id, user_id, app, template_name, priority, " WEAPPD_STATE ", " WEAPPD_ATTEMPTS ", due_at, not_after,"   \
  " request_id, trace_id, created_at, sealed_content, send_at, sender, reason,"                              \
  " coalesce(l.leased_at, updated_at), sent_at, platform_id"

  // adding
  static constexpr auto find_standing =
      "SELECT u.status, k.mark FROM users u LEFT JOIN user_marks k ON k.user_id = u.id AND k.app = ?2"
      " WHERE u.id = ?1";
  static constexpr auto user_exists = "SELECT 1 FROM users WHERE id = ?";
  static constexpr auto insert_message =
      "INSERT INTO messages (id, user_id, state, reason, attempts, holds_credit, priority, created_at,"
      " updated_at, send_at, due_at, not_after, ended_at, node, leased_until, app, template_name, sender,"
      " request_id, trace_id, platform_id, sealed_content, story) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?7,"
      " ?8, ?8, ?9, ?10, 0, 0, ?11, ?12, ?13, ?14, ?15, '', ?16, ?17) ON CONFLICT (id) DO NOTHING";

  // moving
  static constexpr auto find_to_lease =
      "SELECT user_id, app, template_name, " WEAPPD_STATE ", attempts, holds_credit, leases, sealed_content"
      " FROM " WEAPPD_MESSAGES " WHERE m.id = ?";
  static constexpr auto begin_lease =
      "INSERT INTO message_leases (id, leased_at, leased_until, node) VALUES (?, ?, ?, ?)";
  static constexpr auto end_lease = "DELETE FROM message_leases WHERE id = ?";
  static constexpr auto find_to_settle =
      "SELECT user_id, app, template_name, " WEAPPD_STATE ", " WEAPPD_ATTEMPTS
      ", holds_credit, " WEAPPD_LEASES ", l.leased_at FROM " WEAPPD_MESSAGES " WHERE m.id = ?";
  static constexpr auto settle_message =
      "UPDATE messages SET state = ?2, reason = ?3, attempts = ?4, holds_credit = ?5, updated_at = ?6,"
      " due_at = coalesce(?7, due_at), sent_at = ?8, ended_at = ?9, maybe_sent = maybe_sent OR ?12,"
      " first_attempt_at = CASE WHEN ?2 = 0 AND ?4 = 0 THEN NULL ELSE coalesce(first_attempt_at, ?14) END,"
      " platform_id = CASE ?10 WHEN '' THEN platform_id ELSE ?10 END, story = story || ?11, leases = ?13 "
      "WHERE id = ?1";
  static constexpr auto requeue_message =
      "UPDATE messages SET state = 0, reason = 0, attempts = 0, holds_credit = ?2, updated_at = ?3,"
      " due_at = ?3, first_attempt_at = NULL, ended_at = NULL, story = story || ?4 WHERE id "
      "= ?1";
  static constexpr auto load_entry =
      "SELECT " WEAPPD_ENTRY_COLUMNS " FROM " WEAPPD_MESSAGES " WHERE m.id = ?";
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
      " reserved, event_at, moved_to, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
      " ON CONFLICT (user_id, template_name) DO UPDATE SET need = ?3, last_answer = ?4, client_count = ?5,"
      " platform_count = ?6, used = ?7, reserved = ?8, event_at = ?9, moved_to = ?10, updated_at = ?11";
  // what the rows of the ledger lack; a list of a bounded length, so it may be walked through
  static constexpr auto list_moves = "SELECT seq, template_name, moves FROM credit_moves ORDER BY seq";
  static constexpr auto note_moves = "INSERT INTO credit_moves (seq, template_name, moves) VALUES (?, ?, ?)";
  static constexpr auto strike_moves = "DELETE FROM credit_moves WHERE seq <= ?";
  static constexpr auto count_moves_in = "UPDATE consents SET reserved = ?3, used = ?4, moved_to = ?5,"
                                         " updated_at = ?6 WHERE user_id = ?1 AND template_name = ?2";
  static constexpr auto find_moved_to =
      "SELECT moved_to FROM consents WHERE user_id = ? AND template_name = ?";
  static constexpr auto load_consents = "SELECT need, last_answer, client_count, platform_count, used, "
                                        "reserved, event_at, template_name, moved_to"
                                        " FROM consents WHERE user_id = ? ORDER BY template_name";
  static constexpr auto put_mark =
      "INSERT INTO user_marks (user_id, app, mark, marked_at) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (user_id, app) DO UPDATE SET mark = ?3, marked_at = ?4";
  static constexpr auto clear_mark = "DELETE FROM user_marks WHERE user_id = ? AND app = ?";
  static constexpr auto clear_marks = "DELETE FROM user_marks WHERE user_id = ?";

  // guards and kept answers
  static constexpr auto find_guard = "SELECT g.message_id, " WEAPPD_STATE ", m.reason FROM duplicate_guards g"
                                     " LEFT JOIN messages m ON m.id = g.message_id LEFT JOIN message_leases "
                                     "l ON l.id = g.message_id WHERE g.key_hash = ? AND g.forgotten_at > ?";
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
  static constexpr auto load_message =
      "SELECT " WEAPPD_RECORD_COLUMNS ", story FROM " WEAPPD_MESSAGES " WHERE m.id = ?";
  static constexpr auto newest_message = "SELECT max(id) FROM messages";
  static constexpr auto load_unfinished =
      "SELECT " WEAPPD_ENTRY_COLUMNS " FROM " WEAPPD_MESSAGES " WHERE state = 0 AND m.id > ?1"
      " ORDER BY m.id LIMIT ?2";
  static constexpr auto load_counts =
      "SELECT state, template_name, count FROM message_counts WHERE state BETWEEN 0 AND 5";
// In either table, or in both.
#define WEAPPD_IDS_OF(user)                                                                                  \
  "m.id IN (SELECT id FROM messages_of_users WHERE user_id = " user                                          \
  " UNION SELECT id FROM messages_to_index WHERE user_id = " user ")"
  static constexpr auto count_of_user = "SELECT count(*) FROM " WEAPPD_MESSAGES
                                        " WHERE " WEAPPD_IDS_OF("?1") " AND (?2 < 0 OR " WEAPPD_STATE " = ?2)"
                                                                      " AND (?3 = '' OR template_name = ?3)";

// Five ways to walk, each by the index that belongs to it; ?4 and ?5 are how many and from where. What is
// only a condition stands behind an OR, which keeps the planner from walking by it instead.
#define WEAPPD_LIST(from, where, order)                                                                      \
  "SELECT " WEAPPD_RECORD_COLUMNS " FROM " from " WHERE " where " ORDER BY " order " LIMIT ?4 OFFSET ?5"
#define WEAPPD_IN_STATE "(?1 < 0 OR " WEAPPD_STATE " = ?1)"
#define WEAPPD_TO_USER "(?2 = 0 OR user_id = ?2)"
#define WEAPPD_WITH_TEMPLATE "(?3 = '' OR template_name = ?3)"
#define WEAPPD_ALL "m.id > 0"
#define WEAPPD_OF_STATE "m.state = ?1 AND l.id IS NULL AND " WEAPPD_TO_USER " AND " WEAPPD_WITH_TEMPLATE
#define WEAPPD_OF_USER WEAPPD_IDS_OF("?2") " AND " WEAPPD_IN_STATE " AND " WEAPPD_WITH_TEMPLATE
#define WEAPPD_OF_TEMPLATE "template_name = ?3 AND " WEAPPD_IN_STATE " AND " WEAPPD_TO_USER
// Of those in the state `sending`, which are few among many that are queued.
#define WEAPPD_LEASED "message_leases l CROSS JOIN messages m ON m.id = l.id"
#define WEAPPD_OF_LEASES "l.id > 0 AND " WEAPPD_TO_USER " AND " WEAPPD_WITH_TEMPLATE
  static constexpr auto list_all = WEAPPD_LIST(WEAPPD_MESSAGES, WEAPPD_ALL, "m.id DESC");
  static constexpr auto list_all_oldest = WEAPPD_LIST(WEAPPD_MESSAGES, WEAPPD_ALL, "m.id ASC");
  static constexpr auto list_state = WEAPPD_LIST(WEAPPD_MESSAGES, WEAPPD_OF_STATE, "m.id DESC");
  static constexpr auto list_state_oldest = WEAPPD_LIST(WEAPPD_MESSAGES, WEAPPD_OF_STATE, "m.id ASC");
  static constexpr auto list_user = WEAPPD_LIST(WEAPPD_MESSAGES, WEAPPD_OF_USER, "m.id DESC");
  static constexpr auto list_user_oldest = WEAPPD_LIST(WEAPPD_MESSAGES, WEAPPD_OF_USER, "m.id ASC");
  static constexpr auto list_template = WEAPPD_LIST(WEAPPD_MESSAGES, WEAPPD_OF_TEMPLATE, "m.id DESC");
  static constexpr auto list_template_oldest = WEAPPD_LIST(WEAPPD_MESSAGES, WEAPPD_OF_TEMPLATE, "m.id ASC");
  static constexpr auto list_leases = WEAPPD_LIST(WEAPPD_LEASED, WEAPPD_OF_LEASES, "l.id DESC");
  static constexpr auto list_leases_oldest = WEAPPD_LIST(WEAPPD_LEASED, WEAPPD_OF_LEASES, "l.id ASC");
#undef WEAPPD_OF_LEASES
#undef WEAPPD_LEASED
#undef WEAPPD_OF_TEMPLATE
#undef WEAPPD_OF_USER
#undef WEAPPD_OF_STATE
#undef WEAPPD_ALL
#undef WEAPPD_WITH_TEMPLATE
#undef WEAPPD_TO_USER
#undef WEAPPD_IN_STATE
#undef WEAPPD_LIST
#undef WEAPPD_IDS_OF
#undef WEAPPD_RECORD_COLUMNS
#undef WEAPPD_ENTRY_COLUMNS
#undef WEAPPD_LEASES
#undef WEAPPD_ATTEMPTS
#undef WEAPPD_STATE
#undef WEAPPD_MESSAGES

  static constexpr std::array all{
      find_standing,   user_exists,    insert_message,     find_to_lease,        begin_lease,
      end_lease,       list_leases,    list_leases_oldest, find_to_settle,       settle_message,
      requeue_message, load_entry,     forget_messages,    add_to_count,         load_consent,
      put_consent,     load_consents,  put_mark,           clear_mark,           clear_marks,
      find_guard,      put_guard,      forget_guards,      put_answer,           forget_answers,
      find_answer,     load_message,   newest_message,     load_unfinished,      load_counts,
      count_of_user,   list_all,       list_all_oldest,    list_state,           list_state_oldest,
      list_user,       list_template,  list_user_oldest,   list_template_oldest, find_answer_in_force,
      note_to_index,   count_to_index, gather_to_index,    index_message,        strike_indexed,
      unindex_message, list_moves,     note_moves,         strike_moves,         count_moves_in,
      find_moved_to};
};

using message_sql = sqlite_message_statements;

} // namespace weappd
