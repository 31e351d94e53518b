#pragma once

#include <string_view>

namespace weappd {

inline constexpr std::string_view version = WEAPPD_VERSION;

} // namespace weappd
