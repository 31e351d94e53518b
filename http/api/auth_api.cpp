#include "http/api/body.hpp"
#include "http/api/challenge.hpp"
#include "http/api/codec.hpp"
#include "http/api/paging.hpp"
#include "http/api/push_codec.hpp"
#include "http/api/query_reader.hpp"
#include "http/api/routes.hpp"
#include "messages/refresh_token.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace weappd::http {
namespace {

constexpr std::string_view code_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=";
/// As long as an access token can be: who mixes the two up is told that this is no refresh token.
constexpr std::size_t longest_refresh_token = 2'048;
constexpr std::string_view app_characters = "abcdefghijklmnopqrstuvwxyz0123456789_-";

struct login_request {
  secret code;
  std::optional<std::string> app;
  device_info device;
  challenge_answer proof;
};

login_request read_login(json::object_reader& body) {
  login_request wanted;
  wanted.code = secret(body.required_text("code", {.max = 128, .allowed = code_characters}));
  wanted.app = body.optional_text("app", {.max = 32, .allowed = app_characters});
  if (auto device = body.optional_object("device")) {
    wanted.device.name = device->optional_text("name", {.min = 0, .max = 64}).value_or("");
    wanted.device.platform = device->optional_text("platform", {.min = 0, .max = 64}).value_or("");
    device->finish();
  }
  wanted.proof = read_challenge(body);
  return wanted;
}

/// What is tried, as one text; no name has a NUL in it.
secret attempt_of(const std::string& name, const secret& word) {
  return secret(name + '\0' + word.reveal());
}

void ask_for_login(request_actor& self, login question) {
  const auto shard = std::hash<std::string>{}(question.code.reveal());
  self.ask(self.parts().logins.pick(shard), std::move(question), [&self](const token_grant& grant) {
    self.note_login(true);
    self.succeed(200, [&](json::writer& data) { write_login(data, grant); });
  });
}

void post_login(request_actor& self) {
  auto wanted = read_body(self, read_login);
  if (!wanted)
    return;
  app_key app{wanted->app.value_or(self.server().settings.default_app)};
  const auto& apps = self.server().settings.apps;
  const auto known = apps.find(app.value);
  if (known == apps.end())
    return self.fail(ec::invalid_parameter, {{"app", json::words::unknown_app}});
  auto attempt = attempt_of(app.value, wanted->code);
  after_challenge(self, std::move(wanted->proof), std::move(attempt),
                  [&self, question = login{std::move(app), std::move(wanted->code),
                                           std::move(wanted->device)}] { ask_for_login(self, question); });
}

struct service_request {
  authenticate_client client;
  challenge_answer proof;
};

void ask_for_service_token(request_actor& self, authenticate_client question) {
  self.ask(self.parts().service_desk.get(), std::move(question), [&self](const service_grant& grant) {
    self.note_login(true);
    self.succeed(200, [&](json::writer& data) { write_service_grant(data, grant); });
  });
}

void post_service(request_actor& self) {
  auto wanted = read_body(self, [](json::object_reader& body) {
    service_request read;
    read.client.id.value = body.required_text("client_id");
    read.client.password = secret(body.required_text("client_secret", {.max = 256}));
    read.proof = read_challenge(body);
    return read;
  });
  if (!wanted)
    return;
  auto attempt = attempt_of(wanted->client.id.value, wanted->client.password);
  after_challenge(self, std::move(wanted->proof), std::move(attempt),
                  [&self, question = std::move(wanted->client)] { ask_for_service_token(self, question); });
}

void post_refresh(request_actor& self) {
  auto token = read_body(self, [](json::object_reader& body) {
    return secret(body.required_text("refresh_token", {.max = longest_refresh_token}));
  });
  if (!token)
    return;
  const auto address = parse_refresh_token(token->reveal());
  if (!address)
    return self.fail(ec::invalid_refresh_token);
  self.ask(self.parts().users.pick(std::hash<user_id>{}(address->user)),
           refresh_session{address->user, address->session, std::move(*token)},
           [&self](const token_grant& grant) {
             self.succeed(200, [&](json::writer& data) { write_refresh(data, grant); });
           });
}

void answer_empty(request_actor& self) {
  self.succeed(200, [](json::writer& data) {
    data.begin_object();
    data.end_object();
  });
}

void post_logout(request_actor& self) {
  auto everywhere = read_body(
      self, [](json::object_reader& body) { return body.optional_boolean("everywhere").value_or(false); });
  if (!everywhere)
    return;
  self.ask(self.user(), logout{self.context().who, *everywhere},
           [&self](const done&) { answer_empty(self); });
}

void get_sessions(request_actor& self) {
  std::vector<json::problem> problems;
  query_reader query(self.context().query, problems);
  const auto wanted = read_page(query);
  const bool oldest_first = query.value("sort", parse_order).value_or(false);
  query.finish();
  if (!problems.empty())
    return self.fail(ec::invalid_parameter, problems);
  self.ask(self.user(), list_sessions{self.context().who},
           [&self, wanted, oldest_first](session_list& sessions) {
             if (oldest_first)
               std::ranges::reverse(sessions.items);
             self.succeed(200, [&](json::writer& data) {
               write_page(data, sessions.items, wanted,
                          [&](const session_summary& one) { write_session(data, one); });
             });
           });
}

void delete_session(request_actor& self) {
  const auto which = parse_session_id(self.context().parameter);
  if (!which)
    return self.fail(ec::session_not_found);
  self.ask(self.user(), close_session{self.context().who, *which},
           [&self](const done&) { answer_empty(self); });
}

} // namespace

std::vector<route> auth_routes() {
  return {
      {.name = "auth.login",
       .verb = method::post,
       .pattern = "/api/v1/auth/login",
       .body = body_kind::json,
       .waits_for_wechat = true,
       .is_login = true,
       .handle = post_login},
      {.name = "auth.refresh",
       .verb = method::post,
       .pattern = "/api/v1/auth/refresh",
       .body = body_kind::json,
       .rank = urgency::vital,
       .handle = post_refresh},
      {.name = "auth.service",
       .verb = method::post,
       .pattern = "/api/v1/auth/service",
       .body = body_kind::json,
       .is_login = true,
       .handle = post_service},
      {.name = "auth.logout",
       .verb = method::post,
       .pattern = "/api/v1/auth/logout",
       .allowed = access::client,
       .body = body_kind::optional_json,
       .rank = urgency::vital,
       .handle = post_logout},
      {.name = "auth.sessions",
       .verb = method::get,
       .pattern = "/api/v1/auth/sessions",
       .allowed = access::client,
       .handle = get_sessions},
      {.name = "auth.session_delete",
       .verb = method::delete_,
       .pattern = "/api/v1/auth/sessions/{session_id}",
       .allowed = access::client,
       .handle = delete_session},
  };
}

} // namespace weappd::http
