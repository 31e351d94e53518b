#pragma once

#include "config/options.hpp"
#include "messages/rate.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

/// From which addresses so many logins failed that they have to solve challenges. Pure; time is handed in.
namespace weappd {

/// Remembers at most challenge.max_watched addresses; the one whose last failed login is longest ago is
/// forgotten first.
class login_failures {
public:
  using time = std::chrono::nanoseconds; ///< of a clock that does not go back

  /// One more login has failed. True if the address has to solve challenges from now on and had not before:
  /// it was the last of challenge.failed_logins within a stretch of time as long as challenge.window_s
  /// without its end.
  bool failed(const rate_key& who, time now, const challenge_options& rules);
  /// A login has succeeded: takes back one failed login, not all of them. Else who can log in himself could
  /// wash away his guesses, and an address that many share would never have to solve anything.
  void succeeded(const rate_key& who, time now, const challenge_options& rules);
  /// Nothing: it need not solve any; else how many logins have failed since it has to and were not taken
  /// back, as far as they make it harder: for a CAPTCHA 0, for a proof of work up to challenge.max_bits.
  [[nodiscard]] std::optional<std::uint32_t> further(const rate_key& who, time now) const;

  /// Whether it has failed lately; a success of anybody else changes nothing.
  [[nodiscard]] bool knows(const rate_key& who) const { return places_.contains(who); }

  /// Forgets who has been quiet for long enough.
  void tidy(time now, const challenge_options& rules);
  [[nodiscard]] std::size_t size() const noexcept { return by_age_.size(); }

private:
  struct entry {
    rate_key who;
    time last{};             ///< its last failed login
    std::vector<time> calm;  ///< failed logins while it need not solve any: fewer than failed_logins
    std::optional<time> end; ///< until when it has to
    std::uint32_t further = 0;
  };
  using entries = std::list<entry>;

  [[nodiscard]] static bool has_to(const entry& one, time now) noexcept { return one.end && now < *one.end; }
  entry& touch(const rate_key& who, time now, const challenge_options& rules);
  void forget(entries::iterator one);

  entries by_age_; ///< the last to fail is the last one
  std::map<rate_key, entries::iterator> places_;
};

} // namespace weappd
