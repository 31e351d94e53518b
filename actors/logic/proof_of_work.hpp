#pragma once

#include "config/crypto/hmac.hpp"
#include "config/crypto/random.hpp"
#include "messages/challenges.hpp"
#include "messages/rate.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// Challenges that cost a client work and us next to nothing: nothing is kept for one that was given out,
/// because all that must be known of it is in its text, signed. Pure; time and randomness are handed in.
namespace weappd {

/// The longest text of a solution: a decimal number of 64 bits.
inline constexpr std::size_t max_work_solution = 20;
inline constexpr std::uint32_t max_work_bits = 64;

/// Whether SHA-256(challenge ":" solution) begins with at least `bits` zero bits.
[[nodiscard]] bool has_zero_bits(std::string_view challenge, std::string_view solution, std::uint32_t bits);

/// Makes challenges and checks what comes back. Its key is random and never leaves it: what another process
/// has made is `forged` here. One thread at a time.
///
/// The text is base64url of version (1 byte), difficulty (1), moment (8), end (8), address (16), random bytes
/// (16) and their HMAC-SHA-256 (32).
class proof_of_work {
public:
  /// Of a clock that does not go back. Civil time would: a clock that was set back would make old challenges
  /// good again.
  using time = std::chrono::nanoseconds;

  explicit proof_of_work(crypto::random_source& random);

  /// One for this address. `bits` at most max_work_bits.
  [[nodiscard]] std::string make(const rate_key& who, std::uint32_t bits, time now,
                                 std::chrono::seconds validity);

  struct finding {
    /// passed, malformed, forged, foreign, expired, outgrown or unsolved.
    challenge_outcome what = challenge_outcome::malformed;
    crypto::digest id{}; ///< of the challenge, if it is genuine
    time begins{};       ///< when it was made, if it is genuine
    time ends{};         ///< when it expires, if it is genuine
  };
  /// One HMAC and, if all else is right, one hash. `least_bits`: what this address has to solve now. Who
  /// gathered easy challenges before it failed cannot use them any more. The solution is a decimal number of
  /// 1 to 20 digits.
  [[nodiscard]] finding check(std::string_view challenge, std::string_view solution, const rate_key& who,
                              std::uint32_t least_bits, time now);

private:
  crypto::random_source& random_;
  crypto::hmac_sha256 mac_;
  time zero_{}; ///< random, added to all moments: for how long the machine has run is not told
};

} // namespace weappd
