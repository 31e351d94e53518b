#pragma once

#include "config/options.hpp"
#include "messages/ids.hpp"
#include "messages/rate.hpp"
#include "messages/session.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who can send a request with an access token: a user, or a service client of the configuration.
namespace weappd::http {

/// What a service client may be allowed to do.
enum class scope : std::uint8_t {
  none = 0,
  messages_send = 1, ///< "messages:send"
  token_read = 2,    ///< "token:read"
};
/// Nothing for a name that is no scope.
[[nodiscard]] std::optional<scope> parse_scope(std::string_view name) noexcept;

class scope_set {
public:
  scope_set() = default;
  /// Names that are no scope are passed over: the loader of the configuration has refused them.
  explicit scope_set(const std::vector<std::string>& names) noexcept;
  /// Everybody has `none`.
  [[nodiscard]] bool has(scope wanted) const noexcept {
    const auto bit = static_cast<std::uint8_t>(wanted);
    return (bits_ & bit) == bit;
  }

private:
  std::uint8_t bits_ = 0;
};

/// An app of the configuration, by its place in the order of their names; the schema allows 64.
using app_number = std::uint8_t;
inline constexpr app_number no_app = 0xFF;

class app_numbers {
public:
  explicit app_numbers(const std::map<std::string, app_options>& configured);
  /// no_app: not configured (any more).
  [[nodiscard]] app_number find(std::string_view key) const noexcept;

private:
  std::vector<std::string> keys_; ///< sorted
};

struct service_client {
  client_id id;
  scope_set scopes;
  rate_key key; ///< whom the limits count
};

/// The service clients of the configuration. Made once and not changed: its entries have fixed addresses.
class service_clients {
public:
  explicit service_clients(const std::map<std::string, client_options>& configured);
  service_clients(const service_clients&) = delete; // others point into it
  service_clients& operator=(const service_clients&) = delete;
  /// Null: not configured (any more).
  [[nodiscard]] const service_client* find(std::string_view id) const;

private:
  std::map<std::string, service_client, std::less<>> clients_;
};

/// One of the two.
struct sender {
  caller who;                              ///< all zero for a service client
  const service_client* service = nullptr; ///< null for a user
  app_number app = no_app;                 ///< of a user
};

} // namespace weappd::http
