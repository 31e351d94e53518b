#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/rate.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// What an address has to do before each login after too many logins from it have failed. An address is known
/// by its rate_key: IPv4 exactly, IPv6 by its /64.
namespace weappd {

/// What became of a login for which a challenge had to be solved. A client is told only whether it may go on.
enum class challenge_outcome : std::uint8_t {
  asked,     ///< it came without a solution
  passed,    ///< solved, and used for this login
  repeated,  ///< the login that this solution was used for, once more
  malformed, ///< not the text of a challenge, or of a solution
  forged,    ///< this process did not make the challenge, or it was changed
  foreign,   ///< made for another address
  expired,   ///< too old
  outgrown,  ///< easier than what the address has to solve by now
  unsolved,  ///< the number does not solve it
  replayed,  ///< used for another login
  refused,   ///< by the CAPTCHA service
  unclear,   ///< the CAPTCHA service gave no judgement
};
inline constexpr std::size_t challenge_outcomes = 12;
[[nodiscard]] std::string_view to_string(challenge_outcome what) noexcept;

/// A text such that whoever finds a number behind it may log in: SHA-256(text ":" number) must begin with so
/// many zero bits.
struct proof_of_work_offer {
  std::string challenge{};
  std::uint32_t difficulty = 0;
  std::chrono::seconds expires_in{};
};
/// The CAPTCHA service's puzzle for this site.
struct captcha_offer {
  std::string site_key{};
};
using challenge_offer = std::variant<proof_of_work_offer, captcha_offer>;

/// May this login be tried? Answer: login_admission. Errors: overloaded (too many are being judged).
///
/// A solution is good for one attempt: the same solution with the same `attempt` is the same login (a client
/// that did not get the answer) and is admitted again as long as the solution is valid; with another one it
/// is refused.
struct admit_login {
  rate_key who{};
  std::string address{};   ///< of the client, for the CAPTCHA service
  secret attempt{};        ///< what is tried: the same text for the same login
  std::string challenge{}; ///< as the client sent it back; empty: none
  secret solution{};       ///< as the client sent it; empty: none
};
struct login_admission {
  enum class verdict : std::uint8_t {
    admitted,
    must_solve, ///< what is in `offer`
    unclear,    ///< no judgement was to be had. The same solution may be sent again, or one of `offer`
  };
  verdict said = verdict::admitted;
  bool asked_outside = false; ///< the CAPTCHA service was asked, and the client waited for it
  challenge_offer offer{};
};

/// A login that was admitted has failed because of what was tried, or has succeeded. No answer. Not sent for
/// logins that ended in any other way: they say nothing about the client. The same `attempt` from the same
/// address, sent again, is counted once.
struct login_ended {
  rate_key who{};
  secret attempt{}; ///< as in admit_login
  bool succeeded = false;
};

/// Is this the answer of a person to the CAPTCHA service's puzzle? Answer: captcha_judgement, within
/// challenge.captcha.timeout_ms. Whatever is not certain is `unclear`.
struct verify_captcha {
  secret response{};
  std::string address{};
};
enum class captcha_verdict : std::uint8_t { passed, refused, unclear };
struct captcha_judgement {
  captcha_verdict verdict = captcha_verdict::unclear;
  std::string detail{}; ///< why, for our log: nothing that the client or the service wrote
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::admit_login)
WEAPPD_MESSAGE(weappd::login_admission)
WEAPPD_MESSAGE(weappd::login_ended)
WEAPPD_MESSAGE(weappd::verify_captcha)
WEAPPD_MESSAGE(weappd::captcha_judgement)
