#include "tests/unit/http/api/api_fakes.hpp"

namespace weappd::http::test {

namespace {

template <class T>
caf::result<T> result_of(fakes::outcome<T> what) {
  if (auto* failed = std::get_if<ec>(&what))
    return make_error(*failed);
  return std::get<T>(std::move(what));
}

status_report state_of(fakes& shared, const std::string& part) {
  std::lock_guard guard(shared.mutex);
  const auto found = shared.states.find(part);
  return found == shared.states.end() ? status_report{} : found->second;
}

} // namespace

// -- the pusher

namespace {

fakes::outcome<message_accepted> accept(fakes& shared, const accept_message& wanted) {
  std::lock_guard guard(shared.mutex);
  const fakes::outcome<message_accepted> outcome =
      shared.accept ? shared.accept(wanted) : message_accepted{.id = wanted.draft.id};
  shared.accepted.push_back(wanted);
  const auto* accepted = std::get_if<message_accepted>(&outcome);
  if (accepted == nullptr || !wanted.answers)
    return outcome;
  // As the store does it: effect and answer in one transaction.
  const auto& answers = *wanted.answers;
  const auto& fits = accepted->reason == fail_reason::not_subscribed  ? answers.not_subscribed
                     : accepted->reason == fail_reason::not_following ? answers.not_following
                     : accepted->reason == fail_reason::bad_openid    ? answers.bad_openid
                                                                      : answers.queued;
  shared.slots[answers.slot.name] = {answers.slot.fingerprint, fits};
  return outcome;
}

} // namespace

fake_pusher_actor::behavior_type fake_pusher(fake_pusher_actor::stateful_pointer<pusher_state> self,
                                             fakes_ptr shared, std::string name) {
  return {[=](get_status) { return state_of(*shared, name); },
          [=](const accept_message& wanted) -> caf::result<message_accepted> {
            if (!shared->hold_pusher)
              return result_of(accept(*shared, wanted));
            auto promise = self->make_response_promise<message_accepted>();
            self->state.held.emplace_back(wanted, promise);
            ++shared->held;
            return promise;
          },
          [=](const retry_message& wanted) -> caf::result<message_accepted> {
            std::lock_guard guard(shared->mutex);
            shared->retried.push_back(wanted);
            if (shared->retry_fails)
              return make_error(*shared->retry_fails);
            return message_accepted{.id = wanted.id};
          },
          [=](release_held) {
            for (auto& [wanted, promise] : std::exchange(self->state.held, {})) {
              auto outcome = accept(*shared, wanted);
              if (auto* failed = std::get_if<ec>(&outcome))
                promise.deliver(make_error(*failed));
              else
                promise.deliver(std::get<message_accepted>(outcome));
              --shared->held;
            }
          }};
}

// -- the once desk

namespace {

fakes::outcome<once_verdict> begin(fakes& shared, const once_slot& wanted) {
  std::lock_guard guard(shared.mutex);
  ++shared.began;
  const auto [found, fresh] = shared.slots.try_emplace(wanted.name);
  if (fresh) {
    found->second.fingerprint = wanted.fingerprint;
    return once_verdict{};
  }
  if (found->second.fingerprint != wanted.fingerprint)
    return ec::idempotency_mismatch;
  if (!found->second.kept)
    return ec::idempotency_in_progress;
  return once_verdict{found->second.kept};
}

caf::result<done> end(fakes& shared, const end_once& ended) {
  std::lock_guard guard(shared.mutex);
  (ended.answer ? shared.ended_with_answer : shared.ended_without) += 1;
  const auto found = shared.slots.find(ended.slot.name);
  if (found == shared.slots.end() || found->second.kept)
    return done{};
  if (!ended.answer || shared.keeping_fails)
    shared.slots.erase(found);
  else
    found->second.kept = ended.answer;
  if (ended.answer && shared.keeping_fails)
    return make_error(ec::storage_unavailable);
  return done{};
}

} // namespace

fake_desk_actor::behavior_type fake_desk(fake_desk_actor::stateful_pointer<desk_state> self,
                                         fakes_ptr shared) {
  return {[](get_status) { return status_report{}; },
          [=](const begin_once& wanted) -> caf::result<once_verdict> {
            if (!shared->hold_desk)
              return result_of(begin(*shared, wanted.slot));
            auto promise = self->make_response_promise<once_verdict>();
            self->state.held.emplace_back(wanted.slot, promise);
            ++shared->held;
            return promise;
          },
          [=](const end_once& ended) { return end(*shared, ended); },
          [=](release_held) {
            for (auto& [slot, promise] : std::exchange(self->state.held, {})) {
              promise.deliver(std::get<once_verdict>(begin(*shared, slot)));
              --shared->held;
            }
          }};
}

// -- the others

store_reader_actor::behavior_type fake_reader(store_reader_actor::pointer, fakes_ptr shared) {
  return {[](get_status) { return status_report{}; },
          [](const load_user&) -> caf::result<user_snapshot> { return make_error(ec::not_found); },
          [](get_newest_user) { return newest_user{}; },
          [=](const load_message& wanted) -> caf::result<message_record> {
            std::lock_guard guard(shared->mutex);
            const auto found = shared->messages.find(wanted.id.value);
            if (found == shared->messages.end())
              return make_error(ec::not_found);
            return found->second;
          },
          [=](const list_messages& wanted) {
            std::lock_guard guard(shared->mutex);
            shared->listed = wanted;
            message_page page;
            for (const auto& [id, message] : shared->messages)
              page.items.push_back(message);
            page.total = shared->total;
            return page;
          },
          [](const load_unfinished&) { return unfinished_messages{}; },
          [](const load_consents&) { return consent_balances{}; },
          [](const find_answer&) { return answer_found{}; },
          [](get_newest_message) { return newest_message{}; },
          [](const find_new_followers&) { return new_followers{}; },
          [](const load_bans&) { return all_bans{}; }};
}

store_writer_actor::behavior_type fake_writer(store_writer_actor::pointer, fakes_ptr shared) {
  const auto no = [](const auto&) -> caf::error { return make_error(ec::internal_error); };
  return {[](get_status) { return status_report{}; },
          [=](const resolve_identity& m) -> caf::result<identity_resolved> { return no(m); },
          [=](const add_session& m) -> caf::result<stored> { return no(m); },
          [=](const rotate_refresh_token& m) -> caf::result<stored> { return no(m); },
          [=](const remove_sessions& m) -> caf::result<stored> { return no(m); },
          [=](const save_user& m) -> caf::result<stored> { return no(m); },
          [=](const touch_sessions& m) -> caf::result<stored> { return no(m); },
          [=](const weappd::add_message& m) -> caf::result<message_accepted> { return no(m); },
          [=](const lease_messages& m) -> caf::result<messages_leased> { return no(m); },
          [=](const settle_messages& m) -> caf::result<stored> { return no(m); },
          [=](const requeue_message& m) -> caf::result<requeued> { return no(m); },
          [=](const record_consents& report) -> caf::result<consent_balances> {
            std::lock_guard guard(shared->mutex);
            shared->consents.push_back(report);
            if (shared->consents_fail)
              return make_error(*shared->consents_fail);
            consent_balances balances;
            for (const auto& one : report.answers) {
              const bool good = one.answer == consent_answer::accept;
              const bool forever = good && one.need == consent_need::long_term;
              balances.items.push_back({.template_name = one.template_name,
                                        .last = one.answer,
                                        .credits = good && !forever ? 1u : 0u,
                                        .unlimited = forever});
            }
            return balances;
          },
          [=](const clear_marks& m) -> caf::result<stored> { return no(m); },
          [=](const keep_answer& m) -> caf::result<stored> { return no(m); },
          [=](const forget_old& m) -> caf::result<forgotten> { return no(m); },
          [=](const add_followers& m) -> caf::result<followers_added> { return no(m); },
          [=](const note_following& m) -> caf::result<stored> { return no(m); },
          [=](const save_bans& m) -> caf::result<stored> { return no(m); }};
}

session_router_actor::behavior_type fake_router(session_router_actor::pointer, fakes_ptr shared) {
  const auto no = [](const auto&) -> caf::error { return make_error(ec::internal_error); };
  return {[=](const open_session& m) -> caf::result<token_grant> { return no(m); },
          [=](const resume_session& m) -> caf::result<token_grant> { return no(m); },
          [=](const refresh_session& m) -> caf::result<token_grant> { return no(m); },
          [=](const get_profile& wanted) -> caf::result<profile> {
            std::lock_guard guard(shared->mutex);
            ++shared->profiles_asked;
            if (shared->revoked == wanted.who.user)
              return make_error(ec::invalid_access_token);
            if (shared->locked == wanted.who.user)
              return make_error(ec::user_blocked);
            user_record user;
            user.id = wanted.who.user;
            return profile{std::make_shared<const user_record>(user)};
          },
          [=](const change_profile& m) -> caf::result<profile> { return no(m); },
          [=](const list_sessions&) {
            std::lock_guard guard(shared->mutex);
            return session_list{shared->sessions};
          },
          [=](const close_session& m) -> caf::result<done> { return no(m); },
          [=](const logout& m) -> caf::result<done> { return no(m); },
          [=](const set_user_status& m) -> caf::result<done> { return no(m); },
          [](get_status) { return status_report{}; }};
}

rate_limiter_actor::behavior_type fake_limiter(rate_limiter_actor::pointer, fakes_ptr shared) {
  return {[](get_status) { return status_report{}; },
          [=](const acquire& wanted) {
            std::lock_guard guard(shared->mutex);
            shared->policies.push_back(*wanted.policies.begin());
            return verdict{.allowed = true, .policy = *wanted.policies.begin(), .remaining = 7, .reset_s = 3};
          },
          [](const use_limits&) { return done{}; }};
}

service_desk_actor::behavior_type fake_service_desk(service_desk_actor::pointer, fakes_ptr shared) {
  return {
      [](get_status) { return status_report{}; },
      [=](const authenticate_client& wanted) -> caf::result<service_grant> {
        std::lock_guard guard(shared->mutex);
        shared->authenticated.push_back(wanted);
        if (wanted.id.value != "shop" || wanted.password.reveal() != "open sesame")
          return make_error(ec::invalid_client);
        return service_grant{secret("a.b.c"), std::chrono::seconds(7'200), {"messages:send", "token:read"}};
      }};
}

token_refresher_actor::behavior_type fake_refresher(token_refresher_actor::pointer, fakes_ptr shared) {
  return {[](get_status) { return status_report{}; },
          [=](get_access_token) -> caf::result<token_lease> {
            std::lock_guard guard(shared->mutex);
            if (!shared->lease)
              return make_error(ec::wechat_unavailable);
            return *shared->lease;
          },
          [=](const access_token_rejected& wanted) {
            std::lock_guard guard(shared->mutex);
            shared->rejected_epochs.push_back(wanted.epoch);
          }};
}

template_checker_actor::behavior_type fake_checker(template_checker_actor::pointer, fakes_ptr shared) {
  return {[=](get_status) { return state_of(*shared, "templates.demo"); }};
}

wechat_gateway_actor::behavior_type fake_wechat(wechat_gateway_actor::pointer, int) {
  const auto no = [](const auto&) -> caf::error { return make_error(ec::internal_error); };
  return {[](get_status) { return status_report{}; },
          [=](const exchange_code& m) -> caf::result<code_exchanged> { return no(m); },
          [=](const fetch_access_token& m) -> caf::result<access_token_fetched> { return no(m); },
          [=](const send_to_user& m) -> caf::result<send_result> { return no(m); },
          [=](const fetch_templates& m) -> caf::result<templates_fetched> { return no(m); },
          [=](const list_followers& m) -> caf::result<followers_listed> { return no(m); },
          [=](const describe_followers& m) -> caf::result<followers_described> { return no(m); }};
}

} // namespace weappd::http::test
