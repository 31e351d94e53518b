#include "config/crypto/sha256.hpp"

#include "config/crypto/must.hpp"

#include <memory>

#include <openssl/evp.h>

namespace weappd::crypto {
namespace {

struct hash_free {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

} // namespace

digest sha256(std::string_view text, std::string_view more) {
  const std::unique_ptr<EVP_MD_CTX, hash_free> context(EVP_MD_CTX_new());
  digest out;
  unsigned size = 0;
  must(context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  must(EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1);
  must(EVP_DigestUpdate(context.get(), more.data(), more.size()) == 1);
  must(EVP_DigestFinal_ex(context.get(), out.data(), &size) == 1 && size == out.size());
  return out;
}

} // namespace weappd::crypto
