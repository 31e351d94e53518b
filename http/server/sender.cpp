#include "http/server/sender.hpp"

#include <algorithm>

namespace weappd::http {

std::optional<scope> parse_scope(std::string_view name) noexcept {
  if (name == "messages:send")
    return scope::messages_send;
  if (name == "token:read")
    return scope::token_read;
  return std::nullopt;
}

scope_set::scope_set(const std::vector<std::string>& names) noexcept {
  for (const auto& name : names)
    if (const auto known = parse_scope(name))
      bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(*known));
}

app_numbers::app_numbers(const std::map<std::string, app_options>& configured) {
  for (const auto& [key, app] : configured)
    keys_.push_back(key);
}

app_number app_numbers::find(std::string_view key) const noexcept {
  const auto found = std::ranges::lower_bound(keys_, key);
  return found == keys_.end() || *found != key ? no_app : static_cast<app_number>(found - keys_.begin());
}

service_clients::service_clients(const std::map<std::string, client_options>& configured) {
  for (const auto& [id, client] : configured)
    clients_.emplace(id, service_client{.id = {id},
                                        .scopes = scope_set(client.scopes),
                                        .key = {0, std::hash<std::string>{}(id)}});
}

const service_client* service_clients::find(std::string_view id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

} // namespace weappd::http
