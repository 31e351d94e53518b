#include "http/api/body.hpp"
#include "http/api/codec.hpp"
#include "http/api/routes.hpp"

namespace weappd::http {
namespace {

void answer_user(request_actor& self, const profile& answer) {
  self.succeed(200, [&](json::writer& data) { write_user(data, *answer.user); });
}

void get_me(request_actor& self) {
  self.ask(self.user(), get_profile{self.context().who},
           [&self](const profile& answer) { answer_user(self, answer); });
}

void patch_me(request_actor& self) {
  auto change = read_body(self, [&self](json::object_reader& body) {
    change_profile wanted;
    wanted.who = self.context().who;
    wanted.nickname = body.optional_text("nickname", {.min = 1, .max = 64});
    wanted.avatar_url = body.optional_https_url("avatar_url", 512);
    return wanted;
  });
  if (!change)
    return;
  self.ask(self.user(), std::move(*change), [&self](const profile& answer) { answer_user(self, answer); });
}

} // namespace

std::vector<route> user_routes() {
  return {
      {.name = "users.me",
       .verb = method::get,
       .pattern = "/api/v1/users/me",
       .allowed = access::client,
       .handle = get_me},
      {.name = "users.me_change",
       .verb = method::patch,
       .pattern = "/api/v1/users/me",
       .allowed = access::client,
       .body = body_kind::json,
       .handle = patch_me},
  };
}

} // namespace weappd::http
