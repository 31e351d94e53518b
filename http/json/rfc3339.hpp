#pragma once

#include "messages/time.hpp"

#include <optional>
#include <string_view>

namespace weappd::json {

/// A moment as RFC 3339 writes it: "2026-11-25T22:00:00Z", with a fraction of 1 to 9 digits (cut to
/// milliseconds) and an offset instead of Z if need be. The date must exist; years 1970 to 9999; no leap
/// second. Nothing for anything else.
[[nodiscard]] std::optional<timestamp> read_rfc3339(std::string_view text) noexcept;

} // namespace weappd::json
