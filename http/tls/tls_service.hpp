#pragma once

#include "config/certificate.hpp"
#include "config/crypto/random.hpp"
#include "config/options.hpp"
#include "http/tls/handshake_watch.hpp"
#include "http/tls/ticket_keys.hpp"
#include "http/tls/tls_session.hpp"
#include "messages/event_log.hpp"
#include "messages/time.hpp"

#include <openssl/types.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>
#include <mutex>
#include <string>

namespace weappd::http {

/// What the TLS connections of a server share: certificate, ticket keys, counts. Outlives them. Safe to use
/// from several threads.
///
/// TLS 1.2 with forward secrecy and authenticated encryption only, and 1.3; ALPN http/1.1; no renegotiation,
/// no compression, no early data. Sessions are resumed by tickets alone, so a server keeps nothing for a
/// client that is gone.
class tls_service {
public:
  /// `random`, `clock` and `events` outlive it.
  tls_service(const tls_options& settings, crypto::random_source& random, const wall_clock& clock,
              event_log& events, prometheus::Registry& registry);

  /// New connections get this certificate from now on; those that are open go on with theirs. Empty, or words
  /// on why OpenSSL does not take it: then nothing has changed.
  [[nodiscard]] std::string use(const certificate& wanted);
  /// For a new connection; null when there is no memory, or no certificate yet.
  [[nodiscard]] std::unique_ptr<tls_session> open();

  /// For OpenSSL's callbacks.
  [[nodiscard]] ticket_keys& tickets() noexcept { return tickets_; }
  [[nodiscard]] const wall_clock& clock() const noexcept { return clock_; }

private:
  const tls_version min_version_;
  const wall_clock& clock_;
  handshake_watch watch_;
  ticket_keys tickets_;
  prometheus::Gauge& not_after_;
  std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
};

} // namespace weappd::http
