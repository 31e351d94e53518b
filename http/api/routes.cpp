#include "http/api/routes.hpp"

namespace weappd::http {
namespace {

void append(std::vector<route>& all, std::vector<route> more) {
  all.insert(all.end(), more.begin(), more.end());
}

} // namespace

std::vector<route> public_routes(const public_extras& with) {
  std::vector<route> all;
  append(all, auth_routes());
  append(all, user_routes());
  append(all, message_routes());
  append(all, trigger_routes());
  append(all, subscription_routes());
  append(all, template_routes());
  append(all, token_routes());
  append(all, health_routes());
  if (with.metrics)
    append(all, metrics_routes());
  if (with.docs)
    append(all, docs_routes());
  return all;
}

std::vector<route> metrics_listener_routes() {
  std::vector<route> all;
  append(all, health_routes());
  append(all, metrics_routes());
  return all;
}

std::vector<route> admin_listener_routes() {
  auto all = metrics_listener_routes();
  append(all, admin_routes());
  append(all, ban_routes());
  append(all, admin_docs_routes());
  return all;
}

} // namespace weappd::http
