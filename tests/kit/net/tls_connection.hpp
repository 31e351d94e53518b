#pragma once

#include "tests/kit/net/raw_http.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace weappd::kit {

/// What a TLS client wants.
struct tls_wishes {
  int version = 0;                        ///< OpenSSL's number of the only one; 0: whatever both know
  std::string protocols{};                ///< ALPN as on the wire, "\x08http/1.1"
  std::shared_ptr<SSL_SESSION> session{}; ///< to be resumed
  std::string before{};                   ///< sent as it is, in front of the handshake
};

/// The handshake did not come to its end; OpenSSL's words.
struct tls_refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A raw_connection over TLS, by OpenSSL as the client. It believes every certificate.
class tls_connection final : public raw_connection {
public:
  /// Shakes hands. Throws tls_refused.
  explicit tls_connection(std::uint16_t port, const tls_wishes& wishes = {},
                          milliseconds patience = milliseconds(10'000));
  ~tls_connection() override;

  bool send(std::string_view bytes) override;
  /// Sends close_notify.
  void say_goodbye();
  /// Whether the other side has sent close_notify.
  [[nodiscard]] bool has_heard_goodbye() const;
  /// TLS 1.3: sends with new keys from now on, and asks the other side to do so too.
  void update_keys();
  /// Asks for another handshake. False: the other side does not want to.
  bool renegotiate();

  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::string protocol() const;
  [[nodiscard]] std::string cipher() const;
  [[nodiscard]] bool was_resumed() const;
  /// To be resumed by a later connection. With TLS 1.3 only after an answer was read.
  [[nodiscard]] std::shared_ptr<SSL_SESSION> session() const;
  /// SHA-256 of the other side's certificate in hexadecimal digits.
  [[nodiscard]] std::string fingerprint() const;

protected:
  bool receive(milliseconds patience) override;

private:
  struct free_context {
    void operator()(SSL_CTX* one) const noexcept;
  };
  struct free_ssl {
    void operator()(SSL* one) const noexcept;
  };
  std::unique_ptr<SSL_CTX, free_context> context_;
  std::unique_ptr<SSL, free_ssl> ssl_;
  bool heard_goodbye_ = false;
};

} // namespace weappd::kit
