#include "http/tls/tls_service.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace weappd::http {
namespace {

// Forward secrecy and authenticated encryption; the server's order, but a client whose processor has no AES
// gets ChaCha20 (Mozilla's "intermediate" list without the finite-field groups).
constexpr auto ciphers_1_2 = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                             "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                             "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr auto ciphers_1_3 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr auto groups = "X25519:P-256:P-384";
constexpr std::uint64_t switches = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;
// No primes below 2,048 bits, no SHA-1 signatures.
constexpr int security_level = 2;
constexpr std::string_view protocol = "http/1.1";
constexpr std::array<unsigned char, 6> id_context{'w', 'e', 'a', 'p', 'p', 'd'};

/// RFC 7301: who offers protocols and not ours is refused; who offers none speaks ours.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  for (unsigned at = 0; at < offered_size; at += 1U + offered[at]) {
    const std::string_view one(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
    if (one == protocol) {
      *chosen = offered + at + 1;
      *size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool prepare_mac(EVP_MAC_CTX* mac, ticket_key& key) {
  std::string digest = "SHA256"; // OpenSSL takes it without const
  const std::array params{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, params.data()) == 1;
}

/// SSL_CTX_set_tlsext_ticket_key_evp_cb(3): -1 is a failure, 0 an unknown key, 2 a ticket that shall be
/// renewed.
int prepare_ticket(SSL* ssl, unsigned char* name, unsigned char* vector, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, int sealing) {
  auto& service = *static_cast<tls_service*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const auto now = service.clock().now();
  if (sealing == 1) {
    auto key = service.tickets().sealing(now);
    std::copy(key.name.begin(), key.name.end(), name);
    service.tickets().fill({vector, static_cast<std::size_t>(EVP_CIPHER_get_iv_length(EVP_aes_256_cbc()))});
    return EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), vector) == 1 &&
                   prepare_mac(mac, key)
               ? 1
               : -1;
  }
  auto found = service.tickets().opening(std::span<const std::uint8_t, 16>(name, 16), now);
  if (!found)
    return 0;
  if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, found->key.cipher.data(), vector) != 1 ||
      !prepare_mac(mac, found->key))
    return -1;
  return found->retired ? 2 : 1;
}

bool take_certificate(SSL_CTX* context, const certificate& wanted) {
  if (SSL_CTX_use_certificate(context, wanted.leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, wanted.key.get()) != 1)
    return false;
  for (const auto& each : wanted.chain)
    if (SSL_CTX_add1_chain_cert(context, each.get()) != 1)
      return false;
  return true;
}

bool take_settings(SSL_CTX* context, tls_version least, tls_service& service) {
  SSL_CTX_set_security_level(context, security_level);
  SSL_CTX_set_options(context, switches);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); // an idle connection keeps no record buffers
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, static_cast<long>(service.tickets().life().count()));
  SSL_CTX_set_app_data(context, &service);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  const auto version = least == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  return SSL_CTX_set_min_proto_version(context, version) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, ciphers_1_2) == 1 &&
         SSL_CTX_set_ciphersuites(context, ciphers_1_3) == 1 &&
         SSL_CTX_set1_groups_list(context, groups) == 1 &&
         SSL_CTX_set_session_id_context(context, id_context.data(), id_context.size()) == 1 &&
         SSL_CTX_set_tlsext_ticket_key_evp_cb(context, prepare_ticket) == 1;
}

std::string last_problem() {
  const auto* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string words = reason != nullptr ? reason : "OpenSSL does not say why";
  ERR_clear_error();
  return words;
}

} // namespace

tls_service::tls_service(const tls_options& settings, crypto::random_source& random, const wall_clock& clock,
                         event_log& events, prometheus::Registry& registry)
    : min_version_(settings.min_version), clock_(clock), watch_(registry, events, clock),
      tickets_(random, std::chrono::seconds(settings.ticket_rotation_s)),
      not_after_(prometheus::BuildGauge()
                     .Name("weappd_tls_certificate_not_after_seconds")
                     .Help("When the certificate in use ends, in seconds since 1970.")
                     .Register(registry)
                     .Add({})) {}

std::string tls_service::use(const certificate& wanted) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!made || !take_settings(made.get(), min_version_, *this) || !take_certificate(made.get(), wanted))
    return last_problem();
  not_after_.Set(static_cast<double>(wanted.not_after.time_since_epoch().count()));
  std::lock_guard guard(mutex_);
  context_ = std::move(made);
  return {};
}

std::unique_ptr<tls_session> tls_service::open() {
  std::shared_ptr<SSL_CTX> context;
  {
    std::lock_guard guard(mutex_);
    context = context_;
  }
  return context ? tls_session::open(*context, watch_) : nullptr;
}

} // namespace weappd::http
