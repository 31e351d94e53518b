#pragma once

#include "config/load.hpp"
#include "config/options.hpp"

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weappd {

/// A certificate with its key and with the certificates that lead to its root.
struct certificate {
  std::shared_ptr<X509> leaf;
  std::vector<std::shared_ptr<X509>> chain;
  std::shared_ptr<EVP_PKEY> key;
  std::string subject;          ///< RFC 2253
  std::string fingerprint;      ///< SHA-256 of the leaf, in hexadecimal digits
  std::string all_fingerprints; ///< of the leaf and of each of the chain
  std::chrono::sys_seconds not_before{};
  std::chrono::sys_seconds not_after{};
};

[[nodiscard]] inline bool is_in_time(const certificate& one,
                                     std::chrono::sys_time<std::chrono::milliseconds> now) {
  return one.not_before <= now && now < one.not_after;
}

struct loaded_certificate {
  std::optional<certificate> value;
  std::vector<config_problem> problems; ///< all of them; empty: `value` is there
};

/// Reads the files that http.tls names. A problem, with the option and the file, for each that cannot be
/// read, holds something else, or does not fit the other; for a key that its group or others can read, that
/// has a passphrase, or that is weak (less than 112 bits of security, as RSA of 1024 bits is). The time of
/// the certificate is for the caller to judge.
[[nodiscard]] loaded_certificate load_certificate(const tls_options& values);

} // namespace weappd
