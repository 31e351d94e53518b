#pragma once

#include "config/secret.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// Calls from this server to others, seen by those who make them. curl_client.hpp is the real one; tests
/// put their own in its place.
namespace weappd {

enum class http_method : std::uint8_t { get, post };

/// URL and body are secrets by type: platforms carry keys and tokens in both.
struct http_call {
  http_method method = http_method::get;
  secret url;
  secret body{};                   ///< of a post
  std::string_view content_type{}; ///< of the body of a post: a literal; empty: a form's
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds total_timeout{5'000}; ///< from the hand-over to the end, waiting included
  std::uint32_t max_answer_bytes = 0; ///< of the body, if it may be longer than the client's bound; 0: that
  /// Whether the request may be written a second time when a kept connection turns out to be dead. False for
  /// what the other side takes only once.
  bool repeatable = true;
};

enum class http_failure : std::uint8_t {
  none,                ///< there is an answer, whatever its status
  connect,             ///< name not found, refused, unreachable
  timeout_before_send, ///< no byte of the request was written in time
  timeout_after_send,  ///< the other side may have done what was asked
  tls,                 ///< handshake or certificate
  too_large,           ///< the answer is longer than the bound
  stopped,             ///< the client was stopped
  other,               ///< broken off, not HTTP
};
std::string_view to_string(http_failure failure);

struct http_outcome {
  http_failure failure = http_failure::none;
  int status = 0;               ///< HTTP status; 0 if there is none
  secret body{};                ///< complete, and only if `failure` is none
  bool request_written = false; ///< at least one byte of the request has left
};

class http_client {
public:
  using done_function = std::function<void(http_outcome)>;

  virtual ~http_client() = default;

  /// Makes the call. `done` is called exactly once, on a thread of the client; it must not throw nor block.
  /// False: too many calls wait already, or the client was stopped; `done` is not called then. From any
  /// thread.
  [[nodiscard]] virtual bool start(http_call call, done_function done) = 0;
};

} // namespace weappd
