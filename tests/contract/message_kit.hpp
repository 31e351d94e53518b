#pragma once

#include "messages/outbox.hpp"
#include "store_contract.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// What tests of messages share: messages to store, ends to settle, and the users they are for.
namespace weappd {

inline constexpr auto order_paid = "custom:order_paid";

/// A message whose every field differs from what a new object has.
inline message_draft sample_draft(user_id to, std::uint64_t id, timestamp at = morning) {
  using namespace std::chrono_literals;
  return {.id = {id},
          .to = to,
          .app = {"demo"},
          .template_name = order_paid,
          .priority = message_priority::bulk,
          .page = "pages/order?id=" + std::to_string(id),
          .data = {{"thing1", "two tickets"}, {"amount2", std::string("1\t2\n\0 3", 7)}, {"thing3", ""}},
          .created_at = at,
          .send_at = at + 5s,
          .not_after = at + 1h,
          .sender = "client:shop",
          .request_id = "request-" + std::to_string(id),
          .trace_id = "0123456789abcdef0123456789abcdef"};
}

inline add_message sample_message(user_id to, std::uint64_t id, timestamp at = morning) {
  add_message out;
  out.draft = sample_draft(to, id, at);
  return out;
}
inline add_message needing_credit(user_id to, std::uint64_t id, bool refuse = false) {
  auto out = sample_message(to, id);
  out.need = consent_need::one_time;
  out.refuse_without_credit = refuse;
  return out;
}

inline kept_answer answer_of(int status, const std::string& body) {
  return {status, secret(body)};
}
inline kept_answers answers_under(std::uint8_t name) {
  return {.slot = {filled<keyed_hash>(name), filled<keyed_hash>(static_cast<std::uint8_t>(name + 1))},
          .queued = answer_of(202, "queued"),
          .not_subscribed = answer_of(202, "not subscribed"),
          .not_following = answer_of(202, "not following"),
          .bad_openid = answer_of(202, "bad openid")};
}

inline lease_messages lease_of(std::vector<message_id> ids, timestamp at = morning) {
  using namespace std::chrono_literals;
  return {.ids = std::move(ids), .node = 3, .at = at, .until = at + 1min};
}

inline settlement settled(std::uint64_t id, message_state state, credit_outcome credit = credit_outcome::keep,
                          timestamp at = morning) {
  settlement out;
  out.id = {id};
  out.state = state;
  out.credit = credit;
  out.at = at;
  return out;
}

inline save_user status_change(user_id user, user_status status) {
  save_user out;
  out.user.id = user;
  out.user.status = status;
  return out;
}

inline record_consents answer_to(user_id user, consent_answer answer,
                                 consent_source source = consent_source::client,
                                 std::optional<timestamp> event_at = {}) {
  record_consents out;
  out.user = user;
  out.source = source;
  out.at = morning;
  out.event_at = event_at;
  out.answers = {{order_paid, consent_need::one_time, answer}};
  return out;
}

inline std::vector<std::string> rules_of(const message_story& story) {
  std::vector<std::string> out;
  for (const auto& event : story)
    out.push_back(std::string(to_string(event.what)) + ":" + std::string(to_string(event.state)) + ":" +
                  event.rule);
  return out;
}

inline std::vector<std::uint64_t> numbers(const std::vector<message_id>& ids) {
  std::vector<std::uint64_t> out;
  for (const auto id : ids)
    out.push_back(id.value);
  return out;
}

inline void expect_same(const message_draft& a, const message_draft& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.app, b.app);
  EXPECT_EQ(a.template_name, b.template_name);
  EXPECT_EQ(a.priority, b.priority);
  EXPECT_EQ(a.page, b.page);
  EXPECT_EQ(a.data, b.data);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.send_at, b.send_at);
  EXPECT_EQ(a.not_after, b.not_after);
  EXPECT_EQ(a.sender, b.sender);
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.trace_id, b.trace_id);
}

/// The contract about messages: one user, 1001, with an openid of the app "demo".
class message_contract : public store_contract {
protected:
  message_accepted accept(const add_message& what) {
    const auto added = write(what);
    EXPECT_EQ(code_of(added), ec::none);
    return added ? *added : message_accepted{};
  }
  messages_leased lease(std::vector<std::uint64_t> ids, timestamp at = morning) {
    std::vector<message_id> wanted;
    for (const auto id : ids)
      wanted.push_back({id});
    auto leased = write(lease_of(std::move(wanted), at));
    EXPECT_EQ(code_of(leased), ec::none);
    if (leased)
      for (const auto& one : leased->messages)
        under_way[one.id] = one.lease;
    return leased ? std::move(*leased) : messages_leased{};
  }
  /// Ends the message's newest attempt, or ends it while it waits.
  void settle(settlement item) {
    if (const auto found = under_way.extract(item.id); !found.empty())
      item.lease = found.mapped();
    settle_as_it_is(std::move(item));
  }
  void settle_as_it_is(settlement item) {
    EXPECT_EQ(code_of(write(settle_messages{{std::move(item)}})), ec::none);
  }
  /// Leases a message and ends its attempt.
  void send(std::uint64_t id, settlement how) {
    EXPECT_EQ(lease({id}).messages.size(), 1u);
    settle(std::move(how));
  }
  message_record message(std::uint64_t id) {
    auto loaded = reader->read(load_message{{id}});
    EXPECT_EQ(code_of(loaded), ec::none);
    return loaded ? std::move(*loaded) : message_record{};
  }
  bool is_there(std::uint64_t id) { return code_of(reader->read(load_message{{id}})) == ec::none; }

  void allow(std::uint32_t credits) {
    for (std::uint32_t i = 0; i < credits; ++i)
      EXPECT_EQ(code_of(write(answer_to(user, consent_answer::accept))), ec::none);
  }
  std::uint32_t credits() {
    const auto balances = reader->read(load_consents{user});
    EXPECT_EQ(code_of(balances), ec::none);
    return balances && !balances->items.empty() ? balances->items.front().credits : 0;
  }
  std::uint64_t total(const list_messages& what = {}) {
    const auto page = reader->read(what);
    EXPECT_EQ(code_of(page), ec::none);
    return page ? page->total : 0;
  }
  std::optional<answer_found::row> kept(std::uint8_t name) {
    auto found = reader->read(find_answer{filled<keyed_hash>(name)});
    EXPECT_EQ(code_of(found), ec::none);
    return found ? std::move(found->kept) : std::nullopt;
  }

  user_id user = make_user();
  std::map<message_id, std::uint32_t> under_way; ///< leases that were not settled yet
};

} // namespace weappd
