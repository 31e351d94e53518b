#pragma once

#include "http/wechat/gateway_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace weappd {

/// An actor system, and questions to a gateway in it.
class gateway_world {
public:
  wechat_gateway_actor spawn(wechat_options wechat, std::shared_ptr<http_client> client) {
    std::map<std::string, app_options> apps;
    apps["demo"] = {.app_id = "wx_demo", .app_secret = secret("demo_secret")};
    apps["oa"] = {.kind = app_kind::official_account, .app_id = "wx_oa", .app_secret = secret("oa_secret")};
    apps["wrong"] = {.app_id = "wx_demo", .app_secret = secret("wrong_secret")};
    return spawn_wechat_gateway(system, {std::move(wechat),
                                         std::move(apps),
                                         std::move(client),
                                         1,
                                         {.version = program_state::trial, .lang = "en_US"}});
  }

  /// Any answer within 20 s; the error `request_timeout` otherwise.
  template <class Answer, class Message>
  caf::expected<Answer> ask(const wechat_gateway_actor& gateway, Message message) {
    caf::scoped_actor self(system);
    caf::expected<Answer> out{caf::error(caf::sec::runtime_error)};
    self->request(gateway, std::chrono::seconds(20), std::move(message))
        .receive([&](Answer& answer) { out = std::move(answer); },
                 [&](caf::error& error) { out = std::move(error); });
    return out;
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
};

inline wechat_options quick_options(std::uint16_t port) {
  wechat_options out;
  out.base_url = "http://127.0.0.1:" + std::to_string(port);
  out.connect_timeout_ms = 10'000;
  out.total_timeout_ms = 10'000;
  out.breaker_failures = 3;
  out.breaker_open_ms = 100;
  out.busy_retry_ms = 4;
  return out;
}

} // namespace weappd
