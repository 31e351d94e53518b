#pragma once

#include "http/server/request_reader.hpp"
#include "http/server/sender.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weappd::http {

class request_actor;

/// Who may use a route.
enum class access : std::uint8_t {
  open,      ///< anybody; counted by address
  client,    ///< a mini-program client with a valid access token; counted by user
  service,   ///< a service client that has the scope of the route; counted by client
  any,       ///< either of them
  operators, ///< who has admin.token; not counted
};

/// Who is let in for longest when the server has too much to do.
enum class urgency : std::uint8_t {
  vital,  ///< what keeps clients and balancers from doing worse: health, refresh
  normal, ///< somebody waits in front of a screen
  bulk,   ///< another server asks, and will ask again
};

enum class body_kind : std::uint8_t {
  none,          ///< a body is read and ignored; not for a POST under /api
  json,          ///< application/json, required
  optional_json, ///< application/json, or nothing at all
};

/// One thing that a client can do.
struct route {
  std::string_view name; ///< for log and metrics: "users.me"
  method verb = method::get;
  std::string_view pattern; ///< "/api/v1/auth/sessions/{session_id}"; a parameter is one whole segment
  access allowed = access::open;
  scope needs = scope::none; ///< of a service client
  body_kind body = body_kind::none;
  bool limited = true; ///< by the policies that match it
  urgency rank = urgency::normal;
  bool waits_for_wechat = false; ///< how long its answer takes says nothing about us
  bool is_login = false;         ///< somebody tries to get a token; the challenge desk may be asked about it
  bool while_stopping = false;   ///< answered until the end, also when new requests get 503
  void (*handle)(request_actor&) = nullptr;
};

/// Finds the route of a request; made once, then shared by all threads.
class router {
public:
  /// `routes` are kept. Two routes for one method and pattern are a mistake of ours: asserts.
  explicit router(std::vector<route> routes);
  router(const router&) = delete; // it points into itself
  router& operator=(const router&) = delete;

  struct match {
    const route* found = nullptr; ///< null: see allow
    std::string_view parameter;   ///< the text of {parameter}, still percent-encoded; a view into the path
    std::string_view allow;       ///< the path exists, with these methods ("GET, HEAD, OPTIONS"); else empty
  };
  /// HEAD finds the GET route.
  [[nodiscard]] match find(method verb, std::string_view path) const;
  [[nodiscard]] const std::vector<route>& all() const noexcept { return routes_; }
  [[nodiscard]] std::size_t index_of(const route& one) const noexcept {
    return static_cast<std::size_t>(&one - routes_.data());
  }

private:
  struct resource {
    std::array<const route*, 7> by_method{};
    std::string allow;
  };
  struct parametric {
    std::string_view before; ///< up to the parameter
    std::string_view after;  ///< behind it
    resource target;
  };
  static void add(resource& target, const route& one);
  static match answer(const resource& target, method verb, std::string_view parameter);

  std::vector<route> routes_;
  std::unordered_map<std::string_view, resource> fixed_;
  std::vector<parametric> parametric_;
};

} // namespace weappd::http
