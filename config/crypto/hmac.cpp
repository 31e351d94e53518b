#include "config/crypto/hmac.hpp"

#include "config/crypto/must.hpp"

#include <cstddef>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace weappd::crypto {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

void hmac_sha256::context_free::operator()(evp_mac_ctx_st* context) const noexcept {
  EVP_MAC_CTX_free(context);
}

hmac_sha256::hmac_sha256(std::string_view key) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  must(mac != nullptr);
  context_.reset(EVP_MAC_CTX_new(mac)); // keeps a reference of its own
  EVP_MAC_free(mac);
  must(context_ != nullptr);

  char name[] = "SHA256"; // OSSL_PARAM wants it writable and does not write
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                               OSSL_PARAM_construct_end()};
  // A null pointer would mean "the key of before"; an empty key is a key.
  const auto* bytes = bytes_of(key.data() == nullptr ? std::string_view("") : key);
  must(EVP_MAC_init(context_.get(), bytes, key.size(), params) == 1);
}

digest hmac_sha256::operator()(std::string_view text, std::string_view more) {
  digest out;
  std::size_t size = 0;
  must(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
  must(EVP_MAC_update(context_.get(), bytes_of(text), text.size()) == 1);
  if (!more.empty())
    must(EVP_MAC_update(context_.get(), bytes_of(more), more.size()) == 1);
  must(EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1 && size == out.size());
  return out;
}

bool equal(const digest& a, const digest& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::array<std::uint8_t, 32> derive_key(std::string_view master, std::string_view purpose) {
  // RFC 5869 with an empty salt (a zero block of the hash length) and one block of output: two HMACs.
  constexpr digest no_salt{};
  hmac_sha256 extract({reinterpret_cast<const char*>(no_salt.data()), no_salt.size()});
  digest inner = extract(master);
  hmac_sha256 expand({reinterpret_cast<const char*>(inner.data()), inner.size()});
  OPENSSL_cleanse(inner.data(), inner.size());
  return expand(purpose, std::string_view("\x01", 1));
}

} // namespace weappd::crypto
