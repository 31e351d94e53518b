#include "tests/kit/actors/memory_store.hpp"

namespace weappd {
namespace {

/// Erases what is over, at most `max_rows` rows of it.
template <class Rows, class IsOver>
void erase_some(Rows& rows, std::uint32_t max_rows, forgotten& out, IsOver is_over) {
  std::uint32_t erased = 0;
  for (auto row = rows.begin(); row != rows.end();) {
    if (!is_over(row->second)) {
      ++row;
      continue;
    }
    if (erased == max_rows) {
      out.more = true;
      break;
    }
    row = rows.erase(row);
    ++erased;
  }
  out.rows += erased;
}

} // namespace

const memory_store::guard_row* memory_store::find_guard(const duplicate_guard& guard, timestamp at) const {
  const auto row = guards.find({guard.scope, guard.key});
  return row != guards.end() && row->second.until > at ? &row->second : nullptr;
}

void memory_store::set_guard(const duplicate_guard& guard, message_id first) {
  guards[{guard.scope, guard.key}] = {first, guard.until};
}

bool memory_store::holds_answer(const once_slot& slot, timestamp at) const {
  const auto row = answers.find(slot.name);
  return row != answers.end() && row->second.at + slot.keep > at;
}

caf::expected<stored> memory_store::keep(const keep_answer& wanted) {
  if (holds_answer(wanted.slot, wanted.at))
    return make_error(ec::conflict);
  answers[wanted.slot.name] = {wanted.slot.fingerprint, wanted.answer, wanted.at};
  return stored{};
}

caf::expected<answer_found> memory_store::find(const find_answer& wanted) const {
  answer_found out;
  if (const auto row = answers.find(wanted.name); row != answers.end())
    out.kept = row->second;
  return out;
}

caf::expected<forgotten> memory_store::forget(const forget_old& wanted) {
  forgotten out;
  erase_some(messages, wanted.max_rows, out, [&](const message_row& row) {
    const auto state = row.record.state;
    return state != message_state::queued && state != message_state::sending &&
           row.record.updated_at < wanted.messages_before;
  });
  erase_some(answers, wanted.max_rows, out,
             [&](const answer_found::row& row) { return row.at + once_slot{}.keep <= wanted.at; });
  erase_some(guards, wanted.max_rows, out, [&](const guard_row& row) { return row.until <= wanted.at; });
  return out;
}

} // namespace weappd
