#include "tests/kit/actors/fakes.hpp"

#include <algorithm>
#include <utility>

namespace weappd {
namespace {

/// Gives the answer now, or after `delay` and in the order of the questions.
template <class Answer, class Self>
caf::result<Answer> answer_after(Self self, std::chrono::milliseconds delay, caf::expected<Answer> answer,
                                 std::function<void()> then = {}) {
  if (delay.count() == 0) {
    if (then)
      then();
    if (answer)
      return std::move(*answer);
    return std::move(answer.error());
  }
  auto promise = self->template make_response_promise<Answer>();
  self->state.answers.push_back([promise, answer, then]() mutable {
    if (then)
      then();
    if (answer)
      promise.deliver(std::move(*answer));
    else
      promise.deliver(std::move(answer.error()));
  });
  self->delayed_send(self, delay, tick_fake_answer{});
  return promise;
}

/// One message to the store: counted, refused when the store is broken, else done.
template <class Answer, class Self, class Work>
caf::result<Answer> serve(Self self, const memory_store_ptr& store, const char* message, Work work,
                          std::chrono::milliseconds more_delay = {}) {
  ++store->calls[message];
  auto answer = store->failure == ec::none ? caf::expected<Answer>(work()) : make_error(store->failure);
  return answer_after<Answer>(self, store->delay + more_delay, std::move(answer));
}

template <class Self>
auto next_answer(Self self) {
  return [self](tick_fake_answer) {
    auto& answers = self->state.answers;
    const auto give = std::move(answers.front());
    answers.pop_front();
    give();
  };
}

status_report report(const memory_store& store) {
  return {.state = store.failure == ec::none ? health::ok : health::down, .detail = "in memory"};
}

} // namespace

fake_writer_actor::behavior_type fake_store_writer(fake_writer_actor::stateful_pointer<fake_state> self,
                                                   memory_store_ptr store) {
  return {
      [=](get_status) { return report(*store); },
      [=](const resolve_identity& m) {
        return serve<identity_resolved>(self, store, "resolve_identity", [&] { return store->resolve(m); });
      },
      [=](const add_session& m) {
        return serve<stored>(self, store, "add_session", [&] { return store->add(m); });
      },
      [=](const rotate_refresh_token& m) {
        return serve<stored>(self, store, "rotate_refresh_token", [&] { return store->rotate(m); });
      },
      [=](const remove_sessions& m) {
        return serve<stored>(self, store, "remove_sessions", [&] { return store->remove(m); });
      },
      [=](const save_user& m) {
        return serve<stored>(self, store, "save_user", [&] { return store->save(m); });
      },
      [=](const touch_sessions& m) {
        return serve<stored>(self, store, "touch_sessions", [&] { return store->touch(m); });
      },
      [=](const add_message& m) {
        return serve<message_accepted>(self, store, "add_message", [&] { return store->add(m); });
      },
      [=](const lease_messages& m) {
        return serve<messages_leased>(self, store, "lease_messages", [&] { return store->lease(m); });
      },
      [=](const settle_messages& m) {
        return serve<stored>(self, store, "settle_messages", [&] { return store->settle(m); });
      },
      [=](const requeue_message& m) {
        return serve<requeued>(self, store, "requeue_message", [&] { return store->requeue(m); });
      },
      [=](const record_consents& m) {
        return serve<consent_balances>(self, store, "record_consents", [&] { return store->record(m); });
      },
      [=](const clear_marks& m) {
        return serve<stored>(self, store, "clear_marks", [&] { return store->clear(m); });
      },
      [=](const keep_answer& m) {
        return serve<stored>(self, store, "keep_answer", [&] { return store->keep(m); });
      },
      [=](const forget_old& m) {
        return serve<forgotten>(self, store, "forget_old", [&] { return store->forget(m); });
      },
      [=](const add_followers& m) {
        return serve<followers_added>(self, store, "add_followers", [&] { return store->add(m); });
      },
      [=](const note_following& m) {
        return serve<stored>(self, store, "note_following", [&] { return store->set_following(m); });
      },
      [=](const save_bans& m) {
        return serve<stored>(self, store, "save_bans", [&] { return store->save(m); });
      },
      next_answer(self),
  };
}

fake_reader_actor::behavior_type fake_store_reader(fake_reader_actor::stateful_pointer<fake_state> self,
                                                   memory_store_ptr store) {
  return {
      [=](get_status) { return report(*store); },
      [=](const load_user& m) {
        return serve<user_snapshot>(self, store, "load_user", [&] { return store->load(m.user); });
      },
      [=](get_newest_user) {
        return serve<newest_user>(self, store, "get_newest_user", [&] { return newest_user{store->newest}; });
      },
      [=](const load_message& m) {
        return serve<message_record>(self, store, "load_message", [&] { return store->load(m); });
      },
      [=](const list_messages& m) {
        return serve<message_page>(self, store, "list_messages", [&] { return store->list(m); });
      },
      [=](const load_unfinished& m) {
        return serve<unfinished_messages>(
            self, store, "load_unfinished", [&] { return store->load(m); }, store->unfinished_delay);
      },
      [=](const load_consents& m) {
        return serve<consent_balances>(self, store, "load_consents", [&] { return store->load(m); });
      },
      [=](const find_answer& m) {
        return serve<answer_found>(self, store, "find_answer", [&] { return store->find(m); });
      },
      [=](get_newest_message) {
        return serve<newest_message>(self, store, "get_newest_message",
                                     [&] { return newest_message{store->newest_message_id}; });
      },
      [=](const find_new_followers& m) {
        return serve<new_followers>(self, store, "find_new_followers", [&] { return store->find(m); });
      },
      [=](const load_bans& m) {
        return serve<all_bans>(self, store, "load_bans", [&] { return store->load(m); });
      },
      next_answer(self),
  };
}

code_exchanged identity_of(std::string who, std::string union_id) {
  code_exchanged identity{
      .who = openid(std::move(who)), .union_id = {}, .session_key = secret("c2Vzc2lvbi1rZXktMTIzNA==")};
  if (!union_id.empty())
    identity.union_id = unionid(std::move(union_id));
  return identity;
}

send_result send_accepted(std::string platform_id) {
  send_result result;
  result.what = send_result::outcome::accepted;
  result.errcode = 0;
  result.platform_id = std::move(platform_id);
  return result;
}

send_result send_refused(std::int64_t errcode, handling how, fail_reason reason, send_scope scope) {
  send_result result;
  result.what = send_result::outcome::refused;
  result.errcode = errcode;
  result.how = how;
  result.reason = reason;
  result.scope = scope;
  return result;
}

scripted_wechat::scripted_wechat()
    : on_exchange([](const exchange_code& m) { return identity_of("openid-of-" + m.code.reveal()); }),
      on_fetch([this](const fetch_access_token&) {
        return access_token_fetched{secret("token-" + std::to_string(fetches)), std::chrono::hours(2)};
      }),
      on_send([](const send_to_user&) { return send_accepted(); }), on_templates([](const fetch_templates&) {
        return templates_fetched{
            .items = {{.id = "tmpl-order-paid",
                       .long_term = false,
                       .fields = {"character_string1", "amount2", "time3", "thing4"}},
                      {.id = "tmpl-ticket-ready", .long_term = true, .fields = {"thing1", "date2"}}}};
      }),
      on_list([this](const list_followers& m) {
        followers_listed page{.who = {}, .total = followers.size()};
        auto next = m.after.empty() ? followers.begin() : followers.upper_bound(m.after);
        for (; next != followers.end() && page.who.size() < follower_page; ++next)
          page.who.push_back(next->first);
        page.more = page.who.size() == follower_page;
        return page;
      }),
      on_describe([this](const describe_followers& m) -> caf::expected<followers_described> {
        followers_described out;
        for (const auto& who : m.who) {
          const auto found = followers.find(who);
          if (found == followers.end())
            return make_error(ec::not_found, "40003");
          if (found->second.empty())
            ++out.nameless;
          else
            out.items.push_back({who, found->second});
        }
        return out;
      }) {}

fake_gateway_actor::behavior_type fake_wechat_gateway(fake_gateway_actor::stateful_pointer<fake_state> self,
                                                      scripted_wechat_ptr wechat) {
  return {
      [](get_status) { return status_report{.state = health::ok, .detail = "scripted"}; },
      [=](const exchange_code& m) {
        ++wechat->exchanges;
        auto& uses = wechat->uses[m.code.reveal()];
        caf::expected<code_exchanged> answer = make_error(ec::invalid_code, "40163");
        if (uses == 0) {
          answer = wechat->on_exchange(m);
          uses += answer ? 1 : 0;
        }
        return answer_after<code_exchanged>(self, wechat->delay, std::move(answer));
      },
      [=](const fetch_access_token& m) {
        ++wechat->fetches;
        ++wechat->fetches_under_way;
        wechat->most_fetches_at_once = std::max(wechat->most_fetches_at_once, wechat->fetches_under_way);
        return answer_after<access_token_fetched>(self, wechat->delay, wechat->on_fetch(m),
                                                  [wechat] { --wechat->fetches_under_way; });
      },
      [=](const send_to_user& m) {
        wechat->sends.push_back(m);
        auto& now = wechat->sends_under_way[m.to];
        auto& most = wechat->most_sends_at_once[m.to];
        most = std::max(most, ++now);
        return answer_after<send_result>(self, wechat->delay, wechat->on_send(m),
                                         [wechat, to = m.to] { --wechat->sends_under_way[to]; });
      },
      [=](const fetch_templates& m) {
        ++wechat->template_fetches;
        return answer_after<templates_fetched>(self, wechat->delay, wechat->on_templates(m));
      },
      [=](const list_followers& m) {
        ++wechat->follower_lists;
        return answer_after<followers_listed>(self, wechat->delay, wechat->on_list(m));
      },
      [=](const describe_followers& m) {
        wechat->described.insert(wechat->described.end(), m.who.begin(), m.who.end());
        ++wechat->follower_descriptions;
        return answer_after<followers_described>(self, wechat->delay, wechat->on_describe(m));
      },
      next_answer(self),
  };
}

fake_captcha_actor::behavior_type fake_captcha_verifier(fake_captcha_actor::stateful_pointer<fake_state> self,
                                                        scripted_captcha_ptr captcha) {
  return {
      [](get_status) { return status_report{.state = health::ok, .detail = "scripted"}; },
      [=](const verify_captcha& asked) {
        captcha->asked.push_back(asked);
        return answer_after<captcha_judgement>(
            self, captcha->delay, captcha_judgement{.verdict = captcha->says, .detail = "as the test says"});
      },
      next_answer(self),
  };
}

fake_session_actor::behavior_type fake_session(fake_session_actor::stateful_pointer<fake_session_state> self,
                                               scripted_users_ptr users, user_id user) {
  const auto number = ++users->woken;
  users->most_awake_of_one = std::max(users->most_awake_of_one, ++users->awake[user]);
  self->state.presence = std::shared_ptr<void>(nullptr, [=](void*) { --users->awake[user]; });
  user_record record;
  record.id = user;
  record.nickname = std::to_string(number);
  const auto known = std::make_shared<const user_record>(std::move(record));
  token_grant grant;
  grant.user = known;
  return {
      [=](const open_session&) { return grant; },
      [=](const resume_session&) { return grant; },
      [=](const refresh_session&) { return grant; },
      [=](const get_profile&) { return profile{known}; },
      [=](const change_profile&) { return profile{known}; },
      [](const list_sessions&) { return session_list{}; },
      [](const close_session&) { return done{}; },
      [](const logout&) { return done{}; },
      [](const set_user_status&) { return done{}; },
      [=](fall_asleep) {
        const auto asleep = users->sleeps;
        return answer_after<sleep_answer>(self, users->sleep_delay, sleep_answer{asleep}, [=] {
          if (asleep)
            self->quit();
        });
      },
      next_answer(self),
  };
}

rate_limiter_actor::behavior_type fake_rate_limiter(rate_limiter_actor::pointer, verdict always) {
  return {
      [](get_status) { return status_report{.state = health::ok, .detail = "fake"}; },
      [=](const acquire&) { return always; },
      [](const use_limits&) { return done{}; },
  };
}

} // namespace weappd
