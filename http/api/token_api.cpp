#include "http/api/body.hpp"
#include "http/api/push_codec.hpp"
#include "http/api/routes.hpp"

#include <cstdint>
#include <limits>

namespace weappd::http {
namespace {

/// The refresher of the app that the path names. When there is no such app, or its refresher is being
/// restarted, the client is told and the result is empty: return.
token_refresher_actor refresher_of(request_actor& self) {
  auto& all = self.parts().tokens;
  const auto found = all.find(app_key{self.context().parameter});
  if (found == all.end()) {
    self.fail(ec::app_not_found);
    return {};
  }
  auto current = found->second.get();
  if (!current)
    self.fail(ec::overloaded);
  return current;
}

void get_token(request_actor& self) {
  if (const auto whom = refresher_of(self))
    self.ask(whom, get_access_token{}, [&self](const token_lease& lease) {
      const auto now = self.server().clock.now();
      self.succeed(200, [&](json::writer& data) { write_lease(data, lease, now); });
    });
}

void post_report_invalid(request_actor& self) {
  const auto epoch = read_body(
      self,
      [](json::object_reader& body) {
        return body.required_integer("epoch", 0, std::numeric_limits<std::int64_t>::max());
      },
      ec::invalid_message);
  if (!epoch)
    return;
  if (const auto whom = refresher_of(self)) {
    self.send(whom, access_token_rejected{static_cast<std::uint64_t>(*epoch)});
    self.succeed(200, [](json::writer& data) {
      data.begin_object();
      data.end_object();
    });
  }
}

} // namespace

std::vector<route> token_routes() {
  return {
      {.name = "apps.access_token",
       .verb = method::get,
       .pattern = "/api/v1/apps/{app}/access_token",
       .allowed = access::service,
       .needs = scope::token_read,
       .rank = urgency::bulk,
       .waits_for_wechat = true,
       .handle = get_token},
      {.name = "apps.report_invalid",
       .verb = method::post,
       .pattern = "/api/v1/apps/{app}/access_token/report_invalid",
       .allowed = access::service,
       .needs = scope::token_read,
       .body = body_kind::json,
       .rank = urgency::bulk,
       .handle = post_report_invalid},
  };
}

} // namespace weappd::http
