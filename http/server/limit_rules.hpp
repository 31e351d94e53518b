#pragma once

#include "config/limit_set.hpp"
#include "http/server/router.hpp"
#include "http/server/sender.hpp"
#include "messages/rate.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which policies count a request: the configuration, made into a table for each route and role once. Pure.
namespace weappd::http {

struct request_context;

/// Who asks, as far as limits tell people apart.
enum class role : std::uint8_t {
  anonymous, ///< no valid token, or a route that wants none
  client,    ///< a user
  service,   ///< a service client
};
inline constexpr std::size_t role_count = 3;

/// By what a policy tells requests apart. Those that few share come first: they are asked first, so that who
/// is refused for himself uses nothing up that others share.
enum class limit_key : std::uint8_t { ip, user, client, header, app, global };

/// A policy as the client is told of it.
struct told_policy {
  policy_id id = 0;
  std::string policy_line; ///< `RateLimit-Policy: "per_ip";q=100;w=60` and CRLF
  std::string name;        ///< as a structured-field string: `"per_ip"`
};

/// Policies that count a request by the same key: one question to one rate limiter.
struct limit_group {
  struct member {
    policy_id id = 0;
    std::uint64_t apps = 0; ///< a bit for each app that it counts; none: any, also requests without one
  };
  limit_key by = limit_key::ip;
  std::uint8_t header = 0; ///< which of limit_rules::headers(), if that is the key
  bool by_app = false;     ///< some member counts some apps only
  policy_list all = {};    ///< of all members
  std::array<member, policy_list::capacity> members{};

  /// Those that count a request of this app.
  [[nodiscard]] policy_list of_app(app_number app) const;
};

class limit_rules {
public:
  limit_rules(const limit_set& policies, const router& routes, const app_numbers& apps);

  /// In the order in which they are asked. Empty: this request is not limited.
  [[nodiscard]] const std::vector<limit_group>& groups_of(const route& target, role who) const {
    return table_[static_cast<std::size_t>(&target - first_route_) * role_count +
                  static_cast<std::size_t>(who)];
  }
  /// Null: there is no such policy.
  [[nodiscard]] const told_policy* find(policy_id id) const noexcept;
  /// Whether some policy wants to know the app.
  [[nodiscard]] bool by_app() const noexcept { return by_app_; }
  /// Fields whose values are keys.
  [[nodiscard]] const std::vector<std::string>& headers() const noexcept { return headers_; }

private:
  void add(const numbered_limit& policy, const app_numbers& apps, std::vector<limit_group>& groups);
  [[nodiscard]] std::uint8_t header_index(std::string_view name);

  const route* first_route_;
  std::vector<std::vector<limit_group>> table_; ///< by route and role
  std::vector<told_policy> told_;               ///< by id
  std::vector<std::string> headers_;
  bool by_app_ = false;
};

/// The names in match.routes that are no route's: "limits.login.match.routes" and the name.
struct unknown_route {
  std::string path;
  std::string name;
};
[[nodiscard]] std::vector<unknown_route> unknown_routes(const std::map<std::string, limit_options>& limits,
                                                        const std::vector<route>& known);

[[nodiscard]] role role_of(const request_context& request);

/// Whom the policies of a group count; nothing if the request has no such key.
[[nodiscard]] std::optional<rate_key> key_of(const request_context& request, const limit_group& group);

/// `RateLimit-Policy`, `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10, structured fields) and, when
/// refused, `Retry-After`: complete header lines. Without a policy (null) only the last one, if refused.
[[nodiscard]] std::string limit_fields(const told_policy* policy, const verdict& answer);

} // namespace weappd::http
