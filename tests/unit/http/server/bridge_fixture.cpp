#include "tests/unit/http/server/bridge_fixture.hpp"

#include "config/certificate.hpp"
#include "config/crypto/access_token.hpp"
#include "config/crypto/random.hpp"
#include "http/json/writer.hpp"
#include "http/server/http_server.hpp"
#include "http/server/request_actor.hpp"
#include "http/tls/tls_service.hpp"
#include "tests/kit/server/temporary_folder.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <prometheus/registry.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <mutex>
#include <stdexcept>

namespace weappd::http::test {

/// Answer everything that you hold back.
struct answer_held {};
/// To itself: this answer is due.
struct tick_answer {
  std::uint64_t number = 0;
};

} // namespace weappd::http::test
WEAPPD_MESSAGE(weappd::http::test::answer_held)
WEAPPD_MESSAGE(weappd::http::test::tick_answer)

namespace weappd::http::test {
namespace {

using counter_ptr = std::shared_ptr<std::atomic<std::size_t>>;

// -- fakes

/// A session router that answers get_profile after as many milliseconds as the number of the user that it
/// names, or `hold_back`: not before it is told to.
using fake_router_actor =
    session_router_actor::extend<caf::reacts_to<answer_held>, caf::reacts_to<tick_answer>>;
constexpr std::uint64_t hold_back = 1'000'000;

struct fake_router_state {
  std::map<std::uint64_t, caf::typed_response_promise<profile>> waiting;
  std::uint64_t next = 0;
};

fake_router_actor::behavior_type bridge_router(fake_router_actor::stateful_pointer<fake_router_state> self,
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
      [=](const resume_session& m) -> caf::result<token_grant> { return nothing(m); },
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

rate_limiter_actor::behavior_type bridge_limiter(rate_limiter_actor::pointer,
                                                 std::shared_ptr<std::atomic<bool>> refusing) {
  return {[](get_status) { return status_report{}; },
          [=](const acquire& wanted) {
            const auto policy = *wanted.policies.begin();
            return *refusing ? verdict{.allowed = false, .policy = policy, .reset_s = 60, .retry_after_s = 9}
                             : verdict{.allowed = true, .policy = policy, .remaining = 7, .reset_s = 3};
          },
          [](const use_limits&) { return done{}; }};
}

/// Runs on a thread of its own.
store_reader_actor::behavior_type bridge_reader(store_reader_actor::pointer) {
  return {[](get_status) { return status_report{}; },
          [](const load_user&) -> caf::result<user_snapshot> { return make_error(ec::not_found); },
          [](get_newest_user) { return newest_user{}; },
          [](const load_message&) -> caf::result<message_record> { return make_error(ec::not_found); },
          [](const list_messages&) { return message_page{}; },
          [](const load_unfinished&) { return unfinished_messages{}; },
          [](const load_consents&) { return consent_balances{}; },
          [](const find_answer&) { return answer_found{}; },
          [](get_newest_message) { return newest_message{}; },
          [](const find_new_followers&) { return new_followers{}; },
          [](const load_bans&) { return all_bans{}; }};
}

// -- routes

void echo(request_actor& self) {
  self.succeed(200, [&](weappd::json::writer& data) {
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
      {.name = "fast", .pattern = "/fast", .limited = false, .handle = echo},
      {.name = "fast_change",
       .verb = method::post,
       .pattern = "/fast",
       .body = body_kind::json,
       .limited = false,
       .handle = echo},
      {.name = "any_body", .verb = method::post, .pattern = "/any", .limited = false, .handle = echo},
      {.name = "alive", .pattern = "/alive", .limited = false, .while_stopping = true, .handle = echo},
      {.name = "limited", .pattern = "/limited", .handle = echo},
      {.name = "bulk", .pattern = "/bulk", .limited = false, .rank = urgency::bulk, .handle = echo},
      {.name = "vital", .pattern = "/vital", .limited = false, .rank = urgency::vital, .handle = echo},
      {.name = "me", .pattern = "/me", .allowed = access::client, .handle = echo},
      {.name = "after",
       .pattern = "/after/{ms}",
       .limited = false,
       .handle = [](request_actor& self) { ask_router(self, parameter_of(self)); }},
      {.name = "held",
       .pattern = "/held",
       .limited = false,
       .handle = [](request_actor& self) { ask_router(self, hold_back); }},
      {.name = "detached",
       .pattern = "/detached",
       .limited = false,
       .handle =
           [](request_actor& self) {
             self.ask(self.parts().store_readers.pick(0), get_newest_user{},
                      [&self](const newest_user&) { echo(self); });
           }},
      {.name = "nobody",
       .pattern = "/nobody",
       .limited = false,
       .handle =
           [](request_actor& self) {
             self.ask(self.parts().wechat.get(), get_status{}, [&self](const status_report&) { echo(self); });
           }},
      {.name = "throws",
       .pattern = "/throws",
       .limited = false,
       .handle = [](request_actor&) { throw std::runtime_error("a handler's fault"); }},
      {.name = "throws_later",
       .pattern = "/throws_later",
       .limited = false,
       .handle =
           [](request_actor& self) {
             self.ask(self.user(), get_profile{}, [](const profile&) { throw std::runtime_error("later"); });
           }},
      {.name = "quits",
       .pattern = "/quits",
       .limited = false,
       .handle = [](request_actor& self) { self.quit(); }},
      {.name = "forgets", .pattern = "/forgets", .limited = false, .handle = [](request_actor&) {}},
      {.name = "twice",
       .pattern = "/twice",
       .limited = false,
       .handle =
           [](request_actor& self) {
             echo(self);
             self.fail(ec::internal_error);
           }},
      {.name = "big",
       .pattern = "/big/{size}",
       .limited = false,
       .handle =
           [](request_actor& self) {
             self.answer({.body = big_body(parameter_of(self)), .content_type = "text/plain"});
           }},
  };
}

options bridge_settings(const std::function<void(options&)>& wish) {
  options settings;
  settings.http.address = "127.0.0.1";
  settings.http.port = 0;
  if (wish)
    wish(settings);
  return settings;
}

class recorded_log final : public event_log, public access_log {
public:
  void write(event_level, std::string_view event, std::initializer_list<field>) override {
    std::lock_guard guard(mutex_);
    events_.emplace_back(event);
  }
  void write(const access_entry& entry) override {
    std::lock_guard guard(mutex_);
    requests_.push_back({std::string(entry.request_id), std::string(entry.method), std::string(entry.route),
                         std::string(entry.error), entry.status, entry.bytes});
  }
  [[nodiscard]] std::size_t count(std::string_view event) const {
    std::lock_guard guard(mutex_);
    return static_cast<std::size_t>(std::ranges::count(events_, event));
  }
  [[nodiscard]] std::vector<answered> requests() const {
    std::lock_guard guard(mutex_);
    return requests_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
  std::vector<answered> requests_;
};

key_set keys_with(std::string_view key) {
  key_set keys;
  keys.signing = keyring({{"one", secret(std::string(key))}}, "one");
  keys.lookup = keys.signing;
  return keys;
}

class no_message_ids final : public message_id_source {
public:
  std::optional<message_id> next(timestamp) override { return std::nullopt; }
};

/// The clock of this machine, which a test may set.
class settable_clock final : public wall_clock {
public:
  [[nodiscard]] timestamp now() const override { return system_wall_clock().now() + ahead_.load(); }
  void jump(std::chrono::seconds time) { ahead_ = ahead_.load() + time; }

private:
  std::atomic<std::chrono::seconds> ahead_{};
};

} // namespace

struct bridge::parts {
  explicit parts(const std::function<void(options&)>& wish) : settings(bridge_settings(wish)) {}

  options settings;
  key_set keys = keys_with("0123456789abcdef0123456789abcdef");
  settable_clock clock;
  recorded_log log;
  prometheus::Registry registry;
  server_metrics metrics{registry};
  no_message_ids message_ids;
  server_context context{.settings = settings,
                         .keys = keys,
                         .clock = clock,
                         .parts = std::make_shared<directory>(std::vector<app_key>{}, std::vector<app_key>{},
                                                              std::vector<app_key>{}, directory::sizes{}),
                         .events = log,
                         .requests = log,
                         .metrics = metrics,
                         .message_ids = message_ids,
                         .version = "test"};
  kit::temporary_folder folder;
  crypto::system_random random;
  tls_service tls{settings.http.tls, random, clock, log, registry};
  http_server server{context, routes()};
  std::uint16_t port = 0;
  std::uint16_t tls_port = 0;
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  counter_ptr held = std::make_shared<std::atomic<std::size_t>>(0);
  std::shared_ptr<std::atomic<bool>> refusing = std::make_shared<std::atomic<bool>>(false);
  fake_router_actor router;
  rate_limiter_actor limiter;
  store_reader_actor reader;
  std::size_t actors_at_start = 0;

  void start_actors() {
    router = system->spawn(bridge_router, held);
    limiter = system->spawn(bridge_limiter, refusing);
    reader = system->spawn<caf::detached>(bridge_reader);
    context.parts->users[0].set(router);
    context.parts->rate_limiters[0].set(limiter);
    context.parts->store_readers[0].set(reader);
    actors_at_start = system->registry().running();
  }
  void stop_actors() {
    context.parts->users[0].set({});
    context.parts->rate_limiters[0].set({});
    context.parts->store_readers[0].set({});
    caf::anon_send_exit(std::exchange(router, {}), caf::exit_reason::user_shutdown);
    caf::anon_send_exit(std::exchange(limiter, {}), caf::exit_reason::user_shutdown);
    caf::anon_send_exit(std::exchange(reader, {}), caf::exit_reason::user_shutdown);
  }
};

bridge::bridge(const std::function<void(options&)>& wish, std::size_t io_threads)
    : parts_(std::make_unique<parts>(wish)) {
  use_io_threads(parts_->config, io_threads);
  parts_->system = std::make_unique<caf::actor_system>(parts_->config);
  parts_->start_actors();
  try {
    const auto& http = parts_->settings.http;
    parts_->port = parts_->server.listen(*parts_->system, http.address, static_cast<std::uint16_t>(http.port),
                                         {.proxy_protocol = http.proxy_protocol});
    if (http.tls.port >= 0) {
      use_certificate(kit::self_signed::make("IP:127.0.0.1"));
      parts_->tls_port =
          parts_->server.listen(*parts_->system, http.tls.address, 0,
                                {.tls = &parts_->tls, .proxy_protocol = http.tls.proxy_protocol});
    }
  } catch (...) {
    stop();
    throw;
  }
}

bridge::~bridge() {
  stop();
}

std::uint16_t bridge::port() const {
  return parts_->port;
}

std::uint16_t bridge::tls_port() const {
  return parts_->tls_port;
}

void bridge::use_certificate(const kit::self_signed& other) {
  tls_options files;
  files.certificate_file = other.certificate_file(parts_->folder / "certificate.pem");
  files.key_file = other.key_file(parts_->folder / "key.pem");
  const auto problem = parts_->tls.use(load_certificate(files).value.value());
  if (!problem.empty())
    throw std::runtime_error(problem);
}

void bridge::jump(std::chrono::seconds time) {
  parts_->clock.jump(time);
}

kit::http_response bridge::get(std::string_view path, const kit::field_list& fields) const {
  return request("GET", path, {}, fields);
}

kit::http_response bridge::request(std::string_view method, std::string_view path, std::string_view body,
                                   const kit::field_list& fields) const {
  return kit::http_client(port()).request(method, path, body, fields);
}

std::string bridge::access_token(user_id user) const {
  crypto::token_signer signer(parts_->keys.signing, parts_->settings.auth.issuer,
                              parts_->settings.auth.audience);
  const auto now = std::chrono::floor<std::chrono::seconds>(parts_->clock.now()).time_since_epoch().count();
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

std::size_t bridge::held() const {
  return *parts_->held;
}

void bridge::answer_all_held() {
  caf::anon_send(parts_->router, answer_held{});
}

void bridge::kill_asked_actor() {
  caf::scoped_actor self(*parts_->system);
  caf::anon_send_exit(parts_->router, caf::exit_reason::kill);
  self->wait_for(parts_->router);
}

void bridge::refuse_all() {
  *parts_->refusing = true;
}

void bridge::remove_rate_limiter() {
  parts_->context.parts->rate_limiters[0].set({});
}

void bridge::drain() {
  parts_->context.closing = true;
}

void bridge::refuse_new_requests() {
  parts_->context.stopping = true;
}

void bridge::stop_accepting() {
  parts_->server.stop_accepting();
}

void bridge::stop(std::chrono::milliseconds patience) {
  if (!parts_->system)
    return;
  drain();
  parts_->server.stop_accepting();
  refuse_new_requests();
  eventually([this] { return in_flight() == 0; }, patience);
  parts_->server.close_connections();
  parts_->stop_actors();
  parts_->system.reset();
}

std::uint32_t bridge::in_flight() const {
  return parts_->context.in_flight;
}

std::uint32_t bridge::connections() const {
  return parts_->context.connections.count();
}

std::size_t bridge::running_actors() const {
  return parts_->system->registry().running();
}

bool bridge::is_at_rest() const {
  return in_flight() == 0 && running_actors() == parts_->actors_at_start;
}

std::vector<answered> bridge::log() const {
  return parts_->log.requests();
}

std::size_t bridge::count_events(std::string_view name) const {
  return parts_->log.count(name);
}

std::string bridge::metrics() const {
  return parts_->metrics.render();
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
