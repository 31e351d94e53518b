#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_cipher_ctx_st;

namespace weappd::crypto {

/// AES-256-GCM (NIST SP 800-38D) with a fresh random 96-bit nonce for each text. The result names its key and
/// is bound to `place` (table, column and row as one text): moved to another row it does not open.
/// Layout: version 1, length of the key id, key id, nonce (12), ciphertext, tag (16).
/// One key may seal 2^32 texts (SP 800-38D section 8.3); rotate it long before. Belongs to one thread: the
/// contexts that hold the expanded keys are used again and again.
class sealed_box {
public:
  /// `random` must outlive the box; of `ring` the box keeps only the keys derived from it. `purpose`
  /// separates the keys of different columns (HKDF).
  sealed_box(const keyring& ring, std::string_view purpose, random_source& random);

  [[nodiscard]] std::string seal(std::string_view plain, std::string_view place) const;
  /// Nothing when the key is unknown, the text was changed, cut or moved: the caller learns no more.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view place) const;
  /// The id of the key that `sealed` names, to find what must be sealed again after a rotation.
  [[nodiscard]] static std::optional<std::string> key_id_of(std::string_view sealed);

private:
  struct context_free {
    void operator()(evp_cipher_ctx_st* context) const noexcept;
  };
  using cipher_context = std::unique_ptr<evp_cipher_ctx_st, context_free>;
  /// A key of the ring, derived for the purpose and expanded once for each direction.
  struct ready_key {
    std::string id;
    cipher_context sealing;
    cipher_context opening;
  };

  static ready_key make_ready(const named_key& key, std::string_view purpose);
  /// One that was never used, good until the next call.
  std::string_view fresh_nonce() const;

  std::vector<ready_key> keys_;
  std::size_t active_ = 0; ///< its place in keys_
  random_source& random_;
  mutable std::vector<std::uint8_t> nonces_; ///< drawn in advance; no secret. A vector is empty after a move
  mutable std::size_t used_ = 0;             ///< bytes of them
};

} // namespace weappd::crypto
