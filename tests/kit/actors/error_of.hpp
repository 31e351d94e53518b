#pragma once

#include "messages/error.hpp"

#include <caf/expected.hpp>

namespace weappd {

/// The code that an actor answered with; `none` when it answered what was asked for.
template <class T>
ec error_of(const caf::expected<T>& answer) {
  return answer ? ec::none : code_of(answer.error());
}

} // namespace weappd
