#include "persistence/sqlite_outbox.hpp"

#include "messages/user.hpp"
#include "persistence/message_content.hpp"
#include "persistence/message_rows.hpp"
#include "persistence/message_rules.hpp"
#include "persistence/sqlite_message_statements.hpp"
#include "persistence/sqlite_statements.hpp"

#include <algorithm>
#include <utility>

namespace weappd {
namespace {

using kind = message_event::kind;

std::string story_text(const message_story& events) {
  std::string out;
  for (const auto& event : events)
    append_event(out, event);
  return out;
}

/// The end of a message by a decision of the store itself.
settlement decided(message_id id, message_state state, fail_reason reason, const char* rule, timestamp at) {
  settlement out;
  out.id = id;
  out.state = state;
  out.reason = reason;
  out.credit = credit_outcome::refund;
  out.events = {event_of(kind::decided, at, state, rule)};
  out.at = at;
  return out;
}

/// With store.max_batch as it is by default, more than is added between two parts.
constexpr std::size_t least_caught_up = 4'096;

std::int64_t flag(bool value) {
  return value ? 1 : 0;
}

} // namespace

sqlite_outbox::sqlite_outbox(SQLite::Database& connection, sealed_columns& sealed, sqlite_ledger& ledger,
                             sqlite_recipients& recipients, sqlite_answers& answers, message_counts& counts,
                             message_user_index& by_user)
    : sealed_(sealed), ledger_(ledger), recipients_(recipients), answers_(answers), counts_(counts),
      by_user_(by_user), insert_message_(connection, message_sql::insert_message),
      find_to_lease_(connection, message_sql::find_to_lease),
      begin_lease_(connection, message_sql::begin_lease), end_lease_(connection, message_sql::end_lease),
      find_to_settle_(connection, message_sql::find_to_settle),
      settle_message_(connection, message_sql::settle_message),
      requeue_message_(connection, message_sql::requeue_message),
      load_entry_(connection, message_sql::load_entry),
      forget_messages_(connection, message_sql::forget_messages) {}

// -- adding

caf::expected<message_accepted> sqlite_outbox::add(const add_message& what) {
  const auto& draft = what.draft;
  if (const auto first = find_first(what))
    return *first;
  if (what.answers && answers_.holds(what.answers->slot.name, draft.created_at))
    return make_error(ec::conflict, "there is an answer under this idempotency key");
  const auto* to = recipients_.find(draft.to, draft.app);
  if (to == nullptr || !to->has_openid)
    return make_error(to == nullptr ? ec::user_not_found : ec::no_openid);

  auto how = begin(what, to->mark);
  if (!insert(draft, how))
    return make_error(ec::conflict, "the id for a new message is taken");
  by_user_.added(draft.id, draft.to);
  if (how.holds_credit)
    ledger_.reserve(draft.to, draft.template_name, draft.created_at);
  for (const auto* guard : {&what.guard, &what.once})
    if (*guard)
      answers_.set_guard(**guard, draft.id);
  if (what.answers)
    answers_.keep(what.answers->slot, what.answers->for_reason(how.reason), draft.created_at);
  const auto state = how.reason == fail_reason::none ? message_state::queued : message_state::failed;
  counts_.added(draft.template_name, state);
  return message_accepted{.id = draft.id, .state = state, .reason = how.reason};
}

std::optional<message_accepted> sqlite_outbox::find_first(const add_message& what) {
  const auto at = what.draft.created_at;
  if (what.once)
    if (auto first = answers_.find_first(*what.once, at)) {
      first->repeated = true;
      return first;
    }
  return what.guard ? answers_.find_first(*what.guard, at) : std::nullopt;
}

sqlite_outbox::beginning sqlite_outbox::begin(const add_message& what, user_mark mark) {
  const auto at = what.draft.created_at;
  beginning out;
  out.story = {event_of(kind::accepted, at, message_state::queued, "accepted"),
               event_of(kind::validated, at, message_state::queued, "fits_template")};
  out.reason = reason_of(mark);
  if (out.reason != fail_reason::none) {
    out.story.push_back(event_of(kind::decided, at, message_state::failed, "user_marked"));
    return out;
  }
  if (what.need == consent_need::none)
    return out;

  const auto entry = ledger_.find(what.draft.to, what.draft.template_name);
  const auto answer = ask_ledger(what.need, what.refuse_without_credit, entry);
  if (answer.refused)
    out.reason = fail_reason::not_subscribed;
  out.holds_credit = answer.reserve;
  out.story.push_back(event_of(kind::reserved, at,
                               answer.refused ? message_state::failed : message_state::queued, answer.rule));
  return out;
}

bool sqlite_outbox::insert(const message_draft& draft, const beginning& how) {
  const bool failed = how.reason != fail_reason::none;
  const auto box = sealed_.seal_content(pack_content(draft.page, draft.data), draft.id);
  return sqlite_query(insert_message_, draft.id, draft.to,
                      failed ? message_state::failed : message_state::queued, how.reason,
                      flag(how.holds_credit), draft.priority, draft.created_at, draft.send_at,
                      draft.not_after, failed ? std::optional(draft.created_at) : std::nullopt, draft.app,
                      draft.template_name, draft.sender, draft.request_id, draft.trace_id, blob_view{box},
                      story_text(how.story))
             .run() == 1;
}

// -- leasing

messages_leased sqlite_outbox::lease(const lease_messages& what) {
  messages_leased out;
  out.messages.reserve(what.ids.size());
  for (const auto id : what.ids)
    lease_one(id, what, out);
  return out;
}

void sqlite_outbox::lease_one(message_id id, const lease_messages& what, messages_leased& out) {
  sqlite_query row(find_to_lease_, id);
  if (!row.next() || row.one_of(3, message_state::cancelled) != message_state::queued)
    return;
  standing message{.id = id,
                   .user = row.user(0),
                   .app = {row.text(1)},
                   .template_name = row.text(2),
                   .attempts = row.small(4),
                   .holds_credit = row.number(5) != 0,
                   .leases = row.small(6)};
  const auto* to = recipients_.find(message.user, message.app);
  if (to == nullptr) { // the schema does not let go of a user with messages
    out.no_openid.push_back(id);
    return;
  }
  if (to->status == user_status::locked) {
    move(message, decided(id, message_state::cancelled, fail_reason::none, "user_locked", what.at));
    out.cancelled.push_back(id);
    return;
  }
  if (const auto why = reason_of(to->mark); why != fail_reason::none) {
    move(message, decided(id, message_state::failed, why, "user_marked", what.at));
    out.failed.emplace_back(id, why);
    return;
  }
  if (!to->who) {
    out.no_openid.push_back(id);
    return;
  }
  auto content = open_content(sealed_, row.text(7), id);
  if (!content) { // it would stand in the way of all others for ever
    move(message, decided(id, message_state::failed, fail_reason::bad_data, "content_unreadable", what.at));
    out.failed.emplace_back(id, fail_reason::bad_data);
    return;
  }
  const auto consent = ledger_.find(message.user, message.template_name);
  leased_message letter{.id = id,
                        .who = *to->who,
                        .page = std::move(content->page),
                        .data = std::move(content->data),
                        .attempts = message.attempts + 1,
                        .lease = message.leases + 1,
                        .other_credits = consent ? consent->others(message.holds_credit) : 0,
                        .accepts = consent ? consent->given() : 0};
  sqlite_query(begin_lease_, id, what.at, what.until, what.node).run();
  counts_.moved(message.template_name, message_state::queued, message_state::sending);
  out.messages.push_back(std::move(letter));

  message.state = message_state::sending;
  ++message.attempts;
  ++message.leases;
  message.leased_at = what.at;
  if (under_way_.size() < max_remembered)
    under_way_.insert_or_assign(id, std::move(message));
}

// -- settling

void sqlite_outbox::settle(const settle_messages& what) {
  for (const auto& item : what.items) {
    const auto message = take_standing(item.id);
    if (message && may_settle(message->state, item.state) &&
        is_of_this_attempt(item, message->state, message->leases))
      move(*message, item);
  }
}

std::optional<sqlite_outbox::standing> sqlite_outbox::take_standing(message_id id) {
  if (auto leased = under_way_.extract(id); !leased.empty()) // a settlement that comes late costs a lookup
    return std::move(leased.mapped());
  sqlite_query row(find_to_settle_, id);
  if (!row.next())
    return std::nullopt;
  return standing{.id = id,
                  .user = row.user(0),
                  .app = {row.text(1)},
                  .template_name = row.text(2),
                  .state = row.one_of(3, message_state::cancelled),
                  .attempts = row.small(4),
                  .holds_credit = row.number(5) != 0,
                  .leases = row.small(6),
                  .leased_at = row.time_if(7)};
}

void sqlite_outbox::move(const standing& message, const settlement& to) {
  const bool ends = is_end(to.state);
  const bool uncounted = message.state == message_state::sending && !to.attempt_counts;
  const bool keeps_credit = credit_at(to.state, to.credit) == credit_outcome::keep && message.holds_credit;
  const auto when = [](bool condition, timestamp value) {
    return condition ? std::optional(value) : std::nullopt;
  };
  sqlite_query(settle_message_, to.id, to.state,
               to.state == message_state::failed ? to.reason : fail_reason::none,
               message.attempts - (uncounted && message.attempts > 0 ? 1U : 0U), flag(keeps_credit), to.at,
               when(!ends, to.next_attempt_at.value_or(to.at)), when(to.state == message_state::sent, to.at),
               when(ends, to.at), to.platform_id, story_text(to.events), flag(to.maybe_sent), message.leases,
               message.leased_at)
      .run();
  if (message.state == message_state::sending)
    sqlite_query(end_lease_, to.id).run();
  settle_credit(message, to);
  if (to.mark != user_mark::none)
    recipients_.mark(message.user, message.app, to.mark, to.at);
  counts_.moved(message.template_name, message.state, to.state);
}

void sqlite_outbox::settle_credit(const standing& message, const settlement& to) {
  const auto outcome = credit_at(to.state, to.credit);
  if (message.holds_credit && outcome == credit_outcome::spent)
    return ledger_.spend(message.user, message.template_name, to.at);
  if (message.holds_credit && outcome == credit_outcome::refund)
    return ledger_.refund(message.user, message.template_name, to.at);
  if (outcome != credit_outcome::void_)
    return;
  auto entry = ledger_.find(message.user, message.template_name);
  if (!entry)
    return;
  if (message.holds_credit)
    entry->apply({.reserved = -1});
  entry->deny(to.accepts.value_or(entry->given()));
  ledger_.put(message.user, message.template_name, *entry, to.at);
}

// -- again, and no more

caf::expected<requeued> sqlite_outbox::requeue(const requeue_message& what) {
  requeued out;
  {
    sqlite_query row(load_entry_, what.id);
    if (!row.next())
      return make_error(ec::not_found);
    out.entry = entry_of(row);
  }
  auto& entry = out.entry;
  if (what.once && answers_.is_in_force(*what.once, what.at)) {
    out.repeated = true;
    return out;
  }
  if (entry.state != message_state::failed)
    return make_error(ec::message_not_failed);

  message_story story{event_of(kind::decided, what.at, message_state::queued, "retry_asked")};
  const auto consent =
      what.need == consent_need::none ? std::nullopt : ledger_.find(entry.to, entry.template_name);
  const auto answer = ask_ledger(what.need, false, consent);
  if (what.need != consent_need::none)
    story.push_back(event_of(kind::reserved, what.at, message_state::queued, answer.rule));

  sqlite_query(requeue_message_, what.id, flag(answer.reserve), what.at, story_text(story)).run();
  if (answer.reserve)
    ledger_.reserve(entry.to, entry.template_name, what.at);
  if (what.once)
    answers_.set_guard(*what.once, what.id);
  counts_.moved(entry.template_name, message_state::failed, message_state::queued);
  entry.state = message_state::queued;
  entry.attempts = 0;
  entry.due_at = what.at;
  entry.first_attempt_at = {};
  return out;
}

forgotten sqlite_outbox::forget(timestamp ended_before, std::uint32_t max_rows) {
  // What goes must be in the index and nowhere else, so that it leaves nothing behind.
  if (!by_user_.catch_up(std::max<std::size_t>(max_rows, least_caught_up)))
    return {.rows = 0, .more = true};
  forgotten out;
  sqlite_query row(forget_messages_, ended_before, max_rows);
  for (; row.next(); ++out.rows) {
    counts_.removed(row.text(0), row.one_of(1, message_state::cancelled));
    by_user_.removed(row.message(2), row.user(3));
  }
  out.more = out.rows >= max_rows;
  return out;
}

} // namespace weappd
