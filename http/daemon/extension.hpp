#pragma once

#include "actors/factories.hpp"
#include "config/load.hpp"
#include "config/options.hpp"
#include "http/server/router.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// What a program of yours adds to weappd, or puts in the place of a part of it.
namespace weappd {

/// Another actor for a role, which the configuration may choose by its name.
struct implementation {
  std::string role;                    ///< "rate_limiter": one of role_names
  std::string name;                    ///< "allow_all": 1 to 32 of a-z 0-9 _ -
  std::function<void(factories&)> use; ///< puts it in place
};

/// Given to run_command_line, or by a test to a daemon, before anything starts.
struct extension {
  /// Other factories for some roles; what the configuration calls "standard" is theirs then.
  std::function<void(factories&)> actors{};
  /// Further or other routes of the public listener.
  std::function<void(std::vector<http::route>&)> routes{};
  /// Further actors by their names. They are supervised like ours, start after them and end before them;
  /// readyz asks for their status; directory::further_as finds them.
  further_factories further_actors{};
  /// What the configuration may choose besides what is built in.
  std::vector<implementation> implementations{};
};

/// Of the WeChat gateway: ours, speaking to the simulator in the same process without a socket between them.
inline constexpr std::string_view simulated_gateway = "simulated";

/// What the configuration has chosen for a role.
[[nodiscard]] std::string_view chosen_implementation(const options& values, std::string_view role);
/// Puts what the configuration has chosen in place. `simulated` makes the simulated gateway. Throws
/// std::runtime_error for a name that is not known.
void use_implementations(factories& make, const options& values, const extension& with,
                         const std::function<void(factories&)>& simulated);

/// A problem for each role whose chosen implementation is not known.
[[nodiscard]] std::vector<config_problem> unknown_implementations(const options& values,
                                                                  const extension& with);
/// For print-options: a table of what can be chosen.
[[nodiscard]] std::string implementations_as_markdown(const extension& with);

} // namespace weappd
