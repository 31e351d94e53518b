#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

/// Requests that carry an Idempotency-Key: the first final answer is kept and given again.
namespace weappd {

/// What a key stands for. Both are keyed hashes, made by the HTTP side.
struct once_slot {
  keyed_hash name; ///< of the caller and the key
  keyed_hash
      fingerprint; ///< of method, route, parameter and body: the same key for another request is a mistake
  std::chrono::seconds keep{86'400}; ///< for how long its answer is kept; auth.idempotency_s
};

/// An answer as it was given. The body may hold tokens, so it is a secret and sealed at rest.
struct kept_answer {
  int status = 0; ///< HTTP
  secret body;
};

/// May this request run? Answer: once_verdict. Errors: idempotency_in_progress (the first one still runs),
/// idempotency_mismatch (another request had this key), storage_unavailable, overloaded.
struct begin_once {
  once_slot slot;
};
struct once_verdict {
  std::optional<kept_answer> replay; ///< give this; nothing: run, and say end_once
};

/// The request that was let run has its answer. Answer: done, when it is durable. With nothing to keep (the
/// answer was not final, or the handler has stored it itself) the key is free again at once.
struct end_once {
  once_slot slot;
  std::optional<kept_answer> answer;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::begin_once)
WEAPPD_MESSAGE(weappd::once_verdict)
WEAPPD_MESSAGE(weappd::end_once)
