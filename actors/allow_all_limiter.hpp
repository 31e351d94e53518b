#pragma once

#include "messages/actors.hpp"

namespace weappd {

/// A rate limiter that counts nothing and refuses nothing: the implementation `allow_all`. Answers carry no
/// RateLimit fields. For servers behind a gateway that limits already, and for measurements.
rate_limiter_actor::behavior_type allow_all_limiter();

} // namespace weappd
