#pragma once

#include "actors/template_pusher.hpp"
#include "tests/kit/actors/whole_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weappd {

using namespace std::chrono_literals;

inline constexpr auto paid = "custom:order_paid";         // one-time
inline constexpr auto ticket = "custom:ticket_ready";     // long-term
inline constexpr auto confirm = "industry:order_confirm"; // official account

inline options with_one_pusher() {
  auto config = world_options();
  config.pools.template_pusher = 1;
  config.push.max_in_flight = 64;
  return config;
}

/// A whole server in virtual time, and users who can be sent to.
struct a_pusher : ::testing::Test {
  explicit a_pusher(options config = with_one_pusher()) : w(std::move(config)) { w.start(); }

  user_id add_user(std::uint64_t number) {
    const user_id id{number};
    w.store->add_user(id, w.now());
    for (const auto* app : {"demo", "demo_oa"})
      w.store->identities[{app_key{app}, openid(std::string(app) + "-" + std::to_string(number))}] = id;
    return id;
  }

  message_draft draft(user_id to, std::string template_name) {
    message_draft out;
    out.id = {++last_id};
    out.to = to;
    out.app = {template_name == confirm ? "demo_oa" : "demo"};
    out.template_name = std::move(template_name);
    out.data = {{"thing1", "text"}};
    out.created_at = out.send_at = w.now();
    out.sender = "client:demo";
    out.request_id = "request-" + std::to_string(last_id);
    return out;
  }

  pending<message_accepted> post(message_draft what) {
    const auto pusher = w.directory().pusher_of(what.to);
    return w.send<message_accepted>(pusher,
                                    accept_message{.draft = std::move(what), .guard = {}, .answers = {}});
  }
  message_id accept(message_draft what) {
    const auto id = what.id;
    auto answer = post(std::move(what));
    w.run();
    const auto got = answer.take();
    EXPECT_TRUE(got);
    return id;
  }
  message_id send(user_id to, std::string template_name = ticket) {
    return accept(draft(to, std::move(template_name)));
  }
  message_state state(message_id id) const { return w.store->message(id).state; }
  fail_reason reason(message_id id) const { return w.store->message(id).reason; }
  /// The rules of the story, in order.
  std::vector<std::string> rules(message_id id) const {
    std::vector<std::string> out;
    for (const auto& event : w.store->message(id).story)
      out.push_back(event.rule);
    return out;
  }
  void refuse_next(std::int64_t errcode, handling how, fail_reason why = fail_reason::none,
                   send_scope scope = send_scope::message) {
    w.wechat->on_send = [=, this](const send_to_user&) -> caf::expected<send_result> {
      auto refusal = send_refused(errcode, how, why, scope);
      take_all(); // ends this function: nothing that it holds is touched from here on
      return refusal;
    };
  }
  void answer_all(send_result::outcome what) {
    w.wechat->on_send = [=](const send_to_user&) -> caf::expected<send_result> {
      send_result out;
      out.what = what;
      return out;
    };
  }
  void take_all() {
    w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> { return send_accepted("1"); };
  }
  /// The user accepts the one-time template so often, and the ledger is told.
  void grant(user_id to, int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_TRUE(w.ask<consent_balances>(
          w.directory().store_writer.get(),
          record_consents{.user = to,
                          .source = consent_source::client,
                          .at = w.now(),
                          .answers = {{.template_name = paid, .answer = consent_answer::accept}}}));
  }
  void kill_pusher() {
    w.kill(w.directory().pushers.pick(0));
    w.advance(1s); // the supervisor starts another
  }

  whole_world w;
  std::uint64_t last_id = 1'000;
};

} // namespace weappd
