#pragma once

#include "config/options.hpp"

namespace weappd {

/// The mini program `demo` that the simulator knows and that the example configuration names. Its secret is
/// public.
inline app_options demo_app() {
  return {.kind = app_kind::mini_program,
          .app_id = "wxdemo0000000001",
          .app_secret = secret(std::string("demo-app-secret"))};
}

} // namespace weappd
