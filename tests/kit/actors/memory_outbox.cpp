#include "messages/place_among.hpp"
#include "tests/kit/actors/memory_store.hpp"

#include <algorithm>
#include <utility>

namespace weappd {
namespace {

using message_row = memory_store::message_row;

bool is_final(message_state state) {
  return state != message_state::queued && state != message_state::sending;
}

bool may_be_settled(message_state from, message_state to) {
  return !is_final(from) && to != message_state::sending && may_move(from, to);
}

void note(message_row& row, message_event::kind what, timestamp at, std::string rule) {
  auto& event = row.record.story.emplace_back();
  event.what = what;
  event.at = at;
  event.state = row.record.state;
  event.rule = std::move(rule);
}

void queue(message_row& row, timestamp due_at) {
  row.record.state = message_state::queued;
  row.record.reason = fail_reason::none;
  row.record.next_attempt_at = row.due_at = due_at;
}

void end(message_row& row, message_state state, fail_reason reason) {
  row.record.state = state;
  row.record.reason = reason;
  row.record.next_attempt_at.reset();
}

queue_entry entry_of(const message_row& row) {
  const auto& [draft, state, reason, attempts, updated_at, next, sent_at, platform_id, story] = row.record;
  return {.id = draft.id,
          .to = draft.to,
          .app = draft.app,
          .template_name = draft.template_name,
          .priority = draft.priority,
          .state = state,
          .attempts = attempts,
          .lease = state == message_state::sending ? row.leases : 0,
          .leased_at = state == message_state::sending ? std::optional(updated_at) : std::nullopt,
          .due_at = row.due_at,
          .first_attempt_at = row.first_attempt_at,
          .maybe_sent = row.maybe_sent,
          .not_after = draft.not_after,
          .request_id = draft.request_id,
          .trace_id = draft.trace_id,
          .created_at = draft.created_at};
}

} // namespace

const openid* memory_store::openid_of(user_id user, const app_key& app) const {
  const auto found = std::find_if(identities.begin(), identities.end(), [&](const auto& row) {
    return row.second == user && row.first.first == app;
  });
  return found == identities.end() ? nullptr : &found->first.second;
}

user_mark memory_store::mark_of(user_id user, const app_key& app) const {
  const auto& marks = users.at(user).marks;
  const auto found = marks.find(app);
  return found == marks.end() ? user_mark::none : found->second;
}

message_record memory_store::message(message_id id) const {
  const auto found = messages.find(id);
  return found == messages.end() ? message_record{} : found->second.record;
}

std::size_t memory_store::count_messages(message_state state) const {
  return static_cast<std::size_t>(std::count_if(
      messages.begin(), messages.end(), [&](const auto& row) { return row.second.record.state == state; }));
}

caf::expected<message_accepted> memory_store::add(const add_message& wanted) {
  const auto& draft = wanted.draft;
  for (const auto* guard : {&wanted.once, &wanted.guard})
    if (*guard)
      if (const auto* row = find_guard(**guard, draft.created_at)) {
        const auto first = message(row->first);
        return message_accepted{.id = row->first,
                                .state = first.state,
                                .reason = first.reason,
                                .duplicate = true,
                                .repeated = guard == &wanted.once};
      }
  if (messages.contains(draft.id) || (wanted.answers && holds_answer(wanted.answers->slot, draft.created_at)))
    return make_error(ec::conflict);
  if (!users.contains(draft.to))
    return make_error(ec::user_not_found);
  if (openid_of(draft.to, draft.app) == nullptr)
    return make_error(ec::no_openid);

  message_row row;
  row.record.draft = draft;
  row.record.updated_at = draft.created_at;
  row.need = wanted.need;
  queue(row, draft.send_at);
  note(row, message_event::kind::accepted, draft.created_at, "accepted");
  note(row, message_event::kind::validated, draft.created_at, "fits_template");
  const auto mark = mark_of(draft.to, draft.app);
  if (mark == user_mark::none) {
    auto rule = reserve(row, wanted.refuse_without_credit);
    note(row, message_event::kind::reserved, draft.created_at, std::move(rule));
  } else {
    end(row, message_state::failed,
        mark == user_mark::not_following ? fail_reason::not_following : fail_reason::bad_openid);
    note(row, message_event::kind::decided, draft.created_at, "user_marked");
  }
  for (const auto* guard : {&wanted.once, &wanted.guard})
    if (*guard)
      set_guard(**guard, draft.id);
  const auto state = row.record.state;
  const auto reason = row.record.reason;
  if (wanted.answers)
    answers[wanted.answers->slot.name] = {wanted.answers->slot.fingerprint,
                                          wanted.answers->for_reason(reason), draft.created_at};
  newest_message_id = std::max(newest_message_id, draft.id);
  messages.emplace(draft.id, std::move(row));
  return message_accepted{.id = draft.id, .state = state, .reason = reason};
}

caf::expected<messages_leased> memory_store::lease(const lease_messages& wanted) {
  messages_leased out;
  for (const auto id : wanted.ids) {
    const auto found = messages.find(id);
    if (found == messages.end() || found->second.record.state != message_state::queued)
      continue;
    auto& row = found->second;
    const auto& draft = row.record.draft;
    if (users.at(draft.to).user.status == user_status::locked) {
      end(row, message_state::cancelled, fail_reason::none);
      row.record.updated_at = wanted.at;
      settle_credit(row, credit_outcome::refund);
      note(row, message_event::kind::decided, wanted.at, "user_locked");
      out.cancelled.push_back(id);
      continue;
    }
    if (const auto mark = mark_of(draft.to, draft.app); mark != user_mark::none) {
      const auto why =
          mark == user_mark::not_following ? fail_reason::not_following : fail_reason::bad_openid;
      end(row, message_state::failed, why);
      row.record.updated_at = wanted.at;
      settle_credit(row, credit_outcome::refund);
      note(row, message_event::kind::decided, wanted.at, "user_marked");
      out.failed.emplace_back(id, why);
      continue;
    }
    const auto* who = openid_of(draft.to, draft.app);
    if (who == nullptr) {
      out.no_openid.push_back(id);
      continue;
    }
    row.record.state = message_state::sending;
    row.record.next_attempt_at.reset();
    row.record.updated_at = wanted.at;
    if (++row.record.attempts == 1)
      row.first_attempt_at = wanted.at;
    row.node = wanted.node;
    row.leased_until = wanted.until;
    out.messages.push_back({.id = id,
                            .who = *who,
                            .page = draft.page,
                            .data = draft.data,
                            .attempts = row.record.attempts,
                            .lease = ++row.leases,
                            .other_credits = other_credits(id, row),
                            .accepts = accepts(row)});
  }
  return out;
}

void memory_store::settle_one(const settlement& item) {
  const auto found = messages.find(item.id);
  if (found == messages.end() || !may_be_settled(found->second.record.state, item.state))
    return;
  auto& row = found->second;
  auto& record = row.record;
  if (item.lease != (record.state == message_state::sending ? row.leases : 0))
    return; // the end of another attempt
  if (record.state == message_state::sending && !item.attempt_counts && --record.attempts == 0)
    row.first_attempt_at = {};
  if (item.state == message_state::queued)
    queue(row, item.next_attempt_at.value_or(item.at));
  else
    end(row, item.state, item.reason);
  record.updated_at = item.at;
  if (item.state == message_state::sent)
    record.sent_at = item.at;
  if (!item.platform_id.empty())
    record.platform_id = item.platform_id;
  row.maybe_sent = row.maybe_sent || item.maybe_sent;
  record.story.insert(record.story.end(), item.events.begin(), item.events.end());
  settle_credit(row, item.credit, item.accepts);
  if (item.mark != user_mark::none)
    users.at(record.draft.to).marks[record.draft.app] = item.mark;
}

caf::expected<stored> memory_store::settle(const settle_messages& wanted) {
  for (const auto& item : wanted.items)
    settle_one(item);
  return stored{};
}

caf::expected<requeued> memory_store::requeue(const requeue_message& wanted) {
  const auto found = messages.find(wanted.id);
  if (found == messages.end())
    return make_error(ec::not_found);
  auto& row = found->second;
  if (wanted.once && find_guard(*wanted.once, wanted.at) != nullptr)
    return requeued{.entry = entry_of(row), .repeated = true};
  if (row.record.state != message_state::failed)
    return make_error(ec::message_not_failed);
  if (wanted.once)
    set_guard(*wanted.once, wanted.id);
  queue(row, wanted.at);
  row.record.attempts = 0;
  row.record.updated_at = wanted.at;
  row.first_attempt_at = {};
  row.need = wanted.need;
  note(row, message_event::kind::decided, wanted.at, "retry_asked");
  auto rule = reserve(row, false);
  note(row, message_event::kind::reserved, wanted.at, std::move(rule));
  return requeued{.entry = entry_of(row)};
}

caf::expected<message_record> memory_store::load(const load_message& wanted) const {
  const auto found = messages.find(wanted.id);
  if (found == messages.end())
    return make_error(ec::not_found);
  return found->second.record;
}

caf::expected<message_page> memory_store::list(const list_messages& wanted) const {
  std::vector<message_record> all;
  for (const auto& [id, row] : messages) {
    const auto& record = row.record;
    if ((wanted.state && *wanted.state != record.state) || (wanted.to && *wanted.to != record.draft.to) ||
        (wanted.template_name && *wanted.template_name != record.draft.template_name))
      continue;
    all.push_back(record);
    all.back().story.clear();
  }
  if (!wanted.oldest_first)
    std::reverse(all.begin(), all.end());
  message_page out{.items = {}, .total = all.size()};
  const auto first = std::uint64_t{wanted.page - 1} * wanted.limit;
  for (auto i = first; i < all.size() && i < first + wanted.limit; ++i)
    out.items.push_back(std::move(all[i]));
  return out;
}

caf::expected<unfinished_messages> memory_store::load(const load_unfinished& wanted) const {
  unfinished_messages out{.entries = {}, .last = wanted.after};
  for (auto row = messages.upper_bound(wanted.after); row != messages.end(); ++row) {
    const auto& record = row->second.record;
    if (is_final(record.state) || pusher_place(record.draft.to, wanted.shards) != wanted.shard)
      continue;
    if (out.entries.size() == wanted.limit) {
      out.more = true;
      break;
    }
    out.entries.push_back(entry_of(row->second));
    out.last = row->first;
  }
  return out;
}

} // namespace weappd
