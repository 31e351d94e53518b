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

std::vector<route> admin_routes(); ///< /admin/v1/...
std::vector<route> ban_routes();   ///< /admin/v1/bans

/// The public listener: everything above; /metrics only if the configuration says so.
std::vector<route> public_routes(bool with_metrics);
/// The listener for operators: health and metrics.
std::vector<route> metrics_listener_routes();
/// The listener for those who may change the server: the above and /admin.
std::vector<route> admin_listener_routes();

} // namespace weappd::http
