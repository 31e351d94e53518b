#pragma once

#include "http/tls/handshake_watch.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weappd::http {

/// One connection's TLS: bytes of the wire in, bytes of HTTP out, and back. It knows no socket and no time;
/// whoever has the socket sends outgoing() after each call.
class tls_session {
public:
  /// A new connection under this context, as the server; null when there is no memory. `watch` outlives it.
  static std::unique_ptr<tls_session> open(SSL_CTX& context, handshake_watch& watch);
  /// Counts a handshake that has not come to its end.
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// Takes what has come, all of it, and appends what it says to `plain`.
  void receive(std::string_view bytes, boost::beast::flat_buffer& plain);
  /// Seals. Only after the handshake. False: it cannot any more.
  [[nodiscard]] bool send(std::string_view plain);
  /// Says that nothing more will be sent (close_notify). Does nothing the second time, or without a
  /// handshake.
  void say_goodbye();
  /// The handshake took too long.
  void give_up();

  [[nodiscard]] bool is_shaking_hands() const noexcept { return phase_ == phase::handshake; }
  /// The client has said that it will send nothing more.
  [[nodiscard]] bool is_over() const noexcept { return phase_ == phase::over; }
  /// What came was no TLS, or none that we speak. An alert may be in outgoing().
  [[nodiscard]] bool has_failed() const noexcept { return phase_ == phase::failed; }

  /// For the wire. The caller takes from its front what was sent.
  [[nodiscard]] std::string& outgoing() noexcept { return wire_.outgoing; }

  /// Both ends of the wire, as OpenSSL's BIO sees them.
  struct wire {
    std::string_view incoming; ///< not yet taken
    std::string outgoing;
  };

private:
  enum class phase : std::uint8_t { handshake, open, over, failed };
  struct free_ssl {
    void operator()(SSL* one) const noexcept;
  };
  using ssl_ptr = std::unique_ptr<SSL, free_ssl>;

  tls_session(ssl_ptr ssl, handshake_watch& watch);

  void shake_hands();
  void read_records(boost::beast::flat_buffer& plain);
  void fail();

  handshake_watch& watch_;
  wire wire_; ///< before ssl_, which refers to it
  ssl_ptr ssl_;
  phase phase_ = phase::handshake;
};

} // namespace weappd::http
