#include "tests/kit/actors/memory_store.hpp"

#include <algorithm>

namespace weappd {
namespace {

using consent_row = memory_store::consent_row;

bool is_accepted(const consent_row& row) {
  return row.last == consent_answer::accept;
}

void answer(consent_row& row, const record_consents& wanted, const record_consents::item& item) {
  if (wanted.event_at) {
    if (row.last_event_at && *wanted.event_at <= *row.last_event_at)
      return; // a redelivery
    row.last_event_at = wanted.event_at;
  }
  row.need = item.need;
  row.last = item.answer;
  if (item.answer == consent_answer::accept)
    ++row.accepts[wanted.source];
}

} // namespace

std::uint32_t memory_store::consent_row::given() const {
  std::uint32_t given = 0;
  for (const auto& [source, count] : accepts)
    given = std::max(given, count);
  return given;
}

std::uint32_t memory_store::consent_row::credits() const {
  return given() > taken ? given() - taken : 0;
}

consent_balance memory_store::balance(user_id user, const std::string& template_name) const {
  const auto found = consents.find({user, template_name});
  if (found == consents.end())
    return {.template_name = template_name};
  const auto& row = found->second;
  consent_balance out{.template_name = template_name, .last = row.last};
  if (row.need == consent_need::one_time && is_accepted(row))
    out.credits = row.credits();
  out.unlimited = row.need == consent_need::long_term && is_accepted(row) && row.credits() > 0;
  return out;
}

/// What the ledger has to do with a message that is queued: the rule that is written into its story.
std::string memory_store::reserve(message_row& row, bool refuse_without_credit) {
  if (row.need == consent_need::none)
    return "no_consent_needed";
  const auto& draft = row.record.draft;
  const auto known = balance(draft.to, draft.template_name);
  if (known.unlimited)
    return "consent_known";
  if (known.credits > 0) {
    ++consents.at({draft.to, draft.template_name}).taken;
    row.reserved = true;
    return "credit_reserved";
  }
  if (!refuse_without_credit)
    return "tried_without_credit";
  row.record.state = message_state::failed;
  row.record.reason = fail_reason::not_subscribed;
  row.record.next_attempt_at.reset();
  return "refused_without_credit";
}

void memory_store::settle_credit(message_row& row, credit_outcome outcome,
                                 std::optional<std::uint32_t> accepts) {
  if (outcome == credit_outcome::keep)
    return;
  const auto found = consents.find({row.record.draft.to, row.record.draft.template_name});
  if (found != consents.end()) {
    auto& ledger = found->second;
    if (outcome == credit_outcome::refund && row.reserved && ledger.taken > 0)
      --ledger.taken;
    if (outcome == credit_outcome::void_) // what was given since the attempt began stays
      ledger.taken +=
          ledger.credits() - std::min(ledger.credits(), ledger.given() - accepts.value_or(ledger.given()));
  }
  row.reserved = false;
}

std::uint32_t memory_store::accepts(const message_row& row) const {
  const auto found = consents.find({row.record.draft.to, row.record.draft.template_name});
  return found == consents.end() ? 0 : found->second.given();
}

std::uint32_t memory_store::other_credits(message_id id, const message_row& row) const {
  const auto& draft = row.record.draft;
  const auto found = consents.find({draft.to, draft.template_name});
  if (found == consents.end() || found->second.need != consent_need::one_time)
    return 0;
  const auto held_by_another = [&](const auto& each) {
    const auto& other = each.second.record.draft;
    return each.first != id && each.second.reserved && other.to == draft.to &&
           other.template_name == draft.template_name;
  };
  return found->second.credits() +
         static_cast<std::uint32_t>(std::count_if(messages.begin(), messages.end(), held_by_another));
}

caf::expected<consent_balances> memory_store::record(const record_consents& wanted) {
  if (!users.contains(wanted.user))
    return make_error(ec::user_not_found);
  const bool repeated = wanted.once && find_guard(*wanted.once, wanted.at) != nullptr;
  if (wanted.once && !repeated)
    set_guard(*wanted.once, {});
  consent_balances out;
  for (const auto& item : wanted.answers) {
    if (!repeated && item.answer != consent_answer::filter) // which changes nothing
      answer(consents[{wanted.user, item.template_name}], wanted, item);
    out.items.push_back(balance(wanted.user, item.template_name));
  }
  return out;
}

caf::expected<consent_balances> memory_store::load(const load_consents& wanted) const {
  consent_balances out;
  for (auto row = consents.lower_bound({wanted.user, {}});
       row != consents.end() && row->first.first == wanted.user; ++row)
    out.items.push_back(balance(wanted.user, row->first.second));
  return out;
}

caf::expected<stored> memory_store::clear(const clear_marks& wanted) {
  if (const auto row = users.find(wanted.user); row != users.end()) {
    if (wanted.app.value.empty())
      row->second.marks.clear();
    else
      row->second.marks.erase(wanted.app);
  }
  return stored{};
}

} // namespace weappd
