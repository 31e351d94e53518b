#include "persistence/message_rules.hpp"

namespace weappd {

bool is_end(message_state state) {
  return state != message_state::queued && state != message_state::sending;
}

bool may_settle(message_state from, message_state to) {
  return !is_end(from) && to != message_state::sending && may_move(from, to);
}

bool is_of_this_attempt(const settlement& item, message_state state, std::uint32_t newest_lease) {
  return item.lease == (state == message_state::sending ? newest_lease : 0);
}

credit_outcome credit_at(message_state state, credit_outcome asked) {
  if (asked != credit_outcome::keep || !is_end(state))
    return asked;
  return state == message_state::sent ? credit_outcome::spent : credit_outcome::refund;
}

ledger_answer ask_ledger(consent_need need, bool refuse_without_credit,
                         const std::optional<consent_entry>& entry) {
  if (need == consent_need::none)
    return {};
  if (entry && entry->allows(need)) {
    if (need == consent_need::one_time)
      return {.reserve = true, .rule = "credit_reserved"};
    return {.rule = "long_term_accepted"};
  }
  if (refuse_without_credit)
    return {.refused = true, .rule = "refused_without_credit"};
  return {.rule = "no_credit_known"};
}

fail_reason reason_of(user_mark mark) {
  switch (mark) {
  case user_mark::none:
    return fail_reason::none;
  case user_mark::not_following:
    return fail_reason::not_following;
  case user_mark::bad_openid:
    return fail_reason::bad_openid;
  }
  return fail_reason::none;
}

message_event event_of(message_event::kind what, timestamp at, message_state state, const char* rule) {
  message_event out;
  out.what = what;
  out.at = at;
  out.state = state;
  out.rule = rule;
  return out;
}

} // namespace weappd
