#include "tests/unit/http/api/api_world.hpp"

#include "config/crypto/access_token.hpp"
#include "http/api/routes.hpp"
#include "http/server/http_server.hpp"
#include "tests/unit/http/server/bridge_fixture.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <prometheus/registry.h>

namespace weappd::http::test {
/// Answer what you hold back.
struct release_held {};
} // namespace weappd::http::test
WEAPPD_MESSAGE(weappd::http::test::release_held)

namespace weappd::http::test {
namespace {

using fakes_ptr = std::shared_ptr<fakes>;

class standing_clock final : public wall_clock {
public:
  timestamp now() const override { return timestamp(std::chrono::milliseconds(1'795'608'000'000)); }
};

class counted_ids final : public message_id_source {
public:
  explicit counted_ids(fakes& shared) : shared_(shared) {}
  std::optional<message_id> next(timestamp) override {
    return shared_.no_ids ? std::nullopt : std::optional(message_id{++last_});
  }

private:
  fakes& shared_;
  std::atomic<std::uint64_t> last_{1'000};
};

class silent_log final : public event_log, public access_log {
public:
  void write(event_level, std::string_view, std::initializer_list<field>) override {}
  void write(const access_entry&) override {}
};

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

// -- the pusher

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

using fake_pusher_actor = template_pusher_actor::extend<caf::reacts_to<release_held>>;
struct pusher_state {
  std::vector<std::pair<accept_message, caf::typed_response_promise<message_accepted>>> held;
};
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

using fake_desk_actor = once_desk_actor::extend<caf::reacts_to<release_held>>;
struct desk_state {
  std::vector<std::pair<once_slot, caf::typed_response_promise<once_verdict>>> held;
};
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
          [=](const refresh_session& m) -> caf::result<token_grant> { return no(m); },
          [=](const get_profile& wanted) -> caf::result<profile> {
            std::lock_guard guard(shared->mutex);
            if (shared->revoked == wanted.who.user)
              return make_error(ec::invalid_access_token);
            user_record user;
            user.id = wanted.who.user;
            return profile{std::make_shared<const user_record>(user)};
          },
          [=](const change_profile& m) -> caf::result<profile> { return no(m); },
          [=](const list_sessions& m) -> caf::result<session_list> { return no(m); },
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

// -- the configuration

options settings_for(const std::function<void(options&)>& wish) {
  options settings;
  settings.http.address = "127.0.0.1";
  settings.http.port = 0;
  settings.apps["demo"] = {.kind = app_kind::mini_program, .app_id = "wx1", .app_secret = secret("s")};
  settings.apps["demo_oa"] = {.kind = app_kind::official_account, .app_id = "wx2", .app_secret = secret("s")};
  settings.default_app = "demo";

  template_options paid;
  paid.template_id = "T-paid";
  paid.page = "pages/order";
  paid.fields["character_string1"] = {};
  paid.fields["thing4"] = {};
  paid.fields["thing4"].fit = fit_rule::truncate;
  settings.templates["custom:order_paid"] = paid;

  template_options ticket;
  ticket.template_id = "T-ticket";
  ticket.life = template_life::long_term;
  ticket.fields["thing1"].text = "Ticket {{number}}";
  settings.templates["custom:ticket_ready"] = ticket;

  template_options confirm;
  confirm.kind = template_kind::template_;
  confirm.template_id = "T-confirm";
  confirm.fields["thing2"] = {};
  settings.templates["industry:order_confirm"] = confirm;

  settings.clients["shop"].scopes = {"messages:send", "token:read"};
  settings.clients["reader"].scopes = {"token:read"};
  settings.clients["idle"] = {};
  if (wish)
    wish(settings);
  return settings;
}

key_set test_keys() {
  key_set keys;
  keys.signing = keyring({{"one", secret("0123456789abcdef0123456789abcdef")}}, "one");
  keys.lookup = keyring({{"two", secret("abcdef0123456789abcdef0123456789")}}, "two");
  return keys;
}

} // namespace

struct api_world::parts {
  explicit parts(const std::function<void(options&)>& wish) : settings(settings_for(wish)) {}

  fakes_ptr shared = std::make_shared<fakes>();
  options settings;
  key_set keys = test_keys();
  standing_clock clock;
  counted_ids ids{*shared};
  silent_log log;
  prometheus::Registry registry;
  server_metrics metrics{registry};
  directory_ptr known =
      std::make_shared<directory>(std::vector<app_key>{{"demo"}, {"demo_oa"}}, std::vector<app_key>{{"demo"}},
                                  std::vector<app_key>{}, directory::sizes{.template_pushers = 2});
  server_context context{.settings = settings,
                         .keys = keys,
                         .clock = clock,
                         .parts = known,
                         .events = log,
                         .requests = log,
                         .metrics = metrics,
                         .message_ids = ids,
                         .version = "test"};
  http_server server{context, public_routes(false)};
  std::uint16_t port = 0;
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::vector<fake_pusher_actor> pushers;
  fake_desk_actor desk;
  std::vector<caf::actor> all;
  std::size_t actors_at_start = 0;

  template <class Handle>
  Handle started(Handle handle) {
    all.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  void start_actors() {
    for (std::size_t i = 0; i < known->pushers.size(); ++i) {
      pushers.push_back(started(system->spawn(fake_pusher, shared, "push." + std::to_string(i))));
      known->pushers[i].set(pushers[i]);
    }
    desk = started(system->spawn(fake_desk, shared));
    known->once_desks[0].set(desk);
    known->store_readers[0].set(started(system->spawn(fake_reader, shared)));
    known->store_writer.set(started(system->spawn(fake_writer, shared)));
    known->users[0].set(started(system->spawn(fake_router, shared)));
    known->rate_limiters[0].set(started(system->spawn(fake_limiter, shared)));
    known->service_desk.set(started(system->spawn(fake_service_desk, shared)));
    known->wechat.set(started(system->spawn(fake_wechat, 0)));
    for (auto& [app, refresher] : known->tokens)
      refresher.set(started(system->spawn(fake_refresher, shared)));
    for (auto& [app, checker] : known->template_checkers)
      checker.set(started(system->spawn(fake_checker, shared)));
    actors_at_start = system->registry().running();
  }
  void stop_actors() {
    known->clear();
    pushers.clear();
    desk = fake_desk_actor{};
    for (auto& each : std::exchange(all, {}))
      caf::anon_send_exit(std::exchange(each, {}), caf::exit_reason::user_shutdown);
  }
  [[nodiscard]] std::string token(const crypto::access_claims& who) const {
    crypto::token_signer signer(keys.signing, settings.auth.issuer, settings.auth.audience);
    auto claims = who;
    claims.token = "t";
    claims.issued_at = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
    claims.expires_at = claims.issued_at + 60;
    return signer.sign(claims);
  }
};

api_world::api_world(const std::function<void(options&)>& wish) : parts_(std::make_unique<parts>(wish)) {
  use_io_threads(parts_->config, 2);
  parts_->system = std::make_unique<caf::actor_system>(parts_->config);
  parts_->start_actors();
  parts_->port = parts_->server.listen(*parts_->system, parts_->settings.http.address,
                                       static_cast<std::uint16_t>(parts_->settings.http.port));
}

api_world::~api_world() {
  parts_->server.stop_accepting();
  parts_->server.close_connections();
  parts_->stop_actors();
  parts_->system.reset();
}

fakes& api_world::the() {
  return *parts_->shared;
}
timestamp api_world::now() const {
  return parts_->clock.now();
}
std::uint16_t api_world::port() const {
  return parts_->port;
}

kit::http_response api_world::get(std::string_view path, const kit::field_list& fields) const {
  return kit::http_client(port()).get(path, fields);
}
kit::http_response api_world::post(std::string_view path, const nlohmann::json& body,
                                   const kit::field_list& fields) const {
  return kit::http_client(port()).post_json(path, body, fields);
}

kit::field_list api_world::user(std::uint64_t id) const {
  const auto name = to_string(user_id{id});
  const auto session = to_string(session_id{});
  crypto::access_claims who;
  who.user = name;
  who.session = session;
  who.app = "demo";
  who.role = "user";
  return {{"Authorization", "Bearer " + parts_->token(who)}};
}
kit::field_list api_world::client(std::string_view id) const {
  const auto name = "client:" + std::string(id);
  crypto::access_claims who;
  who.user = name;
  who.role = "service";
  return {{"Authorization", "Bearer " + parts_->token(who)}};
}

void api_world::let_go() {
  for (const auto& pusher : parts_->pushers)
    caf::anon_send(pusher, release_held{});
  caf::anon_send(parts_->desk, release_held{});
}

void api_world::kill_pusher() {
  caf::scoped_actor self(*parts_->system);
  for (const auto& pusher : parts_->pushers) {
    caf::anon_send_exit(pusher, caf::exit_reason::kill);
    self->wait_for(pusher);
  }
}

bool api_world::is_at_rest() const {
  return parts_->context.in_flight == 0 && parts_->system->registry().running() == parts_->actors_at_start;
}

std::string api_world::policy_name(policy_id id) const {
  for (const auto& policy : parts_->context.limits.get()->all())
    if (policy.id == id)
      return policy.name;
  return {};
}

kit::field_list with(kit::field_list fields, std::string name, std::string value) {
  fields.emplace_back(std::move(name), std::move(value));
  return fields;
}

std::vector<std::string> details_of(const kit::http_response& answer) {
  std::vector<std::string> words;
  const auto body = answer.json();
  if (body.is_object() && body.contains("details"))
    for (const auto& one : body["details"])
      words.push_back(one["field"].get<std::string>() + ": " + one["problem"].get<std::string>());
  return words;
}

bool is_failure(const kit::http_response& answer, ec code) {
  const auto body = answer.json();
  return answer.status == describe(code).http_status && body.is_object() &&
         body.value("code", std::uint64_t{0}) == describe(code).public_code;
}

} // namespace weappd::http::test
