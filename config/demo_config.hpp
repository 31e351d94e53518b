#pragma once

#include <string>

namespace weappd {

/// What is configured with --simulate and without a file, as YAML: the apps that the simulator knows, a
/// template of each kind, a client and a trigger. The example configuration holds the same. Its secrets are
/// public.
[[nodiscard]] const std::string& demo_configuration();

/// Read after it: limits that nobody meets who tries things out, or runs tests, from one address.
[[nodiscard]] const std::string& demo_limits();

} // namespace weappd
