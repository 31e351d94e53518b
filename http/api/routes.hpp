#pragma once

#include "http/server/router.hpp"

#include <vector>

/// What the server can be asked over HTTP. Each family is a list of routes and the handlers behind them; a
/// handler translates and asks, it decides nothing.
namespace weappd::http {

std::vector<route> auth_routes();         ///< /api/v1/auth/...
std::vector<route> user_routes();         ///< /api/v1/users/...
std::vector<route> message_routes();      ///< /api/v1/messages...
std::vector<route> trigger_routes();      ///< /api/v1/triggers/...
std::vector<route> subscription_routes(); ///< /api/v1/subscriptions
std::vector<route> template_routes();     ///< /api/v1/templates
std::vector<route> token_routes();        ///< /api/v1/apps/.../access_token...
std::vector<route> health_routes();       ///< /healthz, /readyz
std::vector<route> metrics_routes();      ///< /metrics
std::vector<route> docs_routes();         ///< /openapi.json, /docs

std::vector<route> admin_routes();      ///< /admin/v1/...
std::vector<route> ban_routes();        ///< /admin/v1/bans
std::vector<route> admin_docs_routes(); ///< /openapi.json, /docs

/// What the public listener serves if the configuration says so.
struct public_extras {
  bool metrics = true;
  bool docs = true;
};
/// The public listener: everything above.
std::vector<route> public_routes(const public_extras& with = {});
/// The listener for operators: health and metrics.
std::vector<route> metrics_listener_routes();
/// The listener for those who may change the server: the above, /admin, and a description of both.
std::vector<route> admin_listener_routes();

} // namespace weappd::http
