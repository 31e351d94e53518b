#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What ties the log lines of several programs together: W3C Trace Context. Pure.
namespace weappd::http {

struct trace_context {
  std::string_view trace_id;  ///< 32 lower-case hexadecimal digits, not all zero
  std::string_view parent_id; ///< 16 of them, not all zero
  std::uint8_t flags = 0;     ///< bit 0: sampled
};

/// Reads `traceparent` (W3C Trace Context, section 3.2); the result has views into it. Nothing if it is
/// invalid: the request then counts as one without it. A version above 00 is read as far as 00 goes.
[[nodiscard]] std::optional<trace_context> parse_traceparent(std::string_view text) noexcept;

/// Its trace id, or nothing.
[[nodiscard]] inline std::string_view trace_id_of(std::string_view traceparent) noexcept {
  const auto trace = parse_traceparent(traceparent);
  return trace ? trace->trace_id : std::string_view{};
}

/// As a traceparent of version 00, 55 bytes.
[[nodiscard]] std::string to_traceparent(const trace_context& trace);

} // namespace weappd::http
