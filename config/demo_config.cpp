#include "config/demo_config.hpp"

namespace weappd {

const std::string& demo_configuration() {
  static const std::string yaml = R"(
apps:
  demo: {kind: mini_program, app_id: wxdemo0000000001, secret: demo-app-secret}
  demo_oa: {kind: official_account, app_id: wxdemo0000000002, secret: demo-oa-secret}
clients:
  demo: # demo-secret
    secret_hash: $scrypt$ln=14,r=8,p=1$wTRyca4v+DIitAjtPdnWHg$tuEhZydCqcbyrjk3UwXy5iAbYxw9zd5YQxS/W8fXYnw
    scopes: [messages:send, token:read]
templates:
  custom:order_paid:
    kind: subscribe
    app: demo
    template_id: tmpl_order_paid
    fields: {character_string1: {}, amount2: {}, time3: {}, thing4: {}}
  custom:ticket_ready:
    kind: subscribe
    app: demo
    template_id: tmpl_ticket_ready
    life: long_term
    fields: {thing1: {}, date2: {}}
  industry:order_confirm:
    kind: template
    app: demo_oa
    template_id: tmpl_order_confirm
    fields: {character_string1: {}, thing2: {}}
triggers:
  order_paid: {event: order.paid, template: custom:order_paid}
filter:
  rules:
    parent_folder: {where: [path, query], pattern: '\.\./\.\./'}
)";
  return yaml;
}

const std::string& demo_limits() {
  static const std::string yaml = R"(
limits:
  per_ip: {limit: 12000, window_s: 60, burst: 2000}
  per_user: {limit: 6000, window_s: 60, burst: 1000}
  login: {limit: 6000, window_s: 60, burst: 500}
)";
  return yaml;
}

} // namespace weappd
