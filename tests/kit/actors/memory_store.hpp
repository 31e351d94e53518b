#pragma once

#include "messages/bans.hpp"
#include "messages/error.hpp"
#include "messages/followers.hpp"
#include "messages/outbox.hpp"
#include "messages/store.hpp"

#include <caf/expected.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weappd {

/// The contract of messages/store.hpp and messages/outbox.hpp over plain maps. A test holds it beside the two
/// actors that serve it, looks into it and breaks it. One thread.
struct memory_store {
  struct user_row {
    user_record user;
    std::vector<session_record> sessions;
    std::map<app_key, std::string> session_keys;
    std::map<app_key, user_mark> marks;
  };
  std::map<user_id, user_row> users;
  std::map<std::pair<app_key, openid>, user_id> identities;
  std::map<unionid, user_id> unions;
  std::map<std::pair<app_key, openid>, unionid> followers; ///< who wait for a login
  user_id newest;

  struct message_row {
    message_record record;
    consent_need need = consent_need::none;
    bool reserved = false; ///< holds a credit
    timestamp due_at{};    ///< while queued; of a message being sent: when it was due
    timestamp first_attempt_at{};
    bool maybe_sent = false;
    std::uint32_t leases = 0; ///< ever taken
    std::uint32_t node = 0;   ///< who works on it, while sending
    timestamp leased_until{};
  };
  std::map<message_id, message_row> messages;
  message_id newest_message_id;

  struct guard_row {
    message_id first;
    timestamp until{};
  };
  std::map<std::pair<std::string, std::string>, guard_row> guards; ///< by scope and key
  std::map<keyed_hash, answer_found::row> answers;                 ///< by the name of the slot

  /// What the ledger knows of one user and template. Credits that are left: the larger count of accepts less
  /// those that were taken.
  struct consent_row {
    consent_need need = consent_need::one_time;
    consent_answer last = consent_answer::reject;
    std::map<consent_source, std::uint32_t> accepts;
    std::uint32_t taken = 0;
    std::optional<timestamp> last_event_at;
    [[nodiscard]] std::uint32_t given() const;
    [[nodiscard]] std::uint32_t credits() const;
  };
  std::map<std::pair<user_id, std::string>, consent_row> consents;

  std::map<std::string, int> calls;   ///< by name of the message, also of those that failed
  ec failure = ec::none;              ///< every message is answered with it, and changes nothing
  std::chrono::milliseconds delay{0}; ///< between the question, when the change is made, and the answer
  std::chrono::milliseconds unfinished_delay{0}; ///< more of it for pages of what is unfinished

  /// A user who is there already, with no session.
  user_record& add_user(user_id id, timestamp at);
  /// The same, with an openid of that app.
  user_record& add_user(user_id id, timestamp at, const app_key& app, const openid& who);
  /// Null when there is none.
  session_record* find_session(user_id user, const session_id& session);
  [[nodiscard]] std::size_t count_sessions(user_id user) const;
  [[nodiscard]] int count(const std::string& message) const;
  /// As a GET of the message would show it; an empty record when there is none.
  [[nodiscard]] message_record message(message_id id) const;
  /// How many messages are in that state.
  [[nodiscard]] std::size_t count_messages(message_state state) const;
  /// What the user's ledger holds for a template.
  [[nodiscard]] consent_balance balance(user_id user, const std::string& template_name) const;

  // What the actors do with each message.
  caf::expected<identity_resolved> resolve(const resolve_identity& wanted);
  caf::expected<stored> add(const add_session& wanted);
  caf::expected<stored> rotate(const rotate_refresh_token& wanted);
  caf::expected<stored> remove(const remove_sessions& wanted);
  caf::expected<stored> save(const save_user& wanted);
  caf::expected<stored> touch(const touch_sessions& wanted);
  caf::expected<user_snapshot> load(user_id id) const;

  caf::expected<message_accepted> add(const add_message& wanted);
  caf::expected<messages_leased> lease(const lease_messages& wanted);
  caf::expected<stored> settle(const settle_messages& wanted);
  caf::expected<requeued> requeue(const requeue_message& wanted);
  caf::expected<message_record> load(const load_message& wanted) const;
  caf::expected<message_page> list(const list_messages& wanted) const;
  caf::expected<unfinished_messages> load(const load_unfinished& wanted) const;

  caf::expected<consent_balances> record(const record_consents& wanted);
  caf::expected<consent_balances> load(const load_consents& wanted) const;
  caf::expected<stored> clear(const clear_marks& wanted);

  /// The guard if it is in force, else null.
  [[nodiscard]] const guard_row* find_guard(const duplicate_guard& guard, timestamp at) const;
  void set_guard(const duplicate_guard& guard, message_id first);
  [[nodiscard]] bool holds_answer(const once_slot& slot, timestamp at) const;
  caf::expected<stored> keep(const keep_answer& wanted);
  caf::expected<answer_found> find(const find_answer& wanted) const;
  caf::expected<forgotten> forget(const forget_old& wanted);

  caf::expected<new_followers> find(const find_new_followers& wanted) const;
  caf::expected<followers_added> add(const add_followers& wanted);
  caf::expected<stored> set_following(const note_following& wanted);

  std::map<rate_key, address_ban> bans;
  caf::expected<stored> save(const save_bans& wanted);
  [[nodiscard]] caf::expected<all_bans> load(const load_bans& wanted) const;

private:
  std::string reserve(message_row& row, bool refuse_without_credit);
  void settle_credit(message_row& row, credit_outcome outcome, std::optional<std::uint32_t> accepts = {});
  /// What leased_message promises.
  [[nodiscard]] std::uint32_t accepts(const message_row& row) const;
  [[nodiscard]] std::uint32_t other_credits(message_id id, const message_row& row) const;
  void settle_one(const settlement& item);
  [[nodiscard]] user_mark mark_of(user_id user, const app_key& app) const;
  /// Null when the app has none for that user.
  [[nodiscard]] const openid* openid_of(user_id user, const app_key& app) const;
};
using memory_store_ptr = std::shared_ptr<memory_store>;

} // namespace weappd
