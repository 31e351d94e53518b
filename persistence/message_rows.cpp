#include "persistence/message_rows.hpp"

#include <utility>

namespace weappd {

queue_entry entry_of(const sqlite_query& row) {
  const auto state = row.one_of(5, message_state::cancelled);
  return {.id = row.message(0),
          .to = row.user(1),
          .app = {row.text(2)},
          .template_name = row.text(3),
          .priority = row.one_of(4, message_priority::bulk),
          .state = state,
          .attempts = row.small(6),
          .lease = state == message_state::sending ? row.small(14) : 0,
          .leased_at = row.time_if(15),
          .due_at = row.time(7),
          .first_attempt_at = row.time_if(8).value_or(timestamp{}),
          .maybe_sent = row.number(13) != 0,
          .not_after = row.time_if(9),
          .request_id = row.text(10),
          .trace_id = row.text(11),
          .created_at = row.time(12)};
}

message_record record_of(const sqlite_query& row, const sealed_columns& sealed) {
  message_record out;
  auto& draft = out.draft;
  draft.id = row.message(0);
  draft.to = row.user(1);
  draft.app = {row.text(2)};
  draft.template_name = row.text(3);
  draft.priority = row.one_of(4, message_priority::bulk);
  out.state = row.one_of(5, message_state::cancelled);
  out.attempts = row.small(6);
  if (out.state == message_state::queued)
    out.next_attempt_at = row.time(7);
  draft.not_after = row.time_if(8);
  draft.request_id = row.text(9);
  draft.trace_id = row.text(10);
  draft.created_at = row.time(11);
  auto content = open_content(sealed, row.text(12), draft.id);
  if (!content)
    throw bad_row("messages.sealed_content does not open: changed, moved, or its key is not known any more");
  draft.page = std::move(content->page);
  draft.data = std::move(content->data);
  draft.send_at = row.time(13);
  draft.sender = row.text(14);
  out.reason = row.one_of(15, fail_reason::outcome_unknown);
  out.updated_at = row.time(16);
  out.sent_at = row.time_if(17);
  out.platform_id = row.text(18);
  return out;
}

std::optional<message_content> open_content(const sealed_columns& sealed, std::string_view box,
                                            message_id row) {
  const auto packed = sealed.open_content(box, row);
  return packed ? unpack_content(*packed) : std::nullopt;
}

} // namespace weappd
