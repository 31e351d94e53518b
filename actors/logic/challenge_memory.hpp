#pragma once

#include "actors/logic/login_failures.hpp"
#include "actors/logic/proof_of_work.hpp"
#include "actors/logic/recent_uses.hpp"
#include "config/crypto/hmac.hpp"
#include "config/crypto/random.hpp"
#include "config/crypto/random_key.hpp"

namespace weappd {

/// What challenge desks know, one after the other: it outlives a desk that dies, so that a death makes no
/// used solution good again and no address free. It ends with the process. One desk at a time.
struct challenge_memory {
  explicit challenge_memory(crypto::random_source& random) : work(random), mac(crypto::random_mac(random)) {}

  proof_of_work work;
  login_failures failures;
  recent_uses used;        ///< solutions, and the logins that they were used for
  recent_uses counted;     ///< logins whose end was counted
  crypto::hmac_sha256 mac; ///< instead of what clients sent, its hash is remembered
};

} // namespace weappd
