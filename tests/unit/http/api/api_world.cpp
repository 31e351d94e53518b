#include "tests/unit/http/api/api_world.hpp"

#include "config/crypto/access_token.hpp"
#include "http/api/routes.hpp"
#include "http/server/http_server.hpp"
#include "tests/unit/http/api/api_fakes.hpp"
#include "tests/unit/http/server/bridge_fixture.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <prometheus/registry.h>

namespace weappd::http::test {
namespace {

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
  http_server server{context, public_routes({.metrics = false})};
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
