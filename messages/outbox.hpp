#pragma once

#include "messages/fwd.hpp"
#include "messages/ids.hpp"
#include "messages/once.hpp"
#include "messages/push.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What may be asked of the store about messages, consents and kept answers. The rules of messages/store.hpp
/// hold: a write is answered when it is durable, an error has changed nothing, every message may be answered
/// with storage_unavailable.
namespace weappd {

// -- messages: writes

/// What the ledger of consents has to do with a message.
enum class consent_need : std::uint8_t {
  none,      ///< an official account's template
  one_time,  ///< takes a credit
  long_term, ///< needs an acceptance, takes nothing
};

/// A new message, in this order: a guard that is in force (the request's before the event's) makes it a
/// duplicate and nothing is added; an answer kept under its slot is a conflict; without the user or an openid
/// of the app it is refused; a mark on the user (for this app) makes it `failed`; `refuse_without_credit`
/// makes it `failed` (not_subscribed) if the ledger knows of no credit. Otherwise it is queued, and a credit
/// that the ledger knows of is reserved. The events accepted, validated and reserved are written as they
/// happened. The answer that fits the outcome is kept under the slot, and the guards are set, also for a
/// message that failed at once; a duplicate keeps and sets nothing, and is answered with state and reason of
/// the first one as it stands now. Guards and answers are in force until their time at draft.created_at.
/// Answer: message_accepted. Errors: user_not_found, no_openid, conflict (the slot has an answer; or the id
/// is taken).
///
/// Rules in the events: fits_template, user_marked, credit_reserved, no_credit_known (it is tried all the
/// same), refused_without_credit, long_term_accepted.
struct add_message {
  message_draft draft{};
  consent_need need = consent_need::none;
  bool refuse_without_credit = false;
  std::optional<duplicate_guard> guard{}; ///< of the event
  std::optional<duplicate_guard> once{};  ///< of the request
  std::optional<kept_answers> answers{};
};

/// Begins attempts: those of `ids` that are queued become `sending`, with one attempt more; those whose user
/// is locked become `cancelled` (and give back their credit, rule "user_locked"); those that are not queued
/// are left out. A message to a user who was marked meanwhile becomes `failed` (rule "user_marked"), and so
/// does one whose stored content does not open any more (bad_data, rule "content_unreadable"): it must not
/// hold up the others. Answer: messages_leased.
struct lease_messages {
  std::vector<message_id> ids{};
  std::uint32_t node = 0; ///< who works on them
  timestamp at{};
  timestamp until{}; ///< after this another node may take them up
};
/// What is needed to send.
struct leased_message {
  message_id id{};
  openid who{}; ///< the newest of the user in the app
  std::string page{};
  field_values data{};
  std::uint32_t attempts = 0; ///< this one included
  std::uint32_t lease = 0;    ///< its number among all leases of the message, from 1; never used twice
  /// Unused credits of this user and one-time template that the ledger knows of besides this message's own:
  /// free ones and those that other messages hold, whatever the user answered last. 0 also where it knows
  /// nothing.
  std::uint32_t other_credits = 0;
  /// How often the ledger knew the user to have accepted this template when the attempt began.
  std::uint32_t accepts = 0;
};
struct messages_leased {
  std::vector<leased_message> messages{};
  std::vector<message_id> cancelled{};
  std::vector<std::pair<message_id, fail_reason>> failed{}; ///< for good, before any attempt
  std::vector<message_id> no_openid{}; ///< queued still: the user's openid is gone or does not open
};

/// What becomes of the credit that a message had reserved. Of one that had reserved none, only void_ changes
/// the ledger.
enum class credit_outcome : std::uint8_t {
  keep,   ///< it may be tried again; at an end, where no message holds a credit: spent if sent, else refund
  spent,  ///< sent
  refund, ///< not sent, and the platform took nothing
  void_,  ///< the platform says that there is no credit: what the user gave before the attempt began is gone,
          ///< and so is an acceptance of a long-term template
};

/// What the platform told about a user, for one app. A marked user is not tried again.
enum class user_mark : std::uint8_t { none, not_following, bad_openid };

/// The end of an attempt, or of a message that waited. A message that is unknown, in none of the states from
/// which the move is allowed (messages/push.hpp), or in another attempt than the one that ends here, is left
/// as it is, and its user gets no mark: who comes late changes nothing.
struct settlement {
  message_id id{};
  std::uint32_t lease = 0; ///< which one ends (leased_message, queue_entry); 0: the message waited
  message_state state = message_state::sent;
  fail_reason reason = fail_reason::none;     ///< of `failed`
  std::optional<timestamp> next_attempt_at{}; ///< when queued again; nothing: at once
  bool attempt_counts = true;                 ///< false: the platform was never reached
  credit_outcome credit = credit_outcome::keep;
  std::optional<std::uint32_t> accepts{}; ///< of void_: leased_message::accepts; nothing: all there were
  user_mark mark = user_mark::none;
  bool maybe_sent = false;   ///< an attempt may have sent it; stays true for the message
  std::string platform_id{}; ///< empty: leaves what is there
  message_story events{};    ///< appended to its story
  timestamp at{};
};
/// All of them in one transaction. Answer: stored.
struct settle_messages {
  std::vector<settlement> items{};
};

/// failed -> queued, attempts 0, due at once, credit reserved as when it was added (never refused). Events:
/// decided with the rule "retry_asked", then reserved. The guard is set with it; one that is in force at `at`
/// means that this request was done before: nothing changes. Answer: requeued, with the entry as it stands.
/// Errors: not_found, message_not_failed.
struct requeue_message {
  message_id id{};
  consent_need need = consent_need::none;
  timestamp at{};
  std::optional<duplicate_guard> once{}; ///< of the request
};

/// Forgets what is over, the oldest first: messages that ended before `messages_before`, kept answers and
/// guards whose time is over at `at`. At most `max_rows` of each; `more` when that bound was met. The message
/// with the largest id stays (get_newest_message). A guard may outlive its message. Answer: forgotten.
struct forget_old {
  timestamp at{};
  timestamp messages_before{};
  std::uint32_t max_rows = 1'000;
};
struct forgotten {
  std::size_t rows = 0;
  bool more = false;
};

// -- messages: reads

/// What a pusher must know of a message that is not at its end.
struct queue_entry {
  message_id id{};
  user_id to{};
  app_key app{};
  std::string template_name{};
  message_priority priority = message_priority::normal;
  message_state state = message_state::queued; ///< sending: an attempt was under way when its pusher ended
  std::uint32_t attempts = 0;
  std::uint32_t lease = 0;              ///< while sending: the one under way; else 0
  std::optional<timestamp> leased_at{}; ///< while sending: since when
  timestamp due_at{};
  timestamp first_attempt_at{}; ///< epoch if there was none
  bool maybe_sent = false;      ///< an attempt may have sent it
  std::optional<timestamp> not_after{};
  std::string request_id{};
  std::string trace_id{};
  timestamp created_at{};
};
struct requeued {
  queue_entry entry{};
  bool repeated = false; ///< nothing was changed
};

/// Messages that are queued or being sent, with an id above `after`, in the order of their ids; those whose
/// user's pusher is `shard` of `shards` (pusher_place). Looks at `limit` messages of all shards, so
/// that there may be few or no entries although there are more. Answer: unfinished_messages.
struct load_unfinished {
  message_id after{};
  std::uint32_t limit = 1'000; ///< at least 1
  std::size_t shard = 0;
  std::size_t shards = 1;
};
struct unfinished_messages {
  std::vector<queue_entry> entries{};
  message_id last{}; ///< where to go on
  bool more = false;
};

/// Answer: message_record. Errors: not_found.
struct load_message {
  message_id id{};
};

/// In the order of the ids, newest first unless `oldest_first`; a page behind the last is empty. Answer:
/// message_page.
struct list_messages {
  std::optional<message_state> state{};
  std::optional<user_id> to{};
  std::optional<std::string> template_name{};
  std::uint32_t page = 1; ///< from 1
  std::uint32_t limit = 20;
  bool oldest_first = false;
};
struct message_page {
  std::vector<message_record> items{}; ///< without their stories
  std::uint64_t total = 0;             ///< that fit the filters, exactly
};

// -- consents

/// What a user answered, by template name. An accept of a one-time template adds a credit; a reject or ban
/// makes the template unusable until the next accept; filter changes nothing. Both sources may report the
/// same tap: the credits ever given are the larger of the two counts. An event of the platform that is not
/// newer than the last one (`event_at`) is a redelivery and changes nothing. Answer: consent_balances, of all
/// templates in `answers`. While a template is unusable its balance is 0; what it had comes back with the
/// next accept. Events are compared for each template. The guard is set with the report; one that is in force
/// at `at` means that this request was counted before: nothing changes, and the balances are answered as they
/// are now. Errors: user_not_found.
struct record_consents {
  user_id user{};
  consent_source source = consent_source::client;
  timestamp at{};
  std::optional<timestamp> event_at{}; ///< of the platform's event
  struct item {
    std::string template_name{};
    consent_need need = consent_need::one_time;
    consent_answer answer = consent_answer::accept;
  };
  std::vector<item> answers{};
  std::optional<duplicate_guard> once{}; ///< of the request
};
struct consent_balances {
  std::vector<consent_balance> items{}; ///< in the order asked
};

/// The user's balance for every template the ledger knows, by name. Answer: consent_balances, empty for an
/// unknown user.
struct load_consents {
  user_id user{};
};

/// Takes marks off a user, for one app or for all (empty key). A login does the same for all. Answer: stored.
struct clear_marks {
  user_id user{};
  app_key app{};
};

// -- kept answers

/// Keeps it until slot.keep after `at`. Answer: stored. Errors: conflict (there is one whose time is not over
/// at `at`).
struct keep_answer {
  once_slot slot;
  kept_answer answer;
  timestamp at{};
};

/// Also gives an answer whose time is over, until it is forgotten: whoever asks looks at `at`. Answer:
/// answer_found.
struct find_answer {
  keyed_hash name;
};
struct answer_found {
  struct row {
    keyed_hash fingerprint{};
    kept_answer answer{};
    timestamp at{};
  };
  std::optional<row> kept{};
};

/// The largest message id that was ever made, or 0. Answer: newest_message.
struct get_newest_message {};
struct newest_message {
  message_id id{};
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::add_message)
WEAPPD_MESSAGE(weappd::lease_messages)
WEAPPD_MESSAGE(weappd::messages_leased)
WEAPPD_MESSAGE(weappd::settle_messages)
WEAPPD_MESSAGE(weappd::requeue_message)
WEAPPD_MESSAGE(weappd::requeued)
WEAPPD_MESSAGE(weappd::forget_old)
WEAPPD_MESSAGE(weappd::forgotten)
WEAPPD_MESSAGE(weappd::load_unfinished)
WEAPPD_MESSAGE(weappd::unfinished_messages)
WEAPPD_MESSAGE(weappd::load_message)
WEAPPD_MESSAGE(weappd::message_record)
WEAPPD_MESSAGE(weappd::list_messages)
WEAPPD_MESSAGE(weappd::message_page)
WEAPPD_MESSAGE(weappd::record_consents)
WEAPPD_MESSAGE(weappd::consent_balances)
WEAPPD_MESSAGE(weappd::load_consents)
WEAPPD_MESSAGE(weappd::clear_marks)
WEAPPD_MESSAGE(weappd::keep_answer)
WEAPPD_MESSAGE(weappd::find_answer)
WEAPPD_MESSAGE(weappd::answer_found)
WEAPPD_MESSAGE(weappd::get_newest_message)
WEAPPD_MESSAGE(weappd::newest_message)
