#pragma once

#include "config/keyring.hpp"
#include "config/secret.hpp"
#include "http/server/request_context.hpp"
#include "messages/once.hpp"
#include "messages/push.hpp"
#include "messages/time.hpp"

#include <chrono>
#include <string_view>

namespace weappd::http {

/// Whether a field's value is a key as we want it: 1 to 255 visible ASCII characters.
[[nodiscard]] bool is_idempotency_key(std::string_view text) noexcept;

/// Whether an answer of this status is the last word on its request. Not so: what was refused before the
/// request was looked at (400, 401, 403, 413, 429), and what may be otherwise in a moment (503, 504).
[[nodiscard]] bool is_final(int status) noexcept;

/// The guard of what the request with this slot does, or of one `part` of it where that is several things. It
/// is for the request alone: the same key with another body has another guard, and so has another caller. In
/// force for as long as an answer that is kept at `now`.
[[nodiscard]] duplicate_guard guard_of(const once_slot& slot, std::string_view part, timestamp now);

/// Makes the slots of requests with an Idempotency-Key: keyed hashes, so that the store knows neither keys
/// nor bodies. Safe to use from several threads.
class once_slots {
public:
  /// `keep`: for how long answers are kept.
  once_slots(const keyring& lookup, std::chrono::seconds keep);

  /// Name: who asks (the user, the service client; on an open route the client's address) and the key.
  /// Fingerprint: method, route, parameter, query and body.
  [[nodiscard]] once_slot slot_of(const request_context& request) const;

private:
  secret key_;
  std::chrono::seconds keep_;
};

} // namespace weappd::http
