#pragma once

#include <openssl/types.h>

#include <chrono>
#include <string>

namespace weappd::kit {

/// A key and a certificate for it that nobody but itself has signed, both in PEM.
struct self_signed {
  std::string key_pem;
  std::string certificate_pem;

  enum class key_kind { p256, rsa_2048, rsa_1024 };
  struct wishes {
    std::string common_name = "test";
    key_kind key = key_kind::p256;
    std::chrono::seconds from = std::chrono::minutes(-1); ///< counted from now
    std::chrono::seconds to = std::chrono::hours(1);
  };
  /// `name` as OpenSSL writes subject alternative names: "IP:127.0.0.1".
  static self_signed make(const std::string& name);
  static self_signed make(const std::string& name, const wishes& other);

  /// Writes the certificate to a file and answers its path.
  [[nodiscard]] std::string certificate_file(const std::string& path) const;
  /// The key, for its owner alone.
  [[nodiscard]] std::string key_file(const std::string& path) const;
  /// SHA-256 of the certificate in hexadecimal digits.
  [[nodiscard]] std::string fingerprint() const;
};

/// SHA-256 of a certificate in hexadecimal digits.
std::string fingerprint_of(const X509& certificate);

} // namespace weappd::kit
