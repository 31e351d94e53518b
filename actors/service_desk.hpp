#pragma once

#include "actors/services.hpp"
#include "config/crypto/hmac.hpp"
#include "messages/actors.hpp"
#include "messages/service.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>

/// Lets service clients in. Options: clients and auth.service_ttl_s of config/options.hpp.
namespace weappd {

struct service_desk_state {
  static inline const char* name = "service_desk";

  services_ptr services;
  std::optional<crypto::hmac_sha256> mac; ///< its key is random and in memory only
  std::map<std::string, crypto::digest>
      proved; ///< of the right secret; at most one for each configured client
  std::size_t checking = 0;
};

/// Checks that wait for the secret checker; one more login is refused with `overloaded`.
inline constexpr std::size_t max_secret_checks = 64;

/// The promise of messages/service.hpp. A secret is checked against its slow hash once; that it was right is
/// remembered by a keyed hash for as long as the desk lives, so that the next login costs microseconds.
///
/// An unknown client id costs the same time as a wrong secret: it is checked against the hash of another
/// client, and the outcome does not matter. Every login is an event, service.login or service.login_failed;
/// an id that is not configured is not repeated in it, for it may be a secret that was put into the wrong
/// field.
service_desk_actor::behavior_type service_desk(service_desk_actor::stateful_pointer<service_desk_state> self,
                                               services_ptr services);

} // namespace weappd
