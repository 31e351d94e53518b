#include "actors/secret_checker.hpp"

#include "config/crypto/secret_hash.hpp"

namespace weappd {

secret_checker_actor::behavior_type secret_checker(secret_checker_actor::pointer) {
  return {
      [](get_status) { return status_report{.state = health::ok, .detail = "checks secrets"}; },
      [](const check_secret& wanted) {
        return secret_checked{crypto::check_secret(wanted.password, wanted.hash)};
      },
  };
}

} // namespace weappd
