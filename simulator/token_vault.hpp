#pragma once

#include "config/crypto/random.hpp"
#include "simulator/errors.hpp"
#include "simulator/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace weappd::simulator {

/// An access token as an endpoint answers it.
struct token_answer {
  std::string access_token;
  std::chrono::seconds expires_in{}; ///< the life that remains
};

/// The access tokens of one app: those of `cgi-bin/token` and those of `cgi-bin/stable_token`, which know
/// nothing of one another. Pure: time and randomness are handed in.
class token_vault {
public:
  static constexpr std::chrono::seconds life{7'200};
  /// A token that was replaced works this much longer; a stable token with less life than this is replaced.
  static constexpr std::chrono::seconds overlap{300};
  static constexpr std::chrono::seconds forced_interval{30};
  static constexpr int forced_per_day = 20; ///< counted by days of China time
  /// Tokens remembered of each kind; a forgotten one counts as unknown.
  static constexpr std::size_t remembered = 64;

  /// A new token with full life. The previous one works for `overlap` more, or until its own end.
  token_answer classic(moment now, crypto::random_source& random);

  /// Normal: the current token with its remaining life, which is never less than `overlap`; where less is
  /// left, a new one, and the old one works until its own end. Forced: the current token stops at once and a
  /// new one comes, except that within `forced_interval` of the last forced refresh nothing is refreshed.
  /// Errors: day_limit, for the forced refresh after the last of the day.
  std::variant<token_answer, errcode> stable(moment now, bool force, crypto::random_source& random);

  /// What a business endpoint says to this token now: nothing if it works, token_expired if its life is over,
  /// token_invalid if another has taken its place or it was never given out.
  [[nodiscard]] std::optional<errcode> check(moment now, std::string_view token) const;

  /// Every token that works now expires now. Answers how many there were.
  std::size_t expire(moment now);

private:
  struct issued {
    std::string token;
    moment works_until; ///< before `expires_at` if another token has taken its place
    moment expires_at;
  };
  using history = std::deque<issued>; ///< the newest is the current one

  static token_answer issue(history& of, moment now, crypto::random_source& random);
  static token_answer answer(const issued& token, moment now);

  history classic_;
  history stable_;
  std::optional<moment> last_forced_;
  std::int64_t forced_day_ = 0;
  int forced_today_ = 0;
};

} // namespace weappd::simulator
