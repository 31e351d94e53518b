#include "http/server/limit_fields.hpp"

namespace weappd::http {
namespace {

const limit_policy* find(const server_context& server, std::string_view quoted_name) {
  for (const auto& policy : server.policies)
    if (std::string_view(policy.name).substr(1, policy.name.size() - 2) == quoted_name)
      return &policy;
  return nullptr;
}

} // namespace

std::vector<limit_policy> make_limit_policies(const std::map<std::string, limit_options>& limits) {
  std::vector<limit_policy> policies;
  for (const auto& [name, limit] : limits) {
    auto quoted = '"' + name + '"';
    auto line = "RateLimit-Policy: " + quoted + ";q=" + std::to_string(limit.limit) +
                ";w=" + std::to_string(limit.window_s) + "\r\n";
    policies.push_back({static_cast<policy_index>(policies.size()), std::move(line), std::move(quoted)});
  }
  return policies;
}

const limit_policy* limit_for(const server_context& server, const request_context& request) {
  if (request.target->allowed == access::open)
    return request.target->limit.empty() ? nullptr : find(server, request.target->limit);
  if (request.refused == ec::invalid_access_token)
    return find(server, "per_ip");
  return find(server, request.service != nullptr ? "per_client" : "per_user");
}

rate_key key_for(const request_context& request) {
  if (request.target->allowed == access::open || request.refused == ec::invalid_access_token)
    return request.client;
  return request.service != nullptr ? request.service->key : rate_key{0, request.who.user.value};
}

std::string limit_fields(const limit_policy& policy, const verdict& answer) {
  std::string fields;
  fields.reserve(policy.policy_line.size() + 96);
  fields += policy.policy_line;
  fields += "RateLimit: ";
  fields += policy.name;
  fields += ";r=";
  fields += std::to_string(answer.remaining);
  fields += ";t=";
  fields += std::to_string(answer.allowed ? answer.reset_s : answer.retry_after_s);
  fields += "\r\n";
  if (!answer.allowed) {
    fields += "Retry-After: ";
    fields += std::to_string(answer.retry_after_s);
    fields += "\r\n";
  }
  return fields;
}

} // namespace weappd::http
