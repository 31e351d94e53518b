#include "actors/allow_all_limiter.hpp"

namespace weappd {

rate_limiter_actor::behavior_type allow_all_limiter() {
  return {
      [](get_status) { return status_report{}; },
      [](const acquire&) { return verdict{}; },
      [](const use_limits&) { return done{}; },
  };
}

} // namespace weappd
