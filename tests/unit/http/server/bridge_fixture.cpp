#include "tests/unit/http/server/bridge_fixture.hpp"

#include "config/crypto/access_token.hpp"
#include "http/server/request_actor.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <charconv>
#include <map>
#include <stdexcept>

namespace weappd::http::test {
namespace {

using counter_ptr = std::shared_ptr<std::atomic<std::size_t>>;

// -- fakes

struct fake_router_state {
  std::map<std::uint64_t, caf::typed_response_promise<profile>> waiting;
  std::uint64_t next = 0;
};

fake_router_actor::behavior_type fake_router(fake_router_actor::stateful_pointer<fake_router_state> self,
                                             counter_ptr held) {
  const auto nothing = [](const auto&) -> caf::error { return make_error(ec::internal_error); };
  const auto deliver = [=](std::uint64_t number) {
    if (auto found = self->state.waiting.extract(number)) {
      found.mapped().deliver(profile{});
      held->store(self->state.waiting.size());
    }
  };
  return {
      [=](const open_session& m) -> caf::result<token_grant> { return nothing(m); },
      [=](const refresh_session& m) -> caf::result<token_grant> { return nothing(m); },
      [=](const get_profile& wanted) -> caf::result<profile> {
        const auto delay = wanted.who.user.value;
        if (delay == 0)
          return profile{};
        const auto number = self->state.next++;
        auto promise = self->make_response_promise<profile>();
        self->state.waiting.emplace(number, promise);
        held->store(self->state.waiting.size());
        if (delay != hold_back)
          self->delayed_send(self, std::chrono::milliseconds(delay), tick_answer{number});
        return promise;
      },
      [=](const change_profile& m) -> caf::result<profile> { return nothing(m); },
      [=](const list_sessions& m) -> caf::result<session_list> { return nothing(m); },
      [=](const close_session& m) -> caf::result<done> { return nothing(m); },
      [=](const logout& m) -> caf::result<done> { return nothing(m); },
      [=](const set_user_status& m) -> caf::result<done> { return nothing(m); },
      [](get_status) { return status_report{}; },
      [=](answer_held) {
        while (!self->state.waiting.empty())
          deliver(self->state.waiting.begin()->first);
      },
      [=](const tick_answer& due) { deliver(due.number); },
  };
}

rate_limiter_actor::behavior_type fake_limiter(rate_limiter_actor::pointer,
                                               std::shared_ptr<std::atomic<bool>> refusing) {
  return {[](get_status) { return status_report{}; },
          [=](const acquire&) {
            return *refusing ? verdict{.allowed = false, .remaining = 0, .reset_s = 60, .retry_after_s = 9}
                             : verdict{.allowed = true, .remaining = 7, .reset_s = 3};
          }};
}

/// Runs on a thread of its own.
store_reader_actor::behavior_type fake_reader(store_reader_actor::pointer) {
  return {[](get_status) { return status_report{}; },
          [](const load_user&) -> caf::result<user_snapshot> { return make_error(ec::not_found); },
          [](get_newest_user) { return newest_user{}; }};
}

// -- routes

void echo(request_actor& self) {
  self.succeed(200, [&](json::writer& data) {
    data.begin_object();
    data.member("echo", self.context().query);
    data.member("body", self.context().body);
    data.end_object();
  });
}

std::uint64_t parameter_of(request_actor& self) {
  std::uint64_t number = 0;
  const auto& text = self.context().parameter;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void ask_router(request_actor& self, std::uint64_t delay) {
  self.ask(self.user(), get_profile{{user_id{delay}, {}}}, [&self](const profile&) { echo(self); });
}

std::vector<route> routes() {
  return {
      {.name = "fast", .pattern = "/fast", .limit = "", .handle = echo},
      {.name = "fast_change",
       .verb = method::post,
       .pattern = "/fast",
       .body = body_kind::json,
       .limit = "",
       .handle = echo},
      {.name = "any_body", .verb = method::post, .pattern = "/any", .limit = "", .handle = echo},
      {.name = "limited", .pattern = "/limited", .handle = echo},
      {.name = "me", .pattern = "/me", .allowed = access::client, .handle = echo},
      {.name = "after",
       .pattern = "/after/{ms}",
       .limit = "",
       .handle = [](request_actor& self) { ask_router(self, parameter_of(self)); }},
      {.name = "held",
       .pattern = "/held",
       .limit = "",
       .handle = [](request_actor& self) { ask_router(self, hold_back); }},
      {.name = "detached",
       .pattern = "/detached",
       .limit = "",
       .handle =
           [](request_actor& self) {
             self.ask(self.parts().store_readers.pick(0), get_newest_user{},
                      [&self](const newest_user&) { echo(self); });
           }},
      {.name = "nobody",
       .pattern = "/nobody",
       .limit = "",
       .handle =
           [](request_actor& self) {
             self.ask(self.parts().wechat.get(), get_status{}, [&self](const status_report&) { echo(self); });
           }},
      {.name = "throws",
       .pattern = "/throws",
       .limit = "",
       .handle = [](request_actor&) { throw std::runtime_error("a handler's fault"); }},
      {.name = "throws_later",
       .pattern = "/throws_later",
       .limit = "",
       .handle =
           [](request_actor& self) {
             self.ask(self.user(), get_profile{}, [](const profile&) { throw std::runtime_error("later"); });
           }},
      {.name = "quits", .pattern = "/quits", .limit = "", .handle = [](request_actor& self) { self.quit(); }},
      {.name = "forgets", .pattern = "/forgets", .limit = "", .handle = [](request_actor&) {}},
      {.name = "twice",
       .pattern = "/twice",
       .limit = "",
       .handle =
           [](request_actor& self) {
             echo(self);
             self.fail(ec::internal_error);
           }},
      {.name = "big",
       .pattern = "/big/{size}",
       .limit = "",
       .handle =
           [](request_actor& self) {
             self.answer({.body = big_body(parameter_of(self)), .content_type = "text/plain"});
           }},
  };
}

options settings_for(const bridge::change& wish) {
  options settings;
  settings.http.address = "127.0.0.1";
  settings.http.port = 0;
  if (wish)
    wish(settings);
  return settings;
}

} // namespace

void recorded_log::write(event_level, std::string_view event, std::initializer_list<field>) {
  std::lock_guard guard(mutex_);
  events_.emplace_back(event);
}

void recorded_log::write(const access_entry& entry) {
  std::lock_guard guard(mutex_);
  requests_.push_back({std::string(entry.request_id), std::string(entry.method), std::string(entry.route),
                       std::string(entry.error), entry.status, entry.bytes});
}

std::size_t recorded_log::count(std::string_view event) const {
  std::lock_guard guard(mutex_);
  return static_cast<std::size_t>(std::ranges::count(events_, event));
}

std::vector<recorded_log::answered> recorded_log::requests() const {
  std::lock_guard guard(mutex_);
  return requests_;
}

bridge::bridge(const change& wish, std::size_t io_threads)
    : settings_(settings_for(wish)), keys_{.signing = keyring({{"one", secret(std::string(32, 's'))}}, "one"),
                                           .encryption = {},
                                           .lookup = {}},
      context_{.settings = settings_,
               .keys = keys_,
               .clock = clock_,
               .parts = std::make_shared<directory>(std::vector<app_key>{}, 1, 1, 1, 1),
               .events = log_,
               .requests = log_,
               .metrics = metrics_,
               .version = "test"},
      server_(context_, routes()) {
  use_io_threads(caf_config_, io_threads);
  system_ = std::make_unique<caf::actor_system>(caf_config_);
  router_ = system_->spawn(fake_router, held_);
  parts().users[0].set(router_);
  parts().rate_limiters[0].set(system_->spawn(fake_limiter, refusing_));
  parts().store_readers[0].set(system_->spawn<caf::detached>(fake_reader));
  actors_at_start_ = system_->registry().running();
  server_.listen(*system_, settings_.http.address, settings_.http.port);
}

kit::http_response bridge::get(std::string_view path, const kit::field_list& fields) const {
  return request("GET", path, {}, fields);
}

kit::http_response bridge::request(std::string_view method, std::string_view path, std::string_view body,
                                   const kit::field_list& fields) const {
  return kit::http_client(port()).request(method, path, body, fields);
}

void bridge::kill_router() {
  caf::scoped_actor self(*system_);
  caf::anon_send_exit(router_, caf::exit_reason::kill);
  self->wait_for(router_);
}

std::string bridge::access_token(user_id user) const {
  crypto::token_signer signer(keys_.signing, settings_.auth.issuer, settings_.auth.audience);
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  const auto name = to_string(user);
  const auto session = to_string(session_id{});
  return signer.sign({.user = name,
                      .session = session,
                      .token = "t",
                      .app = "demo",
                      .role = "user",
                      .issued_at = now,
                      .expires_at = now + 60});
}

bool bridge::is_at_rest() {
  return context_.in_flight == 0 && system_->registry().running() == actors_at_start_;
}

void bridge::stop(std::chrono::milliseconds patience) {
  if (!system_)
    return;
  context_.draining = true;
  server_.stop_accepting();
  context_.stopping = true;
  eventually([this] { return context_.in_flight == 0; }, patience);
  server_.close_connections();
  caf::anon_send_exit(std::exchange(router_, nullptr), caf::exit_reason::user_shutdown);
  caf::anon_send_exit(parts().rate_limiters[0].get(), caf::exit_reason::user_shutdown);
  caf::anon_send_exit(parts().store_readers[0].get(), caf::exit_reason::user_shutdown);
  parts().users[0].set({});
  parts().rate_limiters[0].set({});
  parts().store_readers[0].set({});
  system_.reset();
}

std::string get_bytes(std::string_view path, std::string_view lines) {
  std::string bytes = "GET ";
  bytes.append(path).append(" HTTP/1.1\r\nHost: localhost\r\n").append(lines).append("\r\n");
  return bytes;
}

std::string echo_of(const kit::http_response& answer) {
  const auto body = answer.json();
  if (answer.status != 200 || !body.is_object() || !body["data"].is_object())
    return {};
  return body["data"].value("echo", std::string());
}

std::string big_body(std::size_t size) {
  std::string body(size, 'x');
  for (std::size_t i = 0; i < size; i += 4096) // so that a lost or doubled piece shows
    body[i] = static_cast<char>('a' + i / 4096 % 26);
  return body;
}

} // namespace weappd::http::test
