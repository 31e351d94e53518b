#pragma once

#include "config/options.hpp"

#include <chrono>
#include <cstdint>

/// When the access token of an app is fetched again. Pure: time and randomness are handed in.
///
/// The refresh margin (token.refresh_margin_s) is decided here and proved by the tests of this name:
/// - A token is fetched again when less than the margin of its life is left.
/// - WeChat's stable mode hands out the very same token until less than 5 minutes of its life remain. A
/// schedule
///   that has met this asks again when 4 min 30 s remain, and from then on asks only at that point: an
///   earlier question could not give a longer life. So a life of two hours costs one fetch, not two.
/// - After a failure the waits grow from retry_min to retry_max, each drawn anew so that servers which failed
///   together do not come back together. A refusal that only an operator can mend is asked about slowly from
///   the start: WeChat blocks who insists.
namespace weappd {

class refresh_schedule {
public:
  using duration = std::chrono::milliseconds;

  explicit refresh_schedule(const token_options& config);

  /// A fetch gave a token with `remaining` life, `same` as the one before. How long to wait with the next
  /// fetch; `random` (32 random bits) spreads it. Not less than retry_min.
  duration after_success(duration remaining, bool same, std::uint32_t random);
  /// A fetch failed. How long to wait with the next one.
  duration after_failure(bool misconfigured, std::uint32_t random);
  /// Fetches in a row that failed.
  [[nodiscard]] std::uint32_t failures() const noexcept { return failures_; }

private:
  duration margin_;
  duration retry_min_;
  duration retry_max_;
  std::uint32_t failures_ = 0;
  bool platform_keeps_tokens_ = false;
};

} // namespace weappd
